/** What a simulation can be run with: the budget policies, and the allocations that need to know the whole budget. */

import type { Costs } from '../core/budget/costs.ts'
import { leastVarianceSizes, pricesOf, roundWithin } from '../core/budget/least-variance.ts'
import { priceAt } from '../core/budget/next-target.ts'
import { type BudgetPolicy, budgetAt } from '../core/budget/policy.ts'
import { constantsOf, type GaussianModel, gaussianStates, noiselessRates } from './gaussian.ts'

type Prices = Pick<Costs, 'sample' | 'train'>

/** Least variance after the last iteration at a cost of c_g N + c_t n; at a sum of n_t (theorem 3.1) with c_g = 0 and c_t = 1. */
export interface Allocation {
  readonly kind: 'optimal'
  readonly total: number
}

/**
 * n_t of every iteration: whole numbers of at least 1. A cost-aware policy goes by the expected acceptance rate of the iteration before.
 * @returns undefined where the total of an allocation does not pay for one in each
 */
export function sizesOf(
  model: GaussianModel,
  choice: BudgetPolicy | Allocation,
  costs: Prices,
  iterations: number,
): number[] | undefined {
  switch (choice.kind) {
    case 'optimal': {
      const found = optimalSizes(model, costs, choice.total, iterations, 1)
      return found && roundWithin(found.sizes, found.prices, choice.total)
    }
    case 'cost-aware':
      return costAwareSizes(model, choice, costs, iterations)
    default:
      return Array.from({ length: iterations }, (_, t) => budgetAt(choice, t))
  }
}

function costAwareSizes(model: GaussianModel, policy: BudgetPolicy, costs: Prices, iterations: number): number[] {
  const sizes: number[] = []
  let first: number | undefined
  let newest = 1
  // The states are asked for one by one, each after its size has been set by those before.
  const states = gaussianStates(
    model,
    (function* () {
      for (let t = 0; t < iterations; t++) {
        const size = budgetAt(policy, t, newest / (first ?? newest))
        sizes.push(size)
        yield size
      }
    })(),
  )
  for (const { n, expectedSamples } of states) {
    newest = priceAt(costs, n / expectedSamples)
    first ??= newest
  }
  return sizes
}

/** Enough for twelve digits in all settings of the tables; the prices hardly depend on the noise. */
const ROUNDS = 40

/**
 * n_t proportional to lambda^-t / sqrt(w_t), whose expected cost is the total: w_t = c_t + c_g E N_t / n_t, the noise of the
 * iterations before included, which depends on their sizes; so it is found by going round.
 * @returns undefined where the total does not pay for `atLeast` in each iteration
 */
export function optimalSizes(
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
