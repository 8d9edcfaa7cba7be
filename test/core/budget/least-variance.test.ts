/** Allocations: rounding examples, theorem 3.1, and the least variance at a cost against a generic optimiser. */

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { leastVarianceSizes, pricesOf, roundWithin } from '../../../src/core/budget/least-variance.ts'
import { constantsOf, gaussianStates, noiselessRates } from '../../../src/simulate/gaussian.ts'
import { descend } from '../../simulate/descend.ts'
import { SETTINGS, sum } from '../../simulate/reference.ts'

const ones = (count: number): number[] => Array<number>(count).fill(1)

describe('the optimum of theorem 3.1 in whole samples', () => {
  test.each([
    [0.8, [30, 38, 47, 59, 73, 92, 115, 143, 179, 224]],
    [0.5, [1, 2, 4, 8, 16, 31, 63, 125, 250, 500]],
  ])('lambda %f, 1000 samples, 10 iterations', (contraction, expected) => {
    const sizes = leastVarianceSizes(contraction, ones(10), 1000, 1)
    expect(roundWithin(sizes, ones(10), 1000)).toEqual(expected)
  })

  test('leaves V = (v / C) ((1 - lambda^T) / (1 - lambda))^2', () => {
    for (const model of Object.values(SETTINGS)) {
      const { contraction, keptVariance } = constantsOf(model)
      const states = [...gaussianStates(model, leastVarianceSizes(contraction, ones(20), 5000))]
      const expected = (keptVariance / 5000) * ((1 - contraction ** 20) / (1 - contraction)) ** 2
      expect((states.at(-1)?.variance ?? 0) / expected).toBeCloseTo(1, 10)
    }
  })
})

describe('the least variance at a cost', () => {
  test.each([
    ['A', 10],
    ['B', 10],
    ['C', 20],
    ['D', 10],
  ] as const)('is within 0.1%% of a generic optimiser, n_t by n_t, in %s', (setting, iterations) => {
    const model = SETTINGS[setting]
    const { contraction } = constantsOf(model)
    const prices = pricesOf({ sample: 1, train: 0.2 }, noiselessRates(model, iterations))
    const budget = 20_000
    const sizes = leastVarianceSizes(contraction, prices, budget)
    // The optimiser knows only the variance, and that the shares of the budget add up to one. It starts from equal sizes.
    const sizesOf = (logs: readonly number[]): number[] => {
      const shares = logs.map(Math.exp)
      return shares.map((share, t) => (budget * share) / sum(shares) / (prices[t] ?? 1))
    }
    const start = prices.map((price) => Math.log(price))
    const found = sizesOf(
      descend((logs) => Math.log([...gaussianStates(model, sizesOf(logs))].at(-1)?.variance ?? 0), start),
    )
    expect(sum(sizes.map((n, t) => n * (prices[t] ?? 0)))).toBeCloseTo(budget, 6)
    for (const [t, n] of sizes.entries()) expect(Math.abs(n / (found[t] ?? 0) - 1)).toBeLessThan(1e-3)
  })

  test('keeps every n_t at a floor, and pays for it out of the others in proportion', () => {
    const sizes = leastVarianceSizes(0.25, ones(10), 1000, 1)
    expect(Math.min(...sizes)).toBe(1)
    expect(sum(sizes)).toBeCloseTo(1000, 9)
    const free = sizes.filter((n) => n > 1)
    for (const [i, n] of free.entries()) if (i > 0) expect(n / (free[i - 1] ?? 0)).toBeCloseTo(4, 9)
  })

  test('needs no power that overflows: a thousand iterations', () => {
    const sizes = leastVarianceSizes(0.5, ones(1000), 5000, 1)
    expect(sum(sizes)).toBeCloseTo(5000, 6)
  })
})

const anyPlan = fc
  .array(
    fc.record({
      size: fc.double({ min: 1, max: 500, noNaN: true }),
      price: fc.double({ min: 0.1, max: 50, noNaN: true }),
    }),
    {
      minLength: 1,
      maxLength: 20,
    },
  )
  .map((rows) => ({ sizes: rows.map(({ size }) => size), prices: rows.map(({ price }) => price) }))

test('rounding never costs more than the budget, moves no size by more than one, and leaves less than the dearest unit', () => {
  fc.assert(
    fc.property(anyPlan, ({ sizes, prices }) => {
      const budget = sum(sizes.map((n, t) => n * (prices[t] ?? 0)))
      const whole = roundWithin(sizes, prices, budget)
      const cost = sum(whole.map((n, t) => n * (prices[t] ?? 0)))
      expect(cost).toBeLessThanOrEqual(budget * (1 + 1e-9))
      expect(cost).toBeGreaterThan(budget - Math.max(...prices) - 1e-6)
      for (const [t, n] of whole.entries()) expect(Math.abs(n - (sizes[t] ?? 0))).toBeLessThan(1 + 1e-9)
    }),
  )
})

test('at a price of one for each the sum is the budget', () => {
  fc.assert(
    fc.property(
      fc.double({ min: 0.1, max: 1, noNaN: true }),
      fc.integer({ min: 1, max: 40 }),
      fc.integer({ min: 40, max: 100_000 }),
      (contraction, iterations, total) => {
        const sizes = leastVarianceSizes(contraction, ones(iterations), total, 1)
        const whole = roundWithin(sizes, ones(iterations), total)
        expect(sum(whole)).toBe(total)
        expect(Math.min(...whole)).toBeGreaterThanOrEqual(1)
      },
    ),
  )
})
