/** What a run asks for in all: its policy, iteration by iteration, within a total. */

import { type BudgetPolicy, type BudgetUnit, type Target, targetAt } from './policy.ts'

export interface RunBudget {
  readonly policy: BudgetPolicy
  readonly unit: BudgetUnit
  /** Accepted traces in a batch; only unit `batches` looks at it. */
  readonly batchSize?: number | undefined
  readonly iterations: number
  /** Most of the unit over the whole run; left out or null where the iterations alone decide. */
  readonly total?: number | null | undefined
}

/** The targets of all iterations; fewer than `iterations` where the total is reached before. Never empty. */
export function runTargets({ policy, unit, batchSize, iterations, total }: RunBudget): Target[] {
  const batch = unit === 'batches' ? (batchSize ?? 1) : 1
  const targets = Array.from({ length: iterations }, (_, t) => targetAt(policy, unit, batch, t))
  if (total === null || total === undefined) return targets
  const kind = unit === 'sampled' ? 'sampled' : 'accepted'
  const counts = targets.map(({ count }) => count / batch)
  return clampPlan(counts, total).map((count) => ({ kind, count: count * batch }))
}

/**
 * A plan within a total: the iteration that would pass it gets what is left and is the last. Where that is less than half of
 * what was asked for there, it is too small to be worth an iteration, and goes to the one before.
 * @param counts whole numbers of at least 1
 * @param total a whole number of at least 1
 * @example clampPlan([10, 20, 40], 45) is [10, 35]; clampPlan([10, 20, 40], 55) is [10, 20, 25]
 */
export function clampPlan(counts: readonly number[], total: number): number[] {
  const out: number[] = []
  let left = total
  for (const count of counts) {
    if (left === 0) break
    const before = out.at(-1)
    if (before !== undefined && left < count / 2) {
      out[out.length - 1] = before + left
      break
    }
    out.push(Math.min(count, left))
    left -= Math.min(count, left)
  }
  return out
}
