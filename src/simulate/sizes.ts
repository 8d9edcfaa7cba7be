/** What a simulation can be run with: the budget policies, and the allocations that need to know the whole budget. */

import type { Costs } from '../core/budget.ts'
import { type BudgetPolicy, budgetAt } from '../core/policy.ts'
import { leastVarianceSizes, pricesOf, roundWithin } from './allocation.ts'
import { constantsOf, type GaussianModel, noiselessRates } from './gaussian.ts'

export const ALLOCATION_KINDS = ['optimal', 'cost-aware'] as const

/** Least variance after the last iteration: at a sum of n_t (theorem 3.1), or at a cost of c_g N + c_t n. */
export type Allocation =
  | { readonly kind: 'optimal'; readonly total: number }
  | { readonly kind: 'cost-aware'; readonly total: number; readonly costs: Pick<Costs, 'sample' | 'train'> }

/** n_t of every iteration: whole numbers of at least 1. undefined where the total does not pay for one in each. */
export function sizesOf(
  model: GaussianModel,
  choice: BudgetPolicy | Allocation,
  iterations: number,
): number[] | undefined {
  switch (choice.kind) {
    case 'optimal':
      return allocated(model, Array<number>(iterations).fill(1), choice.total)
    case 'cost-aware':
      return allocated(model, pricesOf(choice.costs, noiselessRates(model, iterations)), choice.total)
    default:
      return Array.from({ length: iterations }, (_, t) => budgetAt(choice, t))
  }
}

function allocated(model: GaussianModel, prices: readonly number[], total: number): number[] | undefined {
  if (prices.reduce((sum, price) => sum + price, 0) > total) return undefined
  return roundWithin(leastVarianceSizes(constantsOf(model).contraction, prices, total, 1), prices, total)
}
