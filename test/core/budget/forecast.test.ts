/** A pilot's forecast sees a pool that is used up, and a pool's supply that runs short. */

import { expect, test } from 'vitest'
import { forecastSamples } from '../../../src/core/budget/forecast.ts'
import { drawBinomial } from '../../../src/core/measure/draws.ts'
import { createRandom } from '../../../src/core/seed.ts'

const HALF = Array.from({ length: 100 }, (_, i) => ({ asked: 2, correct: i % 3, distinct: i % 3 }))

test('a pool that cannot give n_t is said to be used up', () => {
  const input = { pilot: HALF, problems: 500, maxPerProblem: 2, deduplicate: false }
  const enough = forecastSamples({ ...input, wanted: 300 })
  expect(enough.exhausted).toBe(0)
  const tooMany = forecastSamples({ ...input, wanted: 1001 })
  expect(tooMany.exhausted).toBe(1)
  expect(tooMany.samples.low).toBe(Number.POSITIVE_INFINITY)
  expect(tooMany.supply.high).toBeLessThanOrEqual(1000)
})

test('with a cap the marginal acceptance falls as n grows', () => {
  const input = { pilot: HALF, problems: 500, maxPerProblem: 2, deduplicate: false }
  const at = (wanted: number): number => forecastSamples({ ...input, wanted }).samples.median
  const [first, second, third] = [at(200), at(600) - at(400), at(750) - at(550)]
  expect(second).toBeGreaterThan(first)
  expect(third).toBeGreaterThan(second)
})

test('half of the problems are never solved: where their supply ends is predicted from four samples of each', () => {
  const random = createRandom(3)
  const pilot = Array.from({ length: 100 }, (_, i) => {
    const correct = i % 2 === 0 ? 0 : drawBinomial(4, 0.2 + 0.7 * random(), random)
    return { asked: 4, correct, distinct: correct }
  })
  const input = { pilot, problems: 1000, maxPerProblem: 4, deduplicate: false }
  const chance = (wanted: number): number => forecastSamples({ ...input, wanted }).exhausted
  expect(chance(1000)).toBeLessThan(0.1)
  expect(chance(3400)).toBeGreaterThan(0.9)
  const { supply } = forecastSamples({ ...input, wanted: 1500 })
  expect(supply.low).toBeLessThan(2000)
  expect(supply.high).toBeGreaterThan(1900)
  expect(supply.high).toBeLessThan(3800)
})

test('a pilot without a right answer leaves nearly everything open', () => {
  const pilot = Array.from({ length: 50 }, () => ({ asked: 4, correct: 0, distinct: 0 }))
  const { samples } = forecastSamples({ pilot, problems: 1000, wanted: 200, maxPerProblem: null, deduplicate: false })
  expect(samples.low).toBeGreaterThan(200 / 0.1)
  expect(samples.high).toBeGreaterThan(20 * samples.low)
})
