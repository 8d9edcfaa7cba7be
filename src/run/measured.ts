/** What was measured of checkpoints: evaluation and health, worked out from their answers once and kept next to the sums. */

import { accessSync, constants, readFileSync } from 'node:fs'
import type { RunConfig } from '../config/schema.ts'
import { readStoredConfig } from '../config/stored.ts'
import type { Purpose } from '../core/completion.ts'
import { accuracyInterval } from '../core/measure/accuracy.ts'
import { type Interval, pairedDifference, pairingSaved } from '../core/measure/intervals.ts'
import type { Problem } from '../core/problem.ts'
import type { Accuracy, Evaluation, IterationStatus } from '../core/status.ts'
import type { IterationRow } from '../store/iterations.ts'
import { isLocked } from '../store/lock.ts'
import { databaseFile, lockFile } from '../store/place/place.ts'
import { openStore, type Store } from '../store/store.ts'
import { healthAt } from './health.ts'

export type Measured = Pick<IterationStatus, 'evaluation' | 'health'>

export interface Measurements {
  base(): Evaluation | null
  of(row: Pick<IterationRow, 'iteration' | 'attempt'>): Measured
}

/** What every checkpoint of the run was measured at: as it was kept where that still holds, else worked out now. */
export function measurements(store: Store, config: RunConfig): Measurements {
  const { samples } = config.evaluate
  const kept = store.sums.summaries(versionOf(config))
  let problems: readonly Problem[] | undefined
  let base: Scores | undefined
  const own = (): { problems: readonly Problem[]; base: Scores } => {
    problems ??= store.run.problems('evaluate')
    base ??= scoresOf(store, -1)
    return { problems, base }
  }
  return {
    base: () => evaluationOf(own().base, undefined, { ...own(), samples }),
    of(row) {
      const summary = kept.get(row.iteration)
      if (summary !== undefined) return JSON.parse(summary) as Measured
      const { problems: asked, base: before } = own()
      return {
        evaluation: evaluationOf(scoresOf(store, row.iteration), before, { problems: asked, samples }),
        health: healthAt(store, row, config) ?? null,
      }
    },
  }
}

/**
 * Stores the sums of every iteration that has ended, what its checkpoint was measured at, and its problems' tallies. Whatever of it
 * changes later is forgotten by the store and made again here.
 */
export function sumUpEnded(store: Store): void {
  const run = store.run.read()
  if (!run) return
  const config = readStoredConfig(run.config)
  const rows = store.iterations.all()
  const isOver = ({ state }: IterationRow): boolean => state === 'done' || state === 'rejected'
  const firstOpen = rows.findIndex((row) => !isOver(row))
  const ended = firstOpen < 0 ? rows : rows.slice(0, firstOpen)
  const last = ended.at(-1)
  if (!last) return
  store.sums.close(last.iteration)
  store.problemSums.advance(config.budget.posterior.memory)
  const version = versionOf(config)
  const kept = store.sums.summaries(version)
  const due = ended.filter(({ iteration }) => !kept.has(iteration))
  if (due.length === 0) return
  const measured = measurements(store, config)
  for (const row of due) store.sums.addSummary(row.iteration, version, JSON.stringify(measured.of(row)))
}

/** The same for a run that nobody is at work on; a folder that cannot be written stays as it is, and is counted again. */
export function sumUpFolder(directory: string): void {
  if (isLocked(lockFile(directory)) || !isWritable(directory)) return
  const store = openStore(directory)
  try {
    sumUpEnded(store)
  } catch (error) {
    throw store.explain(error)
  } finally {
    store.close()
  }
}

function isWritable(directory: string): boolean {
  try {
    accessSync(directory, constants.W_OK)
    accessSync(databaseFile(directory), constants.W_OK)
    return true
  } catch {
    return false
  }
}

/** Another program may work intervals out in another way; the samples decide which answers are of which attempt. */
function versionOf({ evaluate }: RunConfig): string {
  program ??= (JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as { version: string })
    .version
  return `${program}/${evaluate.samples}/${SHAPE}`
}
let program: string | undefined
/** Of what is kept: fields have been added, and accuracies have other bounds. */
const SHAPE = 3

/** Everything an evaluation needs, read once. */
interface Scores {
  readonly evaluate: ReadonlyMap<string, number>
  readonly greedy: ReadonlyMap<string, number>
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
    gainSaved: base && isWhole(base.evaluate) ? pairingSaved(base.evaluate, scores.evaluate) : null,
    greedyGain: base && greedy && isWhole(base.greedy) ? toAccuracy(pairedDifference(base.greedy, greedy)) : null,
  }
}

function accuracyOf(scores: readonly number[], samples: number): Accuracy {
  return toAccuracy(accuracyInterval(scores, { samples }))
}

function toAccuracy(interval: Interval): Accuracy {
  return { accuracy: interval.mean, low: interval.low, high: interval.high, n: interval.n }
}
