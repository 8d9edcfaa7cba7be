/** What a simulation can be run with: the budget policies, and the allocations that need to know the whole budget. */

import type { Costs } from '../core/budget.ts'
import { type BudgetPolicy, budgetAt } from '../core/policy.ts'
import { leastVarianceSizes, pricesOf, roundWithin } from './allocation.ts'
import { constantsOf, type GaussianModel, gaussianStates, noiselessRates } from './gaussian.ts'

export const ALLOCATION_KINDS = ['optimal', 'cost-aware'] as const

type Prices = Pick<Costs, 'sample' | 'train'>

/** Least variance after the last iteration: at a sum of n_t (theorem 3.1), or at a cost of c_g N + c_t n. */
export type Allocation =
  | { readonly kind: 'optimal'; readonly total: number }
  | { readonly kind: 'cost-aware'; readonly total: number; readonly costs: Prices }

/** n_t of every iteration: whole numbers of at least 1. undefined where the total does not pay for one in each. */
export function sizesOf(
  model: GaussianModel,
  choice: BudgetPolicy | Allocation,
  iterations: number,
): number[] | undefined {
  switch (choice.kind) {
    case 'optimal': {
      const prices = Array<number>(iterations).fill(1)
      if (iterations > choice.total) return undefined
      const sizes = leastVarianceSizes(constantsOf(model).contraction, prices, choice.total, 1)
      return roundWithin(sizes, prices, choice.total)
    }
    case 'cost-aware': {
      const found = costAwareSizes(model, choice.costs, choice.total, iterations, 1)
      return found && roundWithin(found.sizes, found.prices, choice.total)
    }
    default:
      return Array.from({ length: iterations }, (_, t) => budgetAt(choice, t))
  }
}

/** Enough for twelve digits in all settings of the tables; the prices hardly depend on the noise. */
const ROUNDS = 40

/**
 * n_t proportional to lambda^-t / sqrt(w_t), whose expected cost is the total: w_t = c_t + c_g E N_t / n_t, the noise of the
 * iterations before included, which depends on their sizes; so it is found by going round.
 * @returns undefined where the total does not pay for `atLeast` in each iteration
 */
export function costAwareSizes(
  model: GaussianModel,
  costs: Prices,
  total: number,
  iterations: number,
  atLeast: number,
): { readonly sizes: readonly number[]; readonly prices: readonly number[] } | undefined {
  const { contraction } = constantsOf(model)
  let prices = pricesOf(costs, noiselessRates(model, iterations))
  for (let round = 0; ; round++) {
    if (!(prices.reduce((sum, price) => sum + price, 0) * atLeast <= total)) return undefined
    const sizes = leastVarianceSizes(contraction, prices, total, atLeast)
    if (round === ROUNDS) return { sizes, prices }
    const rates = [...gaussianStates(model, sizes)].map(({ n, expectedSamples }) => n / expectedSamples)
    prices = pricesOf(costs, rates)
  }
}
