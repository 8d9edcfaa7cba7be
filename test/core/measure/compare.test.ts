/** Policies side by side: the arithmetic of pairs, censored runs and many comparisons. */

import { expect, test } from 'vitest'
import { type ComparedRun, compareArms, holm, signFlipTest } from '../../../src/core/measure/compare.ts'
import { drawNormal } from '../../../src/core/measure/draws.ts'
import { createRandom } from '../../../src/core/seed.ts'

function run(arm: string, seed: number, ...accuracies: number[]): ComparedRun {
  return { arm, seed, points: accuracies.map((accuracy, i) => ({ cost: i * 100, accuracy })), greedy: null }
}

test('beyond 20 pairs the sign-flip test draws patterns, with the same answer', () => {
  const random = createRandom(2)
  const values = Array.from({ length: 14 }, () => drawNormal(random) + 0.4)
  const exact = signFlipTest(values) ?? Number.NaN
  expect(exact).toBeGreaterThan(0.01)
  // Differences of zero change nothing but the way it is computed.
  expect(Math.abs((signFlipTest([...values, ...Array(10).fill(0)]) ?? 1) - exact)).toBeLessThan(
    4 * Math.sqrt(exact / 100_000),
  )
  expect(signFlipTest(Array(40).fill(1))).toBeCloseTo(1e-5, 8)
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
  expect(constant).toMatchObject({
    difference: null,
    saved: null,
    pValue: null,
    toTarget: { censored: 3, median: null },
  })
  expect(growing?.difference?.mean).toBeCloseTo(0.1, 10)
  expect(growing?.difference?.high).toBeCloseTo(0.1, 8)
  expect(growing).toMatchObject({ pValue: 0.25, adjusted: 0.25, toTarget: { censored: 0, logRatio: null } })
  expect(growing?.toTarget.median).toBeCloseTo(138.897, 2)
})
