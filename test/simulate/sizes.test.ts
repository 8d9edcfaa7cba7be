/** Allocations by cost: what they spend, and how little they leave, with the noise of the loop in the price. */

import { describe, expect, test } from 'vitest'
import { constantsOf, gaussianStates, totalsOf } from '../../src/simulate/gaussian.ts'
import { optimalSizes, sizesOf } from '../../src/simulate/sizes.ts'
import { SETTINGS } from './reference.ts'

const costs = { sample: 1, train: 0.2 }
const TABLED = [
  ['A', 10, 0.00022, 0.000873],
  ['B', 10, 0.001296, 0.002055],
  ['C', 20, 0.010426, 0.012432],
  ['D', 10, 0.002167, 0.008667],
] as const

describe.each(TABLED)('the optimum at a cost in %s', (setting, iterations, variance, constant) => {
  const model = SETTINGS[setting]
  const found = optimalSizes(model, costs, 20_000, iterations, 0)
  const states = [...gaussianStates(model, found?.sizes ?? [])]

  test('spends its total in expectation', () => {
    const { accepted, expectedSamples } = totalsOf(states)
    expect((costs.train * accepted + costs.sample * expectedSamples) / 20_000).toBeCloseTo(1, 10)
  })

  test('leaves the tabled variance, less than constant', () => {
    const left = states.at(-1)?.variance ?? 0
    expect(Math.abs(left - variance)).toBeLessThan(5.1e-7)
    expect(left).toBeLessThan(constant)
  })

  test('in whole numbers leaves hardly more, and stays within the total', () => {
    const sizes = sizesOf(model, { kind: 'optimal', total: 20_000 }, costs, iterations) ?? []
    expect(sizes.every((n) => Number.isInteger(n) && n >= 1)).toBe(true)
    const whole = [...gaussianStates(model, sizes)]
    const { accepted, expectedSamples } = totalsOf(whole)
    expect(costs.train * accepted + costs.sample * expectedSamples).toBeLessThan(20_000 * 1.002)
    expect((whole.at(-1)?.variance ?? 0) / variance).toBeLessThan(1.01)
  })
})

test('a total that does not pay for one sample in every iteration gives nothing', () => {
  expect(sizesOf(SETTINGS.D, { kind: 'optimal', total: 30 }, costs, 10)).toBeUndefined()
  expect(sizesOf(SETTINGS.D, { kind: 'optimal', total: 9 }, { sample: 0, train: 1 }, 10)).toBeUndefined()
})

describe.each(TABLED)('the cost-aware policy in %s', (setting, iterations) => {
  const model = SETTINGS[setting]
  const growth = 1 / constantsOf(model).contraction
  /** V_T C: what a policy of large numbers leaves for its cost. */
  const leftFor = (kind: 'cost-aware' | 'exponential'): number => {
    const sizes = sizesOf(model, { kind, initial: 100_000, growth }, costs, iterations) ?? []
    const states = [...gaussianStates(model, sizes)]
    const { accepted, expectedSamples } = totalsOf(states)
    return (states.at(-1)?.variance ?? 0) * (costs.train * accepted + costs.sample * expectedSamples)
  }
  const best =
    [...gaussianStates(model, optimalSizes(model, costs, 1e7, iterations, 0)?.sizes ?? [])].at(-1)?.variance ?? 0

  test('leaves at most 4% more than the optimum though it knows only the rate of the iteration before', () => {
    expect(leftFor('cost-aware') / (best * 1e7)).toBeLessThan(1.04)
  })

  test('leaves no more than the exponential policy', () => {
    expect(leftFor('cost-aware')).toBeLessThanOrEqual(leftFor('exponential'))
  })
})
