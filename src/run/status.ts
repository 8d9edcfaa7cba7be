/** The status of a run, summed up from its store: the shape that people, machines and the report read. */

import type { RunConfig } from '../config/schema.ts'
import { readStoredConfig } from '../config/stored.ts'
import { type CarriedTally, carryOn, problemsStatus } from '../core/allocate/coverage.ts'
import { costUnitName } from '../core/budget/cost-settings.ts'
import { type LedgerInput, ledgerOf } from '../core/budget/ledger.ts'
import type { CheckpointStatus, IterationStatus, RunNumbers, RunState, RunStatus } from '../core/status.ts'
import type { CheckpointRow, IterationRow } from '../store/iterations.ts'
import type { LedgerRow } from '../store/ledger.ts'
import { isLocked } from '../store/lock.ts'
import { lockFile } from '../store/place/place.ts'
import type { Store } from '../store/store.ts'
import { type GateReading, readGates } from './health.ts'
import { measurements, sumUpFolder } from './measured.ts'
import { readStore } from './read-store.ts'

/** The status of the run in a folder. */
export function readStatus(directory: string): RunStatus {
  const read = (): RunStatus | undefined =>
    readStore(directory, (store) => (store.sums.open().length > FEW ? undefined : runStatus(store, directory)))
  const status = read()
  if (status) return status
  // A run of an older program, or one whose verdicts have all changed: counted once for everybody who asks later.
  sumUpFolder(directory)
  return readStore(directory, (store) => runStatus(store, directory))
}

/** Iterations without stored sums that are counted each time they are asked for. */
const FEW = 3

/** @param directory the run folder, whose lock tells a running run from an interrupted one */
export function runStatus(store: Store, directory: string): RunStatus {
  const { config, ...numbers } = runNumbers(store, directory)
  const problems = problemsStatus(tallies(store, config), store.run.count('train'), config.budget.posterior)
  return { ...numbers, problems }
}

/** Without the problems: what grows with the iterations alone, and is written again after each. */
export function runNumbers(store: Store, directory: string): RunNumbers & { readonly config: RunConfig } {
  const run = store.run.read()
  if (!run) throw new Error('the store holds no run')
  const config = readStoredConfig(run.config)
  const rows = store.iterations.all()
  const ledger = store.ledger.completions()
  const account: LedgerInput = {
    draws: ledger,
    retries: store.ledger.retries(),
    activity: store.ledger.activity(),
    trained: store.ledger.trained(),
    judged: store.votes.sums(),
    costs: config.budget.costs,
    begun: rows.filter((row) => row.state !== 'planned').length,
    beside: store.endpoints.requests(),
  }
  const entries = ledgerOf(account)
  const shares = byIteration(account, ledger)
  const coverage = new Map(store.ledger.inOrder(Number.MAX_SAFE_INTEGER).map((row) => [row.iteration, row]))
  const probes = new Map(store.probes.all().map((row) => [row.iteration, row.temperature]))
  const checkpoints = new Map(store.iterations.checkpoints().map((row) => [`${row.iteration}/${row.attempt}`, row]))
  const gates = new Map(readGates(store, config).map((row) => [`${row.iteration}/${row.attempt}`, row]))
  const decisions = store.iterations.decisions()
  const thoughts = store.thoughts.byIteration()
  const measured = measurements(store, config)
  const base = checkpoints.get('-1/0')
  const iterations = rows.map((row): IterationStatus => {
    const attempt = `${row.iteration}/${row.attempt}`
    const made = checkpoints.get(attempt)
    const own = shares.get(row.iteration) ?? NO_SHARE
    const { asked = 0, solved = 0 } = coverage.get(row.iteration) ?? {}
    return {
      ...iterationNumbers(row, own.draws),
      cost: costOf(row, own, config.budget.costs),
      thinking: thoughts.get(row.iteration) ?? null,
      temperature: probes.get(row.iteration) ?? null,
      coverage: asked === 0 ? null : { asked, solved },
      checkpoint: made ? checkpointStatus(made) : null,
      ...measured.of(row),
      gate: gateOf(gates.get(attempt)),
      decision: decisions.get(row.iteration) ?? null,
    }
  })
  const sum = (of: (row: IterationStatus) => number): number => iterations.reduce((total, row) => total + of(row), 0)
  return {
    config,
    name: run.name,
    state: presentState(run.state, isLocked(lockFile(directory))),
    reason: run.reason,
    costUnit: costUnitName(config.budget.costs),
    base: {
      checkpoint: base ? checkpointStatus(base) : null,
      evaluation: measured.base(),
    },
    iterations,
    extensions: store.run.extensions(),
    external: store.external.counts(),
    ledger: entries,
    totals: {
      accepted: sum((row) => row.accepted),
      sampled: sum((row) => row.sampled),
      correct: sum((row) => row.correct),
      surplus: sum((row) => row.surplus),
      truncated: sum((row) => row.truncated),
      tooLong: sum((row) => row.tooLong),
      failed: sum((row) => row.failed),
      retried: store.ledger.retried(),
      cached: entries.reduce((total, entry) => total + entry.cached, 0),
      cost: entries.reduce((total, entry) => total + entry.cost, 0),
      tokens: store.ledger.totals().tokens,
      seconds: store.ledger.seconds(),
    },
  }
}

/** Of every problem that was asked, in the iterations whose sampling is closed. */
function tallies(store: Store, { budget: { posterior } }: RunConfig): CarriedTally[] {
  const through = store.problemSums.through(posterior.memory)
  const later = store.allocation.past(Number.MAX_SAFE_INTEGER, through)
  return [
    ...store.problemSums.untouched(through),
    ...carryOn(store.problemSums.touched(through), later, posterior).values(),
  ]
}

/** The account of one iteration alone. */
type Share = Pick<LedgerInput, 'retries' | 'activity'> & {
  readonly draws: readonly LedgerRow[]
  readonly trained: NonNullable<LedgerInput['trained']>
  readonly judged: NonNullable<LedgerInput['judged']>
}
const NO_SHARE: Share = { draws: [], retries: [], activity: [], trained: [], judged: [] }

function byIteration(account: LedgerInput, ledger: readonly LedgerRow[]): Map<number, Share> {
  const draws = Map.groupBy(ledger, (row) => row.iteration)
  const retries = Map.groupBy(account.retries, (row) => row.iteration)
  const activity = Map.groupBy(account.activity, (row) => row.iteration)
  const trained = Map.groupBy(account.trained ?? [], (row) => row.iteration)
  const judged = Map.groupBy(account.judged ?? [], (row) => row.iteration)
  const iterations = new Set([draws, retries, activity, trained, judged].flatMap((map) => [...map.keys()]))
  return new Map(
    [...iterations].map((iteration) => [
      iteration,
      {
        draws: draws.get(iteration) ?? [],
        retries: retries.get(iteration) ?? [],
        activity: activity.get(iteration) ?? [],
        trained: trained.get(iteration) ?? [],
        judged: judged.get(iteration) ?? [],
      },
    ]),
  )
}

/** A run that calls itself running while nobody holds its lock was killed. */
function presentState(stored: RunState, locked: boolean): RunState {
  if (locked) return 'running'
  return stored === 'running' ? 'interrupted' : stored
}

type IterationNumbers = Omit<
  IterationStatus,
  'cost' | 'thinking' | 'temperature' | 'coverage' | 'checkpoint' | 'evaluation' | 'health' | 'gate' | 'decision'
>

/** @param draws of this iteration */
function iterationNumbers(row: IterationRow, draws: readonly LedgerRow[]): IterationNumbers {
  const own = draws.filter((it) => it.purpose === 'train')
  const count = (of: (it: LedgerRow) => boolean): number => own.filter(of).reduce((sum, it) => sum + it.completions, 0)
  const sampled = count((it) => it.finishReason !== 'failed')
  const accepted = count((it) => it.disposition === 'accepted')
  const surplus = count((it) => it.disposition === 'surplus')
  const open = row.state === 'planned' || row.state === 'sampling'
  const correct = count((it) => it.verdict === 'correct' && it.finishReason === 'stop')
  const eligible = open ? correct : accepted + surplus
  return {
    iteration: row.iteration,
    state: row.state,
    target: row.target.kind === 'accepted' ? row.target.count : null,
    accepted,
    sampled,
    correct,
    surplus,
    truncated: count((it) => it.finishReason === 'length'),
    tooLong: count((it) => it.disposition === 'too-long'),
    failed: count((it) => it.finishReason === 'failed'),
    unanswered: count((it) => it.disposition === 'unanswered'),
    hinted: draws
      .filter((it) => it.purpose === 'hint' && it.disposition === 'accepted')
      .reduce((sum, it) => sum + it.completions, 0),
    acceptanceRate: sampled === 0 ? null : eligible / sampled,
  }
}

function costOf({ state }: IterationRow, share: Share, costs: LedgerInput['costs']): number {
  const entries = ledgerOf({ ...share, costs, begun: state === 'planned' ? 0 : 1 })
  return entries.reduce((sum, entry) => sum + entry.cost, 0)
}

function checkpointStatus(row: CheckpointRow): CheckpointStatus {
  return { path: row.path, hash: row.hash, weights: row.proven ? 'proven' : 'unproven' }
}

function gateOf(row: GateReading | undefined): IterationStatus['gate'] {
  if (!row) return null
  const { iteration: _, attempt: __, ...gate } = row
  return gate
}
