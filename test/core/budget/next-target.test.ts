/** Targets within a total: it is met exactly, and no iteration is too small to be worth its training. */

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { clampPlan, MERGE_BELOW, runTargets } from '../../../src/core/budget/next-target.ts'

const counts = fc.array(fc.integer({ min: 1, max: 500 }), { minLength: 1, maxLength: 30 })
const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0)

test.each([
  ['passes nothing', [10, 20, 40], 70, [10, 20, 40]],
  ['more than is asked for', [10, 20, 40], 1000, [10, 20, 40]],
  ['clamps the last', [10, 20, 40], 65, [10, 20, 35]],
  ['four fifths are enough', [10, 20, 40], 62, [10, 20, 32]],
  ['too small goes to the one before', [10, 20, 40], 45, [10, 35]],
  ['ends on an iteration', [10, 20, 40], 30, [10, 20]],
  ['less than the first', [10, 20, 40], 3, [3]],
])('a total %s', (_, plan, total, expected) => {
  expect(clampPlan(plan, total)).toEqual(expected)
})

test('a clamped plan asks for the total, or for all that was planned, and for no less than four fifths of any iteration', () => {
  fc.assert(
    fc.property(counts, fc.integer({ min: 1, max: 8000 }), (plan, total) => {
      const clamped = clampPlan(plan, total)
      expect(sum(clamped)).toBe(Math.min(total, sum(plan)))
      expect(clamped.length).toBeGreaterThanOrEqual(1)
      expect(clamped.slice(0, -1)).toEqual(plan.slice(0, clamped.length - 1))
      if (clamped.length > 1)
        expect(clamped.at(-1)).toBeGreaterThanOrEqual((plan[clamped.length - 1] ?? 0) * MERGE_BELOW)
    }),
  )
})

test('mergeLast: false cuts the last iteration, however little is left for it', () => {
  const budget = { policy: { kind: 'constant', initial: 100 }, unit: 'accepted', iterations: 9, total: 310 } as const
  expect(runTargets(budget).map(({ count }) => count)).toEqual([100, 100, 110])
  expect(runTargets({ ...budget, mergeLast: false }).map(({ count }) => count)).toEqual([100, 100, 100, 10])
})

describe('the code of the paper, 10 x 1.1^t batches of 256', () => {
  const budget = {
    policy: { kind: 'exponential', initial: 10, growth: 1.1 },
    unit: 'batches',
    batchSize: 256,
    iterations: 26,
  } as const

  test('as published: 26 iterations that pass its 1,000 batches by 9%', () => {
    const batches = runTargets({ ...budget, total: null }).map(({ count }) => count / 256)
    expect(batches).toHaveLength(26)
    expect(batches.slice(0, 7)).toEqual([10, 11, 12, 13, 15, 16, 18])
    expect(batches.slice(-3)).toEqual([90, 98, 108])
    expect(sum(batches)).toBe(1092)
  })

  test('the size is carried as a real number and only what comes out is rounded', () => {
    let carried = 10
    const batches = runTargets({ ...budget, total: null }).map(({ count }) => count / 256)
    for (const count of batches) {
      expect(count).toBe(Math.round(carried))
      carried *= 1.1
    }
  })

  test('within 1,000 batches: the 16 that are left for a 26th iteration go to the 25th', () => {
    const batches = runTargets({ ...budget, total: 1000 }).map(({ count }) => count / 256)
    expect(batches).toHaveLength(25)
    expect(batches.slice(-2)).toEqual([90, 114])
    expect(sum(batches)).toBe(1000)
  })
})

test('samples stay samples, and the batch size counts for batches only', () => {
  const policy = { kind: 'constant', initial: 100 } as const
  expect(runTargets({ policy, unit: 'sampled', batchSize: 8, iterations: 3, total: 290 })).toEqual([
    { kind: 'sampled', count: 100 },
    { kind: 'sampled', count: 100 },
    { kind: 'sampled', count: 90 },
  ])
})

describe('cost-aware', () => {
  const budget = {
    policy: { kind: 'cost-aware', initial: 100, growth: 1.25 },
    unit: 'accepted',
    iterations: 5,
    costs: { sample: 1, train: 0.2, iteration: 0 },
  } as const
  const counts = (rates?: readonly number[]): number[] => runTargets(budget, rates).map(({ count }) => count)
  const exponential = runTargets({ ...budget, policy: { ...budget.policy, kind: 'exponential' } })

  test('is exponential while nothing is measured, at equal rates, and where sampling is free', () => {
    const plain = exponential.map(({ count }) => count)
    expect(counts()).toEqual(plain)
    expect(counts([0.3, 0.3, 0.3])).toEqual(plain)
    const free = { ...budget, costs: { sample: 0, train: 2, iteration: 0 } }
    expect(runTargets(free, [0.1, 0.5]).map(({ count }) => count)).toEqual(plain)
  })

  test('n_t goes by the price at the rate of iteration t - 1, or the newest there is', () => {
    // Prices 10.2, 5.2, 2.7.
    expect(counts([0.1, 0.2, 0.4])).toEqual([
      100,
      125,
      Math.round(156.25 * Math.sqrt(10.2 / 5.2)),
      Math.round(195.3125 * Math.sqrt(10.2 / 2.7)),
      Math.round(244.140625 * Math.sqrt(10.2 / 2.7)),
    ])
  })

  test('a target does not change with what is measured after it was asked for', () => {
    const rate = fc.double({ min: 0.001, max: 1, noNaN: true })
    fc.assert(
      fc.property(fc.array(rate, { maxLength: 5 }), fc.array(rate, { maxLength: 5 }), (before, after) => {
        const known = counts(before).slice(0, before.length + 1)
        expect(counts([...before, ...after]).slice(0, known.length)).toEqual(known)
      }),
    )
  })
})
