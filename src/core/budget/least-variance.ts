/** The allocation of a known budget that leaves the least variance, and its rounding to whole samples. */

import type { Costs } from './costs.ts'
import { priceAt } from './next-target.ts'

/**
 * n_t proportional to lambda^-t / sqrt(w_t), scaled to sum of w_t n_t = budget: it minimises V_T, the sum of
 * lambda^(2 (T-1-t)) / n_t. With all prices 1 it is theorem 3.1 of arXiv 2501.18962; with w_t = c_t + c_g / r_t it reckons that
 * early samples, of a poor model, are dear.
 * @param contraction lambda, in (0, 1]
 * @param prices w_t, above 0, one an iteration
 * @param atLeast no n_t is below this; needs a budget that affords it
 */
export function leastVarianceSizes(
  contraction: number,
  prices: readonly number[],
  budget: number,
  atLeast = 0,
): number[] {
  // Counted from the last iteration, so that no power overflows.
  const shape = prices.map((price, t) => contraction ** (prices.length - 1 - t) / Math.sqrt(price))
  const floored = new Set<number>()
  for (;;) {
    // What is at its floor is paid first; the others share the rest in the same proportions, which only shrinks them.
    const rest = budget - atLeast * sum([...floored].map((t) => prices[t] ?? 0))
    const scale = rest / sum(shape.map((part, t) => (floored.has(t) ? 0 : part * (prices[t] ?? 0))))
    const sizes = shape.map((part, t) => (floored.has(t) ? atLeast : part * scale))
    const below = sizes.flatMap((size, t) => (size < atLeast && !floored.has(t) ? [t] : []))
    if (below.length === 0) return sizes
    for (const t of below) floored.add(t)
  }
}

/** w_t = c_t + c_g / r_t: what an accepted sample costs, rejected ones included. */
export function pricesOf(costs: Pick<Costs, 'sample' | 'train'>, rates: readonly number[]): number[] {
  return rates.map((rate) => priceAt(costs, rate))
}

/**
 * Largest remainder within a budget: whole numbers next to the sizes that cost no more than the budget. All are rounded down;
 * then those that lost most get one more, as long as it can be paid. With prices of 1 the sum is the budget exactly.
 * @param sizes real sizes that cost the budget, none below 1
 */
export function roundWithin(sizes: readonly number[], prices: readonly number[], budget: number): number[] {
  // A size that is whole but for its last bits is whole.
  const whole = sizes.map((size) => Math.floor(size + ROUNDING))
  const remainders = sizes.map((size, t) => size - (whole[t] ?? 0))
  let left = budget - sum(whole.map((n, t) => n * (prices[t] ?? 0)))
  const order = remainders.map((_, t) => t).sort((a, b) => (remainders[b] ?? 0) - (remainders[a] ?? 0))
  const raised = new Set<number>()
  for (const t of order) {
    const price = prices[t] ?? 0
    if (price > left + ROUNDING * budget) continue
    left -= price
    raised.add(t)
  }
  return whole.map((n, t) => (raised.has(t) ? n + 1 : n))
}

const ROUNDING = 1e-12

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0)
}
