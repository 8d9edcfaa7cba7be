/** What the 95% intervals of an accuracy cover. */

import { drawBeta, drawBinomial } from '../../src/core/measure/draws.ts'
import { accuracyInterval, type Interval, meanInterval, wilsonInterval } from '../../src/core/measure/statistics.ts'
import { createRandom } from '../../src/core/seed.ts'

const PROBLEMS = [20, 100, 500, 2000]
const SAMPLES = [1, 4, 8, 16]
const ACCURACIES = [0.02, 0.1, 0.5, 0.9, 0.98]
/** Correlation of two answers to one problem: 0 where all problems are alike. */
const CORRELATIONS = [0, 0.1, 0.3]

/** The rule before: Student's interval of the problems' means wherever one of them is neither 0 nor 1. */
function before(scores: readonly number[]): Interval {
  const sum = scores.reduce((total, score) => total + score, 0)
  return scores.every((score) => score === 0 || score === 1) ? wilsonInterval(sum, scores.length) : meanInterval(scores)
}

export function* intervals(runs: number): Generator<string> {
  yield `95% intervals of an accuracy: share that covers it, ${runs} draws a cell (standard error ${Math.sqrt((0.05 * 0.95) / runs).toFixed(3)})`
  for (const icc of CORRELATIONS) {
    yield `correlation ${icc}`.padEnd(24) + ACCURACIES.map((p) => `p ${p}`.padEnd(15)).join('')
    for (const n of PROBLEMS) {
      for (const k of SAMPLES) {
        const cells = ACCURACIES.map((p) => cover(n, k, p, icc, runs))
        yield `  ${n} problems x ${k}`.padEnd(24) + cells.map(([now, then]) => `${now} (${then})`.padEnd(15)).join('')
      }
    }
  }
  yield 'in brackets: Student on the means of the problems, as it was'
}

function cover(n: number, k: number, p: number, icc: number, runs: number): [string, string] {
  const random = createRandom(1000 * n + k)
  const size = 1 / icc - 1
  const covered = [0, 0]
  for (let run = 0; run < runs; run++) {
    const scores = Array.from({ length: n }, () => {
      const chance = icc === 0 ? p : drawBeta(p * size, (1 - p) * size, random)
      return drawBinomial(k, chance, random) / k
    })
    for (const [at, { low, high }] of [accuracyInterval(scores, { samples: k }), before(scores)].entries()) {
      if (low <= p && p <= high) covered[at] = (covered[at] ?? 0) + 1
    }
  }
  const [now = 0, then = 0] = covered
  return [(now / runs).toFixed(3), (then / runs).toFixed(3)]
}
