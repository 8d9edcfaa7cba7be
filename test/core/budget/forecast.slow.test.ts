/** A pilot's forecast holds the truth about as often as it says, over many pilots of many pools. */

import { expect, test } from 'vitest'
import { HALF_POOLS, HARD_POOLS, POOLS, type Pool, playForecast } from './forecast-play.ts'

test.each(POOLS.map((pool) => [pool.name, pool] as const))('%s: at least 90%% of bands hold the truth', (_, pool) => {
  const played = Array.from({ length: 40 }, (_, seed) => playForecast(pool, 200, seed))
  const covered = played.filter(({ truth, low, high }) => low <= truth && truth <= high)
  expect(covered.length).toBeGreaterThanOrEqual(36)
  const errors = played.map(({ truth, median }) => Math.abs(median / truth - 1)).sort((a, b) => a - b)
  // 10% over hundreds of runs (bench/pilot.ts); forty leave some room.
  expect(errors[20]).toBeLessThan(0.13)
})

test.each([...HALF_POOLS, ...HARD_POOLS].map((pool): [string, Pool] => [pool.name, pool]))(
  '%s: bands are wide enough',
  (_, pool) => {
    const played = Array.from({ length: 40 }, (_, seed) => playForecast(pool, 200, seed))
    const covered = played.filter(({ truth, low, high }) => low <= truth && truth <= high)
    expect(covered.length).toBeGreaterThanOrEqual(36)
  },
)
