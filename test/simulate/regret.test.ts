/** Worst regret over budgets, on runs made by hand. */

import { expect, test } from 'vitest'
import { BUDGET_SHARES, regretsOf } from '../../src/simulate/regret.ts'
import type { PlayedRun } from '../../src/simulate/what-if.ts'

/** Checkpoints as [cost so far, accuracy], from an accuracy of 0.4 on. */
function run(...checkpoints: [number, number][]): PlayedRun {
  return {
    before: 0.4,
    exhaustedAt: null,
    iterations: checkpoints.map(([spent, accuracy], iteration) => ({
      ...{ iteration, accepted: 1, samples: 1, cost: 1, rate: 1, spent, accuracy },
    })),
  }
}

test('is the largest distance below the best at any budget, each with the newest checkpoint that it pays for', () => {
  const early = run([50, 0.6], [1000, 0.65])
  const late = run([900, 0.9], [1000, 0.95])
  const [first, second] = regretsOf([[early], [late]], 0)
  // Costs of 25, 50, 100, 200, 400, 600, 800 and 1,000.
  expect(first?.budgets).toEqual(BUDGET_SHARES.map((share) => 1000 * share))
  expect(first?.at).toEqual([0, 0, 0, 0, 0, 0, 0, expect.closeTo(0.3)])
  expect(second?.at).toEqual([0, ...Array(6).fill(expect.closeTo(0.2)), 0])
  expect([first?.worst.median, second?.worst.median]).toEqual([expect.closeTo(0.3), expect.closeTo(0.2)])
})

test('goes as far as all policies go, from what was spent before, world by world', () => {
  const short = run([200, 0.6])
  const long = run([150, 0.5], [5000, 0.9])
  const [own, other] = regretsOf(
    [
      [short, short],
      [long, run([120, 0.8], [5000, 0.9])],
    ],
    100,
  )
  expect(own?.budgets.at(-1)).toBe(200)
  expect(own?.worst).toMatchObject({ low: expect.closeTo(0.1), high: expect.closeTo(0.4) })
  expect(other?.worst).toMatchObject({ low: expect.closeTo(0), high: expect.closeTo(0.1) })
})

test('is unknown for one policy alone, without prices and without a curve', () => {
  const one = run([100, 0.5])
  const unpriced = { ...one, iterations: one.iterations.map((row) => ({ ...row, spent: null })) }
  expect(regretsOf([[one]], 0)).toEqual([null])
  expect(regretsOf([[unpriced], [unpriced]], 0)).toEqual([null, null])
  expect(regretsOf([[one], [{ ...one, before: null }]], 0)).toEqual([null, null])
  expect(regretsOf([[], []], 0)).toEqual([null, null])
})
