/**
 * How good a pilot's forecast of N_t is: 200 samples, two a problem, against iterations that are really drawn.
 *
 *     node bench/pilot.ts [--runs 300] [--samples 200]
 */

import { parseArgs } from 'node:util'
import { POOLS, playForecast } from '../test/core/budget/forecast-play.ts'

const { values } = parseArgs({
  options: { runs: { type: 'string', default: '300' }, samples: { type: 'string', default: '200' } },
})
const runs = Number(values.runs)
console.log('pool                                        covered  median error   N_t (one run)')
for (const pool of POOLS) {
  const played = Array.from({ length: runs }, (_, seed) => playForecast(pool, Number(values.samples), seed))
  const covered = played.filter((it) => it.low <= it.truth && it.truth <= it.high).length / runs
  const errors = played
    .map((it) => (it.truth === it.median ? 0 : Math.abs(it.median / it.truth - 1)))
    .sort((a, b) => a - b)
  const [first] = played
  console.log(
    `${pool.name.padEnd(44)}${(100 * covered).toFixed(1).padStart(6)}%${(100 * (errors[runs >> 1] ?? 0)).toFixed(1).padStart(12)}%   ${first?.truth}: ${first?.low} to ${first?.high}`,
  )
}
