/** A pilot's forecast sees a pool that is used up, and a pool's supply that runs short. */

import { expect, test } from 'vitest'
import { forecastSamples } from '../../../src/core/budget/forecast.ts'

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
  const [first, second, third] = [at(200), at(400) - at(200), at(600) - at(400)]
  expect(second).toBeGreaterThan(first)
  expect(third).toBeGreaterThan(second)
})
