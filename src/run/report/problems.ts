/** Single problems for the report: those that flipped, and those that were never solved. */

import type { RunConfig } from '../../config/schema.ts'
import type { RunStatus } from '../../core/status.ts'
import type { ReportFlip, ReportFlips, ReportHardProblem } from '../../report/view.ts'
import type { Store } from '../../store/store.ts'
import { type DiffRow, diffAnswers, MEASURED_PURPOSES } from '../diff.ts'
import { askedBefore } from '../problem-tallies.ts'

/** Rows of each kind on the page. */
const MOST_FLIPS = 20
const MOST_HARD = 20
/** Samples of one problem that its most frequent answer is taken from. */
const MOST_SAMPLES = 1_000

/** Between the base and the last checkpoint that the gate let through; null where these are not both measured. */
export function flipsOf(store: Store, status: RunStatus): ReportFlips | null {
  const last = status.iterations.findLast((row) => row.state !== 'rejected' && row.evaluation !== null)
  if (!last || !status.base.evaluation) return null
  for (const purpose of MEASURED_PURPOSES.filter((each) => each !== 'gate')) {
    const [before, after] = [store.answers.of(purpose, -1), store.answers.of(purpose, last.iteration)]
    if (before.length === 0 || after.length === 0) continue
    const { rows, gained, lost, p } = diffAnswers(before, after)
    const kinds = [rows.filter(({ a, b }) => !a.solved && b.solved), rows.filter(({ a, b }) => a.solved && !b.solved)]
    const shown = kinds.flatMap((kind) => kind.slice(0, MOST_FLIPS)).map(toFlip)
    return { from: -1, to: last.iteration, purpose, gained, lost, p, rows: shown }
  }
  return null
}

function toFlip({ problem, question, gold, a, b }: DiffRow): ReportFlip {
  return { problem, question, gold, solved: b.solved, before: a.extracted, after: b.extracted }
}

/** Training problems by how often they were asked in vain. */
export function hardProblems(store: Store, { budget }: RunConfig): ReportHardProblem[] {
  const hardest = [...askedBefore(store, Number.MAX_SAFE_INTEGER, budget.posterior)]
    .filter(([, { asked, solved }]) => asked > 1 && !solved)
    .sort(([a, { asked }], [b, { asked: others }]) => others - asked || (a < b ? -1 : 1))
    .slice(0, MOST_HARD)
  return hardest.flatMap(([id, { asked: times }]): ReportHardProblem[] => {
    const problem = store.detail.problem(id)
    if (!problem) return []
    const { question, gold, level } = problem
    return [{ problem: id, question, gold, level, asked: times, said: mostFrequent(store, problem.number) }]
  })
}

function mostFrequent(store: Store, number: number): ReportHardProblem['said'] {
  const samples = store.detail.samples(number, MOST_SAMPLES).filter(({ purpose }) => purpose === 'train')
  const answers = Map.groupBy(samples, ({ extracted }) => extracted)
  answers.delete(null)
  const [first] = [...answers].sort(([, a], [, b]) => b.length - a.length)
  return first?.[0] ? { answer: first[0], share: first[1].length / samples.length } : null
}
