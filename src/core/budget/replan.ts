/** The rest of a run, solved again before each iteration: what is left of the budget, at the prices and the progress measured so far. */

import {
  type ContractionPrior,
  estimateContraction,
  type ProgressPoint,
  type ProgressSeries,
  weighContractions,
} from './contraction.ts'
import type { Costs } from './costs.ts'
import { leastVarianceSizes, pricesOf } from './least-variance.ts'
import type { RunBudget } from './next-target.ts'
import { rateAt } from './plan.ts'
import type { PolicyDecision } from './policy-decision.ts'

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
  /** Updates that the weights had from which that rate was measured: mostly one fewer than those of the iteration. */
  readonly measuredAt: number
  /** Acceptance rates of the iterations left where somebody says them, the last one standing for those after it; left out, they are estimated. */
  readonly rates?: readonly number[]
  /** n_t of the updates that the loop builds on, and what they brought. */
  readonly sizes: readonly number[]
  readonly gate: ProgressSeries
  readonly acceptance: ProgressSeries
  /** n_t of the iteration before, in the unit; undefined at the first. */
  readonly before: number | undefined
  /** n_0 where it is fixed. */
  readonly initial: number | null
}

/**
 * n_t such that the iterations left spend what is left with the least variance at their end: proportional to lambda^-t / sqrt(w_t), at
 * the acceptance rates that are expected of them. `growth` is the mean factor from one to the next.
 * @returns undefined where one trace in each of them cannot be paid
 */
export function replan(input: ReplanInput): PolicyDecision | undefined {
  const { budget, iteration, left, rate, costs, before } = input
  const estimate = estimateContraction(input.sizes, [input.gate, input.acceptance], input.prior)
  const iterations = Math.max(1, budget.iterations - iteration)
  const batch = budget.unit === 'batches' ? (budget.batchSize ?? 1) : 1
  const rates = input.rates
    ? Array.from({ length: iterations }, (_, ahead) => rateAt(input.rates ?? [], ahead))
    : expectedRates(input, estimate.mean, iterations)
  const prices = pricesOf(costs, rates).map((price) => price * batch)
  const available = left - iterations * costs.iteration
  if (prices.reduce((sum, price) => sum + price, 0) > available) return undefined
  const planned = leastVarianceSizes(estimate.mean, prices, available, 1)
  const [now = 1] = planned
  const steps = planned.length - 1
  const growth = steps === 0 ? 1 / estimate.mean : Math.max(1, ((planned.at(-1) ?? now) / now) ** (1 / steps))
  const solved = steps === 0 ? Math.floor(now) : Math.floor(now + 0.5)
  const size = iteration === 0 ? (input.initial ?? solved) : solved
  const kind = before === undefined ? 'start' : size > before ? 'grow' : 'hold'
  const interval = `1/lambda is ${(1 / estimate.mean).toFixed(3)} (80%: ${(1 / estimate.high).toFixed(3)} to ${(1 / estimate.low).toFixed(3)})`
  const reason = `Plans ${size} now and ${growth.toFixed(3)} times more each time: ${iterations === 1 ? '1 iteration is' : `${iterations} iterations are`} to spend ${amountIn(left)} at an acceptance rate of ${(100 * rate).toFixed(1)}%; ${interval}.`
  return { kind, size, growth, low: 1 / estimate.high, high: 1 / estimate.low, reason }
}

/** Answers that an anchor counts for where there is no iteration yet: it only has to be near. */
const ANCHOR_ANSWERS = 200

/** Acceptance rates of the iterations left: the newest one, and what the fitted curve says it rises to as the bias goes. */
function expectedRates(
  { rate, measuredAt, sizes, acceptance }: ReplanInput,
  contraction: number,
  iterations: number,
): number[] {
  const anchor: ProgressPoint = { updates: measuredAt, share: rate, answers: ANCHOR_ANSWERS }
  const series = acceptance.length > 0 ? acceptance : [anchor]
  const fit = weighContractions(sizes, [series], { contraction, spread: 0 })[0]?.fits[0]
  const bias = Math.max(0, fit?.mean[1] ?? 0)
  const biasAt = (updates: number): number => bias * contraction ** (2 * updates)
  return Array.from({ length: iterations }, (_, ahead) =>
    Math.min(1, rate * Math.exp(biasAt(measuredAt) - biasAt(sizes.length + ahead))),
  )
}

function amountIn(left: number): string {
  return left >= 1e9 ? left.toExponential(2) : String(left < 100 ? Number(left.toPrecision(3)) : Math.round(left))
}
