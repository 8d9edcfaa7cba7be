/**
 * How good a pilot's forecast of N_t is: 200 samples, two a problem, against iterations that are really drawn. A pool that is used up counts
 * as covered where the band reaches to Infinity; "used up" is how often it was, and the mean probability that was predicted.
 *
 *     node bench/pilot.ts [--runs 300] [--samples 200] [--each 2]
 */

import { parseArgs } from 'node:util'
import { HALF_POOLS, HARD_POOLS, POOLS, playForecast } from '../test/core/budget/forecast-play.ts'

const { values } = parseArgs({
  options: {
    runs: { type: 'string', default: '300' },
    samples: { type: 'string', default: '200' },
    each: { type: 'string', default: '2' },
  },
})
const runs = Number(values.runs)
console.log(
  'pool                                                covered  median error  used up (predicted)   N_t (one run)',
)
for (const pool of [...POOLS, ...HALF_POOLS, ...HARD_POOLS]) {
  const played = Array.from({ length: runs }, (_, seed) =>
    playForecast(pool, Number(values.samples), seed, Number(values.each)),
  )
  const share = (of: (it: (typeof played)[number]) => number): string =>
    `${((100 * played.reduce((sum, it) => sum + of(it), 0)) / runs).toFixed(1)}%`
  const covered = share((it) => Number(it.low <= it.truth && it.truth <= it.high))
  const errors = played
    .map((it) => (it.truth === it.median ? 0 : Math.abs(it.median / it.truth - 1)))
    .sort((a, b) => a - b)
  const [first] = played
  const median = `${(100 * (errors[runs >> 1] ?? 0)).toFixed(1)}%`
  const usedUp = `${share((it) => Number(it.truth === Number.POSITIVE_INFINITY))} (${share((it) => it.exhausted)})`
  console.log(
    `${pool.name.padEnd(50)}${covered.padStart(9)}${median.padStart(14)}${usedUp.padStart(20)}   ${first?.truth}: ${first?.low} to ${first?.high}`,
  )
}
