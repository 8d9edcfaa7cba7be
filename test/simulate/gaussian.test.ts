/** The Gaussian model against reference values, and the laws that follow from its closed forms. */

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { budgetAt } from '../../src/core/budget/policy.ts'
import { constantsOf, gaussianStates, noiselessRates, rewardAt, totalsOf } from '../../src/simulate/gaussian.ts'
import { reachGap } from '../../src/simulate/reach.ts'
import { REFERENCE, SETTINGS, sum } from './reference.ts'

const positive = fc.double({ min: 0.05, max: 20, noNaN: true })
const anyModel = fc.record({
  sigma2: positive,
  kappa2: positive,
  theta2: fc.double({ min: 0, max: 20, noNaN: true }),
  dimension: fc.integer({ min: 1, max: 5 }),
})
const anySizes = fc.array(fc.double({ min: 1, max: 1000, noNaN: true }), { minLength: 1, maxLength: 25 })

describe('closed forms', () => {
  test.each(REFERENCE)('%j', ({ model, sizes, ...expected }) => {
    const states = [...gaussianStates(model, sizes)]
    const last = states.at(-1)
    expect(states.map(({ n }) => n)).toEqual(sizes)
    expect(Math.abs((last?.variance ?? 0) - expected.variance)).toBeLessThan(1e-8)
    expect(Math.abs((last?.meanSquare ?? 0) - expected.meanSquare)).toBeLessThan(1e-8)
    expect(Math.abs((last?.expectedReward ?? 0) - expected.expectedReward)).toBeLessThan(1e-8)
    expect(Math.abs(totalsOf(states).expectedSamples - expected.expectedSamples)).toBeLessThan(1e-8)
  })

  test('are those of the state after the iteration; the samples are those it was drawn with', () => {
    const model = { sigma2: 1, kappa2: 1, theta2: 4, dimension: 2 }
    const [first] = gaussianStates(model, [10])
    // v = 1/2, lambda = 1/2: V = 0.05, |m|^2 = 1; N_0 = 10 / r(theta_0).
    expect(first?.variance).toBeCloseTo(0.05, 14)
    expect(first?.meanSquare).toBeCloseTo(1 + 2 * 0.05, 14)
    expect(first?.expectedSamples).toBeCloseTo(10 / rewardAt(model, 4), 10)
  })

  test('the more is kept in any iteration, the less varies at the end, or as little', () => {
    fc.assert(
      fc.property(anyModel, anySizes, fc.nat(24), (model, sizes, place) => {
        const more = sizes.map((n, t) => (t === place % sizes.length ? 2 * n : n))
        expect(lastVariance(model, more)).toBeLessThanOrEqual(lastVariance(model, sizes))
      }),
    )
  })
})

// At a fixed total, constant and (1/lambda^2)^t tie exactly: they are each other's image under this.
test('replacing the shape w_t by lambda^(-2t) / w_t at the same total leaves the variance unchanged', () => {
  const shapes = fc.array(fc.double({ min: 0.1, max: 10, noNaN: true }), { minLength: 1, maxLength: 20 })
  fc.assert(
    fc.property(anyModel, shapes, fc.double({ min: 1, max: 1e6, noNaN: true }), (model, shape, total) => {
      const { contraction } = constantsOf(model)
      const mirrored = shape.map((part, t) => contraction ** (-2 * t) / part)
      const variance = lastVariance(model, scaled(shape, total))
      expect(Math.abs(lastVariance(model, scaled(mirrored, total)) / variance - 1)).toBeLessThan(1e-9)
    }),
  )
})

test.each(Object.entries(SETTINGS))('constant and (1/lambda^2)^t tie at a fixed total in %s', (_, model) => {
  const { contraction } = constantsOf(model)
  const constant = scaled(Array<number>(20).fill(1), 1000)
  const steep = scaled(
    constant.map((_, t) => contraction ** (-2 * t)),
    1000,
  )
  expect(lastVariance(model, steep) / lastVariance(model, constant)).toBeCloseTo(1, 12)
})

test('far from the best, where the condition of theorem 3.1 fails, noise helps: a larger budget ends worse', () => {
  const model = { sigma2: 1, kappa2: 1, theta2: 100, dimension: 1 }
  const gap = (total: number): number => {
    const states = [...gaussianStates(model, [total / 2, total / 2])]
    return constantsOf(model).bestReward - (states.at(-1)?.expectedReward ?? 0)
  }
  expect(gap(10)).toBeCloseTo(0.549, 3)
  expect(gap(1000)).toBeCloseTo(0.559, 3)
})

test('with a sample at least in every iteration the expected number of draws is finite', () => {
  fc.assert(
    fc.property(anyModel, anySizes, (model, sizes) => {
      const { bestReward } = constantsOf(model)
      for (const state of gaussianStates(model, sizes)) {
        expect(Number.isFinite(state.expectedSamples)).toBe(true)
        expect(state.expectedSamples).toBeGreaterThanOrEqual(state.n / bestReward)
        expect(state.expectedReward).toBeLessThanOrEqual(bestReward)
      }
    }),
  )
})

test('without noise the acceptance rate rises to the best reward', () => {
  const rates = noiselessRates(SETTINGS.B, 60)
  expect(rates[0]).toBeCloseTo(0.325, 3)
  expect(rates.every((rate, t) => t === 0 || rate > (rates[t - 1] ?? 0))).toBe(true)
  expect(rates.at(-1)).toBeCloseTo(constantsOf(SETTINGS.B).bestReward, 8)
})

describe('the cost to a target', () => {
  const limits = { iterations: 100_000, accepted: 1e9 }
  const sizes = function* (policy: Parameters<typeof budgetAt>[0]): Generator<number> {
    for (let t = 0; ; t++) yield budgetAt(policy, t)
  }

  test.each([
    [1e-2, 4, 150, 359],
    [1e-3, 6, 630, 1324],
    [1e-4, 9, 5110, 10_291],
  ])('doubling from 10 reaches a gap of %f in A', (gap, iterations, accepted, samples) => {
    const reached = reachGap(SETTINGS.A, sizes({ kind: 'exponential', initial: 10, growth: 2 }), gap, limits)
    expect(reached).toMatchObject({ iterations, accepted })
    expect(Math.round(reached?.expectedSamples ?? 0)).toBe(samples)
  })

  test.each(['A', 'B', 'C'] as const)('constant 10 stays above 1e-2 in %s for 100,000 iterations', (setting) => {
    expect(reachGap(SETTINGS[setting], sizes({ kind: 'constant', initial: 10 }), 1e-2, limits)).toBeUndefined()
  })

  test('doubling from 10 does not reach 1e-2 in C within 1e9 samples', () => {
    const doubling = sizes({ kind: 'exponential', initial: 10, growth: 2 })
    expect(reachGap(SETTINGS.C, doubling, 1e-2, limits)).toBeUndefined()
  })
})

function lastVariance(model: Parameters<typeof gaussianStates>[0], sizes: readonly number[]): number {
  return [...gaussianStates(model, sizes)].at(-1)?.variance ?? 0
}

function scaled(shape: readonly number[], total: number): number[] {
  const all = sum(shape)
  return shape.map((part) => (total * part) / all)
}
