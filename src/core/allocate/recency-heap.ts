/** AdaSTaR's order of problems: the least recently sampled first, the harder first among these (arXiv 2505.16322, its public code). */

import type { PastTally } from './posterior.ts'

interface Key {
  /** -1 while it was never sampled. */
  readonly iteration: number
  readonly winRate: number
}

const NEVER: Key = { iteration: -1, winRate: 0 }

/**
 * Ranks of the problems for the next iteration, 0 first.
 *
 * After an iteration with training accuracy a, only round(popped a^2) of the popped problems, in the order in which they were
 * popped, get their key updated: while the model is weak most stay in place, and easier ones come round again.
 * @param past all iterations before; its own order does not matter
 * @param ties every problem once, in the order that decides between equal keys
 */
export function heapRanks(past: readonly PastTally[], ties: readonly string[]): Map<string, number> {
  const keys = new Map<string, Key>()
  const iterations = [...Map.groupBy(past, (row) => row.iteration)].sort(([a], [b]) => a - b)
  for (const [iteration, rows] of iterations) {
    const popped = [...rows].sort((a, b) => a.firstIssue - b.firstIssue)
    const asked = popped.reduce((sum, row) => sum + row.asked, 0)
    const correct = popped.reduce((sum, row) => sum + row.correct, 0)
    const updated = asked === 0 ? 0 : Math.round(popped.length * (correct / asked) ** 2)
    for (const row of popped.slice(0, updated)) {
      keys.set(row.problem, { iteration, winRate: row.asked === 0 ? 0 : row.correct / row.asked })
    }
  }
  const keyOf = (problem: string): Key => keys.get(problem) ?? NEVER
  // Sorting is stable: equal keys keep the order of the ties.
  const order = [...ties].sort((a, b) => keyOf(a).iteration - keyOf(b).iteration || keyOf(a).winRate - keyOf(b).winRate)
  return new Map(order.map((problem, rank) => [problem, rank]))
}
