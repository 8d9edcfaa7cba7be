/** A pilot's forecast holds the truth about as often as it says, and sees a pool that is used up. */

import { expect, test } from 'vitest'
import { forecastSamples } from '../../src/core/forecast.ts'
import { POOLS, playForecast } from './forecast-play.ts'

test.each(POOLS.map((pool) => [pool.name, pool] as const))('%s: at least 90%% of bands hold the truth', (_, pool) => {
  const played = Array.from({ length: 40 }, (_, seed) => playForecast(pool, 200, seed))
  const covered = played.filter(({ truth, low, high }) => low <= truth && truth <= high)
  expect(covered.length).toBeGreaterThanOrEqual(36)
  const errors = played.map(({ truth, median }) => Math.abs(median / truth - 1)).sort((a, b) => a - b)
  // 10% over hundreds of runs (bench/pilot.ts); forty leave some room.
  expect(errors[20]).toBeLessThan(0.13)
})

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
