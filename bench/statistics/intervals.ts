/** What the 95% intervals of an accuracy cover. */

import { accuracyInterval } from '../../src/core/measure/accuracy.ts'
import { drawBeta, drawBinomial } from '../../src/core/measure/draws.ts'
import { type Interval, meanInterval, wilsonInterval } from '../../src/core/measure/intervals.ts'
import { createRandom } from '../../src/core/seed.ts'

const PROBLEMS = [20, 100, 500, 2000]
const SAMPLES = [1, 4, 8, 16]
const ACCURACIES = [0.02, 0.1, 0.5, 0.9, 0.98]
/** Correlation of two answers to one problem: 0 where all problems are alike. */
const CORRELATIONS = [0, 0.1, 0.3]
/** What a cell of several samples is to cover. */
const WANTED = { least: 0.93, most: 0.97 } as const

interface Cell {
  readonly name: string
  readonly samples: number
  readonly covered: number
  /** The interval lies above the truth, and below it. */
  readonly above: number
  readonly below: number
  /** The rule before. */
  readonly student: number
}

/** The rule before: Student's interval of the problems' means wherever one of them is neither 0 nor 1. */
function before(scores: readonly number[]): Interval {
  const sum = scores.reduce((total, score) => total + score, 0)
  return scores.every((score) => score === 0 || score === 1) ? wilsonInterval(sum, scores.length) : meanInterval(scores)
}

export function* intervals(runs: number): Generator<string> {
  const error = Math.sqrt((0.05 * 0.95) / runs)
  yield `95% intervals of an accuracy: share that covers it, ${runs} draws a cell (standard error ${error.toFixed(3)})`
  const cells: Cell[] = []
  for (const icc of CORRELATIONS) {
    yield `correlation ${icc}`.padEnd(24) + ACCURACIES.map((p) => `p ${p}`.padEnd(15)).join('')
    for (const n of PROBLEMS) {
      for (const k of SAMPLES) {
        const row = ACCURACIES.map((p) => cover(n, k, p, icc, runs))
        cells.push(...row)
        const said = row.map(({ covered, student }) => `${covered.toFixed(3)} (${student.toFixed(3)})`.padEnd(15))
        yield `  ${n} problems x ${k}`.padEnd(24) + said.join('')
      }
    }
  }
  yield 'in brackets: Student on the means of the problems, as it was'
  const several = cells.filter(({ samples }) => samples > 1)
  const outside = several.filter(({ covered }) => covered < WANTED.least || covered > WANTED.most)
  const isBeyond = ({ covered }: Cell): boolean =>
    covered < WANTED.least - 2 * error || covered > WANTED.most + 2 * error
  yield `outside of ${WANTED.least} to ${WANTED.most}: ${outside.length} of ${several.length} cells of several samples, ${outside.filter(isBeyond).length} by more than two standard errors (*); misses with the interval above the truth, and below it`
  for (const cell of outside) {
    const { name, covered, above, below } = cell
    yield `  ${name}: ${covered.toFixed(3)}${isBeyond(cell) ? '*' : ''}, misses ${above.toFixed(3)} and ${below.toFixed(3)}`
  }
}

function cover(n: number, k: number, p: number, icc: number, runs: number): Cell {
  const random = createRandom(1000 * n + k)
  const size = 1 / icc - 1
  let [above, below, student] = [0, 0, 0]
  for (let run = 0; run < runs; run++) {
    const scores = Array.from({ length: n }, () => {
      const chance = icc === 0 ? p : drawBeta(p * size, (1 - p) * size, random)
      return drawBinomial(k, chance, random) / k
    })
    const now = accuracyInterval(scores, { samples: k })
    const old = before(scores)
    if (now.low > p) above++
    if (now.high < p) below++
    if (old.low <= p && p <= old.high) student++
  }
  const share = (count: number): number => count / runs
  return {
    name: `correlation ${icc}, ${n} problems x ${k}, p ${p}`,
    samples: k,
    covered: 1 - share(above + below),
    above: share(above),
    below: share(below),
    student: share(student),
  }
}
