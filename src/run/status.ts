/** The status of a run, summed up from its store: the shape that people, machines and the report read. */

import { join } from 'node:path'
import { readStoredConfig } from '../config/stored.ts'
import { coverageByIteration, problemsStatus } from '../core/allocate/coverage.ts'
import { costUnitName } from '../core/budget/cost-settings.ts'
import { type LedgerInput, ledgerOf } from '../core/budget/ledger.ts'
import type { Purpose } from '../core/completion.ts'
import { accuracyInterval, type Interval, pairedDifference } from '../core/measure/statistics.ts'
import type { Problem } from '../core/problem.ts'
import type { Accuracy, CheckpointStatus, Evaluation, IterationStatus, RunState, RunStatus } from '../core/status.ts'
import type { CheckpointRow, GateRow, IterationRow } from '../store/iterations.ts'
import type { LedgerRow } from '../store/ledger.ts'
import { isLocked } from '../store/lock.ts'
import { LOCK_FILE, type Store } from '../store/store.ts'
import { healthAt } from './health.ts'
import { readStore } from './read-store.ts'

/** Everything an evaluation needs, read once. */
interface Scores {
  readonly evaluate: ReadonlyMap<string, number>
  readonly greedy: ReadonlyMap<string, number>
}

/** The status of the run in a folder. */
export function readStatus(directory: string): RunStatus {
  return readStore(directory, (store) => runStatus(store, directory))
}

/** @param directory the run folder, whose lock tells a running run from an interrupted one */
export function runStatus(store: Store, directory: string): RunStatus {
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
    costs: config.budget.costs,
    begun: rows.filter((row) => row.state !== 'planned').length,
    beside: store.endpoints.requests(),
  }
  const entries = ledgerOf(account)
  const past = store.allocation.past(Number.MAX_SAFE_INTEGER)
  const coverage = coverageByIteration(past)
  const probes = new Map(store.probes.all().map((row) => [row.iteration, row.temperature]))
  const checkpoints = store.iterations.checkpoints()
  const gates = store.iterations.gates()
  const problems = store.run.problems('evaluate')
  const base = checkpoints.find((row) => row.iteration === -1)
  const baseScores = scoresOf(store, -1)
  const measuredBy = { problems, samples: config.evaluate.samples }
  const iterations = rows.map((row): IterationStatus => {
    const made = checkpoints.find((it) => it.iteration === row.iteration && it.attempt === row.attempt)
    return {
      ...iterationNumbers(row, ledger),
      cost: costOf(row, account),
      temperature: probes.get(row.iteration) ?? null,
      coverage: coverage.get(row.iteration) ?? null,
      checkpoint: made ? checkpointStatus(made) : null,
      evaluation: evaluationOf(scoresOf(store, row.iteration), baseScores, measuredBy),
      health: healthAt(store, row, config.evaluate.samples) ?? null,
      gate: gateOf(row, gates),
      decision: store.iterations.decision(row.iteration) ?? null,
    }
  })
  const sum = (of: (row: IterationStatus) => number): number => iterations.reduce((total, row) => total + of(row), 0)
  return {
    name: run.name,
    state: presentState(run.state, isLocked(join(directory, LOCK_FILE))),
    reason: run.reason,
    costUnit: costUnitName(config.budget.costs),
    base: {
      checkpoint: base ? checkpointStatus(base) : null,
      evaluation: evaluationOf(baseScores, undefined, measuredBy),
    },
    iterations,
    ledger: entries,
    problems: problemsStatus(past, store.run.count('train'), config.budget.posterior),
    totals: {
      accepted: sum((row) => row.accepted),
      sampled: sum((row) => row.sampled),
      correct: sum((row) => row.correct),
      surplus: sum((row) => row.surplus),
      truncated: sum((row) => row.truncated),
      failed: sum((row) => row.failed),
      retried: store.ledger.retried(),
      cached: entries.reduce((total, entry) => total + entry.cached, 0),
      cost: entries.reduce((total, entry) => total + entry.cost, 0),
      tokens: store.ledger.totals().tokens,
      seconds: store.ledger.seconds(),
    },
  }
}

/** A run that calls itself running while nobody holds its lock was killed. */
function presentState(stored: RunState, locked: boolean): RunState {
  if (locked) return 'running'
  return stored === 'running' ? 'interrupted' : stored
}

type IterationNumbers = Omit<
  IterationStatus,
  'cost' | 'temperature' | 'coverage' | 'checkpoint' | 'evaluation' | 'health' | 'gate' | 'decision'
>

function iterationNumbers(row: IterationRow, ledger: readonly LedgerRow[]): IterationNumbers {
  const own = ledger.filter((it) => it.purpose === 'train' && it.iteration === row.iteration)
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
    failed: count((it) => it.finishReason === 'failed'),
    hinted: ledger
      .filter((it) => it.purpose === 'hint' && it.iteration === row.iteration && it.disposition === 'accepted')
      .reduce((sum, it) => sum + it.completions, 0),
    acceptanceRate: sampled === 0 ? null : eligible / sampled,
  }
}

function costOf({ iteration, state }: IterationRow, account: LedgerInput): number {
  const isOwn = (row: { readonly iteration: number }): boolean => row.iteration === iteration
  const entries = ledgerOf({
    draws: account.draws.filter(isOwn),
    retries: account.retries.filter(isOwn),
    activity: account.activity.filter(isOwn),
    trained: account.trained?.filter(isOwn) ?? [],
    costs: account.costs,
    begun: state === 'planned' ? 0 : 1,
  })
  return entries.reduce((sum, entry) => sum + entry.cost, 0)
}

function checkpointStatus(row: CheckpointRow): CheckpointStatus {
  return { path: row.path, hash: row.hash, weights: row.proven ? 'proven' : 'unproven' }
}

function gateOf(row: IterationRow, gates: readonly GateRow[]): IterationStatus['gate'] {
  const found = gates.find((it) => it.iteration === row.iteration && it.attempt === row.attempt)
  return found ? { decision: found.decision, difference: found.difference, low: found.low, high: found.high } : null
}

function scoresOf(store: Store, iteration: number): Scores {
  const of = (purpose: Purpose): Map<string, number> => store.completions.scores(purpose, iteration)
  return { evaluate: of('evaluate'), greedy: of('greedy') }
}

/** null until every problem has been measured: half a measurement is of the half that was quicker. */
function evaluationOf(
  scores: Scores,
  base: Scores | undefined,
  { problems, samples }: { readonly problems: readonly Problem[]; readonly samples: number },
): Evaluation | null {
  const isWhole = (measured: ReadonlyMap<string, number>): boolean =>
    measured.size > 0 && measured.size === problems.length
  if (!isWhole(scores.evaluate)) return null
  const greedy = isWhole(scores.greedy) ? scores.greedy : undefined
  const byLevel = Map.groupBy(
    problems.filter((problem) => problem.level !== undefined),
    (problem) => problem.level ?? '',
  )
  return {
    ...accuracyOf([...scores.evaluate.values()], samples),
    greedy: greedy ? accuracyOf([...greedy.values()], 1) : null,
    levels: Object.fromEntries(
      [...byLevel].map(([level, own]) => [
        level,
        accuracyOf(
          own.map((problem) => scores.evaluate.get(problem.id) ?? 0),
          samples,
        ),
      ]),
    ),
    gain: base && isWhole(base.evaluate) ? toAccuracy(pairedDifference(base.evaluate, scores.evaluate)) : null,
    greedyGain: base && greedy && isWhole(base.greedy) ? toAccuracy(pairedDifference(base.greedy, greedy)) : null,
  }
}

function accuracyOf(scores: readonly number[], samples: number): Accuracy {
  return toAccuracy(accuracyInterval(scores, { samples }))
}

function toAccuracy(interval: Interval): Accuracy {
  return { accuracy: interval.mean, low: interval.low, high: interval.high, n: interval.n }
}
