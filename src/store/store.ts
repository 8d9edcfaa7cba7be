/** The store of one run: its SQLite file and every query on it. Nothing outside this room writes SQL. */

import { existsSync } from 'node:fs'
import { type AllocationQueries, allocationQueries } from './allocation.ts'
import { type AnswerQueries, answerQueries } from './browse/answers.ts'
import { type ExternalBrowseQueries, externalBrowseQueries } from './browse/external.ts'
import { type BrowseQueries, browseQueries } from './browse/rows.ts'
import { type TraceDetailQueries, traceDetailQueries } from './browse/trace.ts'
import { type CompletionQueries, completionQueries } from './completions.ts'
import { type EndpointQueries, endpointQueries } from './endpoints.ts'
import { type ExportQueries, exportQueries } from './exports.ts'
import { type ExternalQueries, externalQueries } from './external/rows.ts'
import { type FleetQueries, fleetQueries } from './fleet/members.ts'
import { type HandOverQueries, handOverQueries } from './hand-overs.ts'
import { openFileAt, requireInPlace } from './in-place.ts'
import { type IterationQueries, iterationQueries } from './iterations.ts'
import { type LabelQueries, labelQueries } from './labels.ts'
import { type LedgerQueries, ledgerQueries } from './ledger.ts'
import { databaseFile, lockFile, openPlaced } from './place/place.ts'
import { type ProbeQueries, probeQueries } from './probes.ts'
import { type ProblemSumQueries, problemSumQueries } from './problem-sums.ts'
import { type RunQueries, runQueries } from './runs.ts'
import { asStoreError } from './sqlite-error.ts'
import { type SumQueries, sumQueries } from './sums.ts'
import { type ThoughtQueries, type TokenIdQueries, thoughtQueries, tokenIdQueries } from './token-ids.ts'
import { type TraceQueries, traceQueries } from './traces.ts'
import { type VerdictQueries, type VoteQueries, verdictQueries, voteQueries } from './verdicts.ts'

export interface Store {
  readonly path: string
  readonly run: RunQueries
  readonly answers: AnswerQueries
  readonly browse: BrowseQueries
  readonly completions: CompletionQueries
  readonly detail: TraceDetailQueries
  readonly endpoints: EndpointQueries
  readonly exports: ExportQueries
  readonly external: ExternalQueries
  readonly externalBrowse: ExternalBrowseQueries
  readonly iterations: IterationQueries
  readonly allocation: AllocationQueries
  readonly fleet: FleetQueries
  readonly handOvers: HandOverQueries
  readonly probes: ProbeQueries
  readonly labels: LabelQueries
  readonly sums: SumQueries
  readonly problemSums: ProblemSumQueries
  readonly ledger: LedgerQueries
  readonly tokenIds: TokenIdQueries
  readonly thoughts: ThoughtQueries
  readonly traces: TraceQueries
  readonly verdicts: VerdictQueries
  readonly votes: VoteQueries
  /** @throws StoreError where the database or the lock at its path is gone, or another file by now */
  requireInPlace(): void
  /** The error as a sentence, when it is SQLite's. */
  explain(error: unknown): unknown
  close(): void
}

/**
 * Opens a run's store.
 * @param directory the run folder
 * @throws StoreError when it is from a newer version, not a database, another run's, or (read-only) not there
 */
export function openStore(directory: string, options: { readonly readonly?: boolean } = {}): Store {
  const db = openPlaced(directory, options)
  const path = databaseFile(directory)
  const sums = sumQueries(db)
  const files = [path, lockFile(directory)].filter((file) => existsSync(file)).map(openFileAt)
  return {
    path,
    run: runQueries(db),
    answers: answerQueries(db),
    browse: browseQueries(db),
    completions: completionQueries(db),
    detail: traceDetailQueries(db),
    endpoints: endpointQueries(db),
    exports: exportQueries(db),
    external: externalQueries(db),
    externalBrowse: externalBrowseQueries(db),
    iterations: iterationQueries(db),
    allocation: allocationQueries(db),
    fleet: fleetQueries(db),
    handOvers: handOverQueries(db),
    probes: probeQueries(db),
    labels: labelQueries(db),
    ledger: ledgerQueries(db, sums.open),
    sums,
    problemSums: problemSumQueries(db),
    tokenIds: tokenIdQueries(db),
    thoughts: thoughtQueries(db),
    traces: traceQueries(db),
    verdicts: verdictQueries(db),
    votes: voteQueries(db),
    requireInPlace: () => requireInPlace(files),
    explain: (error) => asStoreError(error, path),
    close: () => void db.close(),
  }
}
