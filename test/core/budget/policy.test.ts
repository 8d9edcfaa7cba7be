/** Budget policies against the paper's figures and the laws they must keep. */

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type BudgetPolicy, budgetAt, targetAt } from '../../../src/core/budget/policy.ts'

const initial = fc.double({ min: 0.01, max: 1e4, noNaN: true })
const growing = fc.oneof(
  fc.record({ kind: fc.constant('constant' as const), initial }),
  fc.record({ kind: fc.constant('polynomial' as const), initial, degree: fc.double({ min: 0, max: 4, noNaN: true }) }),
  fc.record({ kind: fc.constant('exponential' as const), initial, growth: fc.double({ min: 1, max: 3, noNaN: true }) }),
)
const iteration = fc.nat(40)

function budgets(policy: BudgetPolicy, iterations: number): number[] {
  return Array.from({ length: iterations }, (_, t) => budgetAt(policy, t))
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0)
}

describe('the policies of the paper', () => {
  test.each<[string, BudgetPolicy, number[]]>([
    ['constant', { kind: 'constant', initial: 5 }, [5, 5, 5, 5, 5, 5, 5, 5]],
    ['linear', { kind: 'polynomial', initial: 10, degree: 1 }, [10, 20, 30, 40]],
    ['quadratic', { kind: 'polynomial', initial: 10, degree: 2 }, [10, 40, 90, 160]],
    ['doubling', { kind: 'exponential', initial: 2, growth: 2 }, [2, 4, 8, 16]],
    ['rounded half up', { kind: 'exponential', initial: 10, growth: 1.25 }, [10, 13, 16, 20, 24]],
    ['its code, 10 x 1.1^t batches', { kind: 'exponential', initial: 10, growth: 1.1 }, [10, 11, 12, 13, 15, 16, 18]],
  ])('%s', (_, policy, expected) => {
    expect(budgets(policy, expected.length)).toEqual(expected)
  })

  test('its code plans 26 iterations of 1092 batches in all, which is 279,552 accepted traces', () => {
    const policy: BudgetPolicy = { kind: 'exponential', initial: 10, growth: 1.1 }
    expect(budgets(policy, 26).slice(-3)).toEqual([90, 98, 108])
    expect(sum(budgets(policy, 26))).toBe(1092)
    const targets = Array.from({ length: 26 }, (_, t) => targetAt(policy, 'batches', 256, t).count)
    expect(sum(targets)).toBe(279_552)
  })

  test('its mathematics experiment asks for 10 x 2^t batches of 256', () => {
    const policy: BudgetPolicy = { kind: 'exponential', initial: 10, growth: 2 }
    const targets = Array.from({ length: 6 }, (_, t) => targetAt(policy, 'batches', 256, t))
    expect(targets.map(({ count }) => count)).toEqual([2560, 5120, 10_240, 20_480, 40_960, 81_920])
    expect(targets.every(({ kind }) => kind === 'accepted')).toBe(true)
  })

  // Iterations until the Gaussian model's gap is reached, and what they sum up to.
  test.each<[BudgetPolicy, [iterations: number, total: number][]]>([
    [
      { kind: 'polynomial', initial: 10, degree: 1 },
      [
        [4, 100],
        [17, 1530],
        [167, 140_280],
        [465, 1_083_450],
      ],
    ],
    [
      { kind: 'polynomial', initial: 10, degree: 2 },
      [
        [4, 300],
        [6, 910],
        [14, 10_150],
        [24, 49_000],
      ],
    ],
    [
      { kind: 'exponential', initial: 10, growth: 2 },
      [
        [4, 150],
        [6, 630],
        [9, 5110],
        [21, 20_971_510],
      ],
    ],
    [
      { kind: 'exponential', initial: 10, growth: 1.05 },
      [
        [29, 625],
        [77, 8361],
        [124, 84_620],
        [137, 159_742],
      ],
    ],
    [
      { kind: 'exponential', initial: 10, growth: 1.0625 },
      [
        [44, 2145],
        [76, 15_880],
        [114, 160_397],
      ],
    ],
    [
      { kind: 'exponential', initial: 10, growth: 1.25 },
      [
        [12, 544],
        [21, 4298],
        [30, 32_273],
      ],
    ],
    [
      { kind: 'exponential', initial: 10, growth: 1.5625 },
      [
        [11, 2391],
        [16, 22_421],
        [21, 208_960],
      ],
    ],
  ])('%j sums up as tabled', (policy, totals) => {
    expect(totals.map(([iterations]) => [iterations, sum(budgets(policy, iterations))])).toEqual(totals)
  })
})

test('a growing policy never shrinks', () => {
  fc.assert(fc.property(growing, iteration, (policy, t) => budgetAt(policy, t + 1) >= budgetAt(policy, t)))
})

test('every iteration asks for a whole number of at least one, within half of the real value', () => {
  const tiny = fc.record({
    kind: fc.constant('constant' as const),
    initial: fc.double({ min: 0, max: 50, noNaN: true }),
  })
  fc.assert(
    fc.property(tiny, iteration, (policy, t) => {
      const n = budgetAt(policy, t)
      expect(Number.isInteger(n)).toBe(true)
      expect(n).toBeGreaterThanOrEqual(1)
      if (policy.initial >= 1) expect(Math.abs(n - policy.initial)).toBeLessThanOrEqual(0.5)
    }),
  )
})

test('a policy that is decided as the run goes is expected to grow by 1 / lambda, from what it begins with', () => {
  const belief = { contraction: 0.8, spread: 0.9 }
  expect(budgets({ kind: 'adaptive', initial: 64, stopBelow: 0, ...belief }, 4)).toEqual([64, 80, 100, 125])
  expect(budgets({ kind: 'auto', initial: 64, ...belief }, 4)).toEqual([64, 80, 100, 125])
  expect(budgets({ kind: 'auto', initial: null, contraction: 0.5, spread: 0 }, 4)).toEqual([1, 2, 4, 8])
})

test('a polynomial of degree 0 and an exponential of growth 1 are constant', () => {
  fc.assert(
    fc.property(initial, iteration, (n0, t) => {
      const constant = budgetAt({ kind: 'constant', initial: n0 }, t)
      expect(budgetAt({ kind: 'polynomial', initial: n0, degree: 0 }, t)).toBe(constant)
      expect(budgetAt({ kind: 'exponential', initial: n0, growth: 1 }, t)).toBe(constant)
    }),
  )
})

test('units: batches multiply, samples count completions, accepted is the policy itself', () => {
  fc.assert(
    fc.property(growing, iteration, fc.integer({ min: 1, max: 1024 }), (policy, t, batchSize) => {
      const n = budgetAt(policy, t)
      expect(targetAt(policy, 'accepted', batchSize, t)).toEqual({ kind: 'accepted', count: n })
      expect(targetAt(policy, 'batches', batchSize, t)).toEqual({ kind: 'accepted', count: n * batchSize })
      expect(targetAt(policy, 'sampled', batchSize, t)).toEqual({ kind: 'sampled', count: n })
    }),
  )
})
