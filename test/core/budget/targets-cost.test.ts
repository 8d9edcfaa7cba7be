/** A budget in cost: which iterations it affords, and what the last of them gets. */

import fc from 'fast-check'
import { expect, test } from 'vitest'
import { iterationCost } from '../../../src/core/budget/costs.ts'
import { nextTarget, type RunBudget } from '../../../src/core/budget/next-target.ts'
import { planRun } from '../../../src/core/budget/plan.ts'

const costs = { sample: 1, train: 2, iteration: 0 }

function budget(cost: number | null, more: Partial<RunBudget> = {}): RunBudget & { costs: typeof costs } {
  return { policy: { kind: 'constant', initial: 100 }, unit: 'accepted', iterations: 50, cost, ...more, costs }
}

test('the iteration that leaves too little for four fifths of the next one gets what is left and is the last', () => {
  // At a rate of 1/2 an accepted trace costs 2 + 2.
  const at = (cost: number): (number | null)[] =>
    planRun({ ...budget(cost), acceptanceRate: 0.5 }).iterations.map((row) => row.accepted)
  expect(at(1200)).toEqual([100, 100, 100])
  expect(at(1300)).toEqual([100, 100, 125])
  expect(at(1500)).toEqual([100, 100, 175])
  expect(at(1520)).toEqual([100, 100, 100, 80])
  const cut = budget(1500, { mergeLast: false })
  expect(planRun({ ...cut, acceptanceRate: 0.5 }).iterations.map((row) => row.accepted)).toEqual([100, 100, 100, 75])
})

test('nothing is cut before a rate is known, and without a budget in cost the iterations alone decide', () => {
  expect(nextTarget(budget(1), { iteration: 0, spent: 0, rates: [] })).toEqual({ kind: 'accepted', count: 100 })
  const free = budget(null, { iterations: 2 })
  expect(nextTarget(free, { iteration: 1, spent: 1e9, rates: [0.5] })).toEqual({ kind: 'accepted', count: 100 })
  expect(nextTarget(free, { iteration: 2, spent: 0, rates: [0.5, 0.5] })).toBeUndefined()
})

test('whole batches stay whole', () => {
  const batches = budget(5000, { policy: { kind: 'constant', initial: 4 }, unit: 'batches', batchSize: 100 })
  const counts = planRun({ ...batches, acceptanceRate: 0.5 }).iterations.map((row) => row.accepted)
  expect(counts).toEqual([400, 400, 400])
})

test('whatever the policy, the cost is met to within one trace, or the iterations are used up', () => {
  const policy = fc.oneof(
    fc.record({ kind: fc.constant('constant' as const), initial: fc.integer({ min: 1, max: 500 }) }),
    fc.record({
      kind: fc.constant('exponential' as const),
      initial: fc.integer({ min: 1, max: 100 }),
      growth: fc.double({ min: 1.01, max: 2, noNaN: true }),
    }),
  )
  fc.assert(
    fc.property(
      policy,
      fc.double({ min: 0.05, max: 1, noNaN: true }),
      fc.integer({ min: 5000, max: 50_000 }),
      (p, r, c) => {
        const input = budget(c, { policy: p, iterations: 40 })
        const { iterations } = planRun({ ...input, acceptanceRate: r })
        const spent = iterations.reduce((sum, row) => {
          return sum + iterationCost(costs, (row.accepted ?? 0) / r, row.accepted ?? 0)
        }, 0)
        const one = iterationCost(costs, 1 / r, 1)
        // The first n_t is never cut: nothing is measured yet. Expected samples are rounded up, once an iteration.
        if (iterations.length > 1) expect(spent).toBeLessThanOrEqual(c + one)
        if (iterations.length > 1 && iterations.length < 40) expect(spent).toBeGreaterThan(c - one - iterations.length)
      },
    ),
  )
})
