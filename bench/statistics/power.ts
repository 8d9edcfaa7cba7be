/** What the gate can see: how often a drop fails, and how often a harmless checkpoint passes. */

import { judgeGate } from '../../src/core/measure/gate.ts'
import { createRandom } from '../../src/core/seed.ts'
import { drawCheckpoints } from './checkpoints.ts'

const MARGIN = 0.02
const ALPHA = 0.005

export function* gatePower(runs: number): Generator<string> {
  const trials = Math.ceil(runs / 4)
  yield `the gate at alpha ${ALPHA} a test, margin ${MARGIN}, correlation .3: failed with a drop of 3, 5, 10 points; passed without one (${trials} draws)`
  for (const problems of [100, 500, 2000]) {
    for (const samples of [1, 4, 16]) {
      const cells = [0.5, 0.8].map((accuracy) => {
        const share = (drop: number, decision: string): string => {
          const random = createRandom(7)
          let count = 0
          for (let run = 0; run < trials; run++) {
            const pair = drawCheckpoints({ problems, samples, accuracy, correlation: 0.3, drop }, random)
            if (judgeGate({ ...pair, samples, margin: MARGIN, alpha: ALPHA }).decision === decision) count++
          }
          return `${((100 * count) / trials).toFixed(0)}%`
        }
        const failed = [0.03, 0.05, 0.1].map((drop) => share(drop, 'failed'))
        return `accuracy ${accuracy}: ${failed.join(' ')}; ${share(0, 'passed')}`.padEnd(34)
      })
      yield `  ${problems} x ${samples}`.padEnd(14) + cells.join('')
    }
  }
}
