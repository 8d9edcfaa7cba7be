/** What the gate gets wrong: a real drop that is called "no worse", and a budget spread over iterations that never come. */

import { gateAlpha, judgeGate } from '../../src/core/measure/gate.ts'
import { pairedDifference } from '../../src/core/measure/intervals.ts'
import { createRandom } from '../../src/core/seed.ts'
import { type Checkpoints, drawCheckpoints } from './checkpoints.ts'

const MARGIN = 0.02
/** 5 iterations, each with a retry, share 0.05. */
const ALPHA = 0.005

export function* gateErrors(runs: number): Generator<string> {
  yield `a true drop of 5 points that passed, in percent: the worst of accuracies .1, .5, .9, .97 and correlations .05 to .95, ${runs} draws each`
  yield 'problems'.padEnd(12) + [1, 4, 16].map((k) => `${k} samples`.padEnd(18)).join('')
  for (const problems of [10, 20, 50, 100, 200, 500, 1000, 2000]) {
    const cells = [1, 4, 16].map((samples) => falsePasses(problems, samples, runs))
    yield String(problems).padEnd(12) + cells.map(([now, then]) => `${now} (${then})`.padEnd(18)).join('')
  }
  yield 'in brackets: without the won and the lost problem more'
  yield ''
  yield 'iterations: auto, a cost that pays for 4 iterations with a retry each, 100 problems x 4 samples of accuracy .5, a drop of 10 points at the second: failed there'
  const now = gateAlpha({ alpha: 0.05, attempts: 2, spent: [0.05 / 8], left: 3 })
  for (const [name, alpha] of [
    ['laid over 1,000 iterations, as it was', 0.05 / 2000],
    ['laid over those that the cost pays for', now],
  ] as const) {
    const share = failures({ problems: 100, samples: 4, accuracy: 0.5, correlation: 0.3, drop: 0.1 }, alpha, runs)
    yield `  ${name}: alpha ${alpha.toExponential(2)}, ${(100 * share).toFixed(0)}%`
  }
}

function falsePasses(problems: number, samples: number, runs: number): [string, string] {
  const worst = [0, 0]
  for (const accuracy of [0.1, 0.5, 0.9, 0.97]) {
    for (const correlation of [0.05, 0.3, 0.7, 0.95]) {
      const random = createRandom(problems + samples)
      const passed = [0, 0]
      for (let run = 0; run < runs; run++) {
        const { before, after } = drawCheckpoints({ problems, samples, accuracy, correlation, drop: 0.05 }, random)
        const bare = pairedDifference(before, after, 1 - 2 * ALPHA)
        if (judgeGate({ before, after, samples, margin: MARGIN, alpha: ALPHA }).decision === 'passed')
          passed[0] = (passed[0] ?? 0) + 1
        if (bare.low > -MARGIN) passed[1] = (passed[1] ?? 0) + 1
      }
      for (const at of [0, 1]) worst[at] = Math.max(worst[at] ?? 0, (passed[at] ?? 0) / runs)
    }
  }
  const [now = 0, then = 0] = worst
  return [(100 * now).toFixed(1), (100 * then).toFixed(1)]
}

function failures(of: Checkpoints, alpha: number, runs: number): number {
  const random = createRandom(5)
  let failed = 0
  for (let run = 0; run < runs; run++) {
    const pair = drawCheckpoints(of, random)
    if (judgeGate({ ...pair, samples: of.samples, margin: MARGIN, alpha }).decision === 'failed') failed++
  }
  return failed / runs
}
