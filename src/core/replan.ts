/** The rest of a run, solved again before each iteration: what is left of the budget, at the prices and the progress measured so far. */

import type { Costs } from './budget.ts'
import { type ContractionPrior, estimateContraction, type ProgressSeries } from './contraction.ts'
import type { PolicyDecision } from './decision.ts'
import { solvePlan } from './solve.ts'
import type { RunBudget } from './targets.ts'

export interface ReplanInput {
  /** Only the unit, the batch size and the number of iterations are looked at. */
  readonly budget: Pick<RunBudget, 'unit' | 'batchSize' | 'iterations'>
  readonly prior: ContractionPrior
  readonly costs: Costs
  /** The iteration that is planned, from 0. */
  readonly iteration: number
  /** What is left of the budget for it and all after it, in the unit of the costs. */
  readonly left: number
  /** Newest acceptance rate, in (0, 1]; that of the gate split, or of a pilot, before the first iteration. */
  readonly rate: number
  /** n_t of the updates that the loop builds on, and what they brought. */
  readonly sizes: readonly number[]
  readonly series: readonly ProgressSeries[]
  /** n_t of the iteration before, in the unit; undefined at the first. */
  readonly before: number | undefined
  /** n_0 where it is fixed. */
  readonly initial: number | null
}

/**
 * n_t and growth such that the iterations left spend what is left with the least variance at their end.
 * @returns undefined where one trace in each of them cannot be paid
 */
export function replan(input: ReplanInput): PolicyDecision | undefined {
  const { budget, iteration, left, rate, costs, before } = input
  const estimate = estimateContraction(input.sizes, input.series, input.prior)
  const iterations = Math.max(1, budget.iterations - iteration)
  const solution = solvePlan(
    {
      unit: budget.unit,
      batchSize: budget.batchSize,
      iterations,
      policy: { kind: 'exponential', initial: 1, growth: 1 / estimate.mean },
      costs,
      acceptanceRate: rate,
      available: left,
    },
    { kind: 'growth-and-initial', contraction: estimate.mean },
  )
  if (solution.kind !== 'solved' || solution.policy.kind !== 'exponential') return undefined
  const { growth } = solution.policy
  const size = iteration === 0 ? (input.initial ?? solution.policy.initial) : solution.policy.initial
  const kind = before === undefined ? 'start' : size > before ? 'grow' : 'hold'
  const interval = `1/lambda is ${(1 / estimate.mean).toFixed(3)} (80%: ${(1 / estimate.high).toFixed(3)} to ${(1 / estimate.low).toFixed(3)})`
  const reason = `Plans ${size} now and ${growth.toFixed(3)} times more each time: ${iterations === 1 ? '1 iteration is' : `${iterations} iterations are`} to spend ${Math.round(left)} at an acceptance rate of ${(100 * rate).toFixed(1)}%; ${interval}.`
  return { kind, size, growth, low: 1 / estimate.high, high: 1 / estimate.low, reason }
}
