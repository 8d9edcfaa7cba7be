/** Policies side by side: the arithmetic of pairs, censored runs and many comparisons. */

import { expect, test } from 'vitest'
import { type ComparedRun, compareArms, costToReach, holm, signFlipTest } from '../../../src/core/measure/compare.ts'

function run(arm: string, seed: number, ...accuracies: number[]): ComparedRun {
  return { arm, seed, points: accuracies.map((accuracy, i) => ({ cost: i * 100, accuracy })), greedy: null }
}

test('the cost to a target is read straight between two measurements', () => {
  expect(costToReach(run('a', 1, 0.4, 0.5, 0.7), 0.6)).toBeCloseTo(150, 10)
  expect(costToReach(run('a', 1, 0.4, 0.5), 0.6)).toBeNull()
  expect(costToReach(run('a', 1, 0.7), 0.6)).toBe(0)
})

test('the sign-flip test counts the patterns at least as extreme', () => {
  // All five differences have one sign: 2 of 32 patterns.
  expect(signFlipTest([1, 2, 3, 4, 5])).toBe(2 / 32)
  expect(signFlipTest([1, -1])).toBe(1)
  expect(signFlipTest([0.1, 0.2, -0.3])).toBe(1)
  expect(signFlipTest([])).toBeNull()
})

test("Holm's correction, as in a table worked by hand", () => {
  expect(holm([0.01, 0.04, 0.03, null])).toEqual([0.03, 0.06, 0.06, null])
  expect(holm([0.9, 0.8])).toEqual([1, 1])
})

test('arms are compared seed by seed, and a run that never gets there counts as censored', () => {
  const runs = [1, 2, 3].flatMap((seed) => [
    run('constant', seed, 0.4, 0.5, 0.55 + seed / 100),
    run('growing', seed, 0.4, 0.55, 0.65 + seed / 100),
  ])
  const [constant, growing] = compareArms(runs, 'constant', 0.6)
  expect(constant).toMatchObject({ difference: null, pValue: null, toTarget: { censored: 3, median: null } })
  expect(growing?.difference?.mean).toBeCloseTo(0.1, 10)
  expect(growing?.difference?.high).toBeCloseTo(0.1, 8)
  expect(growing).toMatchObject({ pValue: 0.25, adjusted: 0.25, toTarget: { censored: 0, logRatio: null } })
  expect(growing?.toTarget.median).toBeCloseTo(100 + (100 * 0.05) / 0.12, 8)
})
