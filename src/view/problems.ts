/** The problems of a run with their solve rates by iteration, counted over the columns. */

import type { RunView } from './run-view.ts'
import type { ProblemList, ProblemRow } from './wire.ts'

export const PROBLEM_SORTS = ['hardest', 'easiest', 'name', 'changed'] as const
export type ProblemSort = (typeof PROBLEM_SORTS)[number]

export interface ProblemsAsked {
  /** `train`, `gate`, `evaluate`. */
  readonly split: string
  readonly sort: ProblemSort
  readonly q: string
  readonly offset: number
  readonly limit: number
}

interface Tally {
  readonly number: number
  asked: number
  correct: number
}

const PURPOSES: Readonly<Record<string, string>> = { train: 'train', gate: 'gate', evaluate: 'evaluate' }

/** Problems that were asked, in pages. */
export function problemList(
  { columns, store }: RunView,
  { split, sort, q, offset, limit }: ProblemsAsked,
): ProblemList {
  const { iteration } = columns.facets
  const iterations = iteration.values
    .slice(1)
    .map(Number)
    .sort((a, b) => a - b)
  const tallies = tallyProblems(columns, split, iterations)
  const needle = q.trim().toLowerCase()
  const all = tallies.filter(
    ({ number }) => needle === '' || (columns.problem(number)?.id.toLowerCase().includes(needle) ?? false),
  )
  const used = iterations.filter((_, slot) => all.some(({ cells }) => (cells[2 * slot] ?? 0) > 0))
  const usedSlots = used.map((it) => iterations.indexOf(it))
  all.sort(ORDER[sort])
  const rows = all.slice(offset, offset + limit).flatMap((tally): ProblemRow[] => {
    const problem = columns.problem(tally.number)
    const stored = problem && store.detail.problem(problem.id)
    if (!stored) return []
    const byIteration = usedSlots.map((slot) => {
      const asked = tally.cells[2 * slot] ?? 0
      return asked === 0 ? null : (tally.cells[2 * slot + 1] ?? 0) / asked
    })
    const { id, source, level, solveRate } = stored
    const question = stored.question.slice(0, 200)
    return [
      {
        id,
        split: stored.split,
        source,
        level,
        question,
        asked: tally.asked,
        correct: tally.correct,
        solveRate,
        byIteration,
      },
    ]
  })
  return { rows, total: all.length, iterations: used }
}

/** What every problem of a split was asked and solved, in all and by iteration: of each cell the number asked and the number correct. */
function tallyProblems(
  columns: RunView['columns'],
  split: ProblemsAsked['split'],
  iterations: readonly number[],
): Sorted[] {
  const { purpose, iteration, verdict, finish } = columns.facets
  const wanted = purpose.values.indexOf(PURPOSES[split] ?? 'train')
  const correct = verdict.values.indexOf('correct')
  const stop = finish.values.indexOf('stop')
  const failed = finish.values.indexOf('failed')
  const slots = new Map(iterations.map((it, slot) => [String(it), slot]))
  const slotOf = iteration.values.map((value) => slots.get(value) ?? 0)
  const tallies = new Map<number, Sorted>()
  for (let place = 0; place < columns.count; place++) {
    if (purpose.codes[place] !== wanted || finish.codes[place] === failed) continue
    const number = columns.problems[place] ?? 0
    let tally = tallies.get(number)
    if (tally === undefined) {
      tally = { number, asked: 0, correct: 0, cells: new Uint32Array(2 * iterations.length) }
      tallies.set(number, tally)
    }
    const slot = 2 * (slotOf[iteration.codes[place] ?? 0] ?? 0)
    tally.asked++
    tally.cells[slot] = (tally.cells[slot] ?? 0) + 1
    if (verdict.codes[place] === correct && finish.codes[place] === stop) {
      tally.correct++
      tally.cells[slot + 1] = (tally.cells[slot + 1] ?? 0) + 1
    }
  }
  return [...tallies.values()]
}

type Sorted = Tally & { readonly cells: Uint32Array }

const rate = ({ asked, correct }: Tally): number => correct / asked

/** By how far the last solve rate is from the first. */
function change({ cells }: Sorted): number {
  const rates: number[] = []
  for (let at = 0; at < cells.length; at += 2) {
    const asked = cells[at] ?? 0
    if (asked > 0) rates.push((cells[at + 1] ?? 0) / asked)
  }
  return Math.abs((rates.at(-1) ?? 0) - (rates[0] ?? 0))
}

const ORDER: Readonly<Record<ProblemSort, (a: Sorted, b: Sorted) => number>> = {
  hardest: (a, b) => rate(a) - rate(b) || b.asked - a.asked || a.number - b.number,
  easiest: (a, b) => rate(b) - rate(a) || b.asked - a.asked || a.number - b.number,
  name: (a, b) => a.number - b.number,
  changed: (a, b) => change(b) - change(a) || b.asked - a.asked || a.number - b.number,
}
