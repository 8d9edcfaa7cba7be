/** The planner, solved again before every iteration: where it knows the truth it is the optimum, and it never spends more than there is. */

import { expect, test } from 'vitest'
import { replan } from '../../../src/core/budget/replan.ts'
import { constantsOf, gaussianStates, noiselessRates } from '../../../src/simulate/gaussian.ts'
import { descend } from '../../simulate/descend.ts'
import { SETTINGS, sum } from '../../simulate/reference.ts'

const costs = { sample: 1, train: 0.2, iteration: 0 }
/** Large, so that whole numbers do not matter. */
const BUDGET = 2e9

test.each([
  ['A', 10],
  ['B', 10],
  ['C', 20],
  ['D', 10],
] as const)('every n_t of the planner is within 0.1%% of a generic optimiser’s in %s', (setting, iterations) => {
  const model = SETTINGS[setting]
  const { contraction } = constantsOf(model)
  const rates = noiselessRates(model, iterations)
  const prices = rates.map((rate) => costs.train + costs.sample / rate)
  const planned: number[] = []
  let left = BUDGET
  for (const [iteration, rate] of rates.entries()) {
    // What a run without noise has measured so far, the base of the gate split included.
    const point = (share: number, updates: number) => ({ updates, share, answers: 1e12 })
    const decision = replan({
      budget: { unit: 'accepted', iterations },
      prior: { contraction, spread: 0 },
      costs,
      iteration,
      left,
      rate,
      measuredAt: iteration,
      sizes: planned,
      gate: [],
      // The whole path is known, as after a run like this one.
      acceptance: [...rates.map(point)],
      before: planned.at(-1),
      initial: null,
    })
    planned.push(decision?.size ?? 0)
    left -= (decision?.size ?? 0) * (prices[iteration] ?? 0)
  }
  const sizesOf = (logs: readonly number[]): number[] => {
    const shares = logs.map(Math.exp)
    return shares.map((share, t) => (BUDGET * share) / sum(shares) / (prices[t] ?? 1))
  }
  const start = prices.map((price) => Math.log(price))
  const best = sizesOf(
    descend((logs) => Math.log([...gaussianStates(model, sizesOf(logs))].at(-1)?.variance ?? 0), start),
  )
  for (const [t, n] of planned.entries()) expect(Math.abs(n / (best[t] ?? 0) - 1)).toBeLessThan(1e-3)
  expect(Math.abs(left / BUDGET)).toBeLessThan(1e-6)
})

test('batches are paid for whole, the fixed cost first, and too little pays for nothing', () => {
  const input = {
    budget: { unit: 'batches' as const, batchSize: 100, iterations: 2 },
    prior: { contraction: 0.5, spread: 0 },
    costs: { sample: 1, train: 2, iteration: 1000 },
    iteration: 0,
    left: 14_000,
    rate: 1,
    measuredAt: 0,
    sizes: [],
    gate: [],
    acceptance: [],
    before: undefined,
    initial: null,
  }
  // 12,000 for batches of 300: 40, of which twice as many in the second iteration.
  expect(replan(input)).toMatchObject({
    kind: 'start',
    size: 13,
    growth: 2,
    low: expect.closeTo(2, 6),
    high: expect.closeTo(2, 6),
  })
  expect(replan({ ...input, left: 2500 })).toBeUndefined()
})
