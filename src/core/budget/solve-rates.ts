/**
 * What a pilot leaves open about how the solve rates of problems lie: a share that is never solved, and a Beta distribution of the others.
 * Drawn from the posterior, so that few answers give a wide band rather than a wrong one.
 */

import type { Random } from '../seed.ts'

/** How often a problem was asked, and solved. */
export interface SolveCount {
  readonly asked: number
  readonly correct: number
}

export interface SolveRates {
  /** Mean solve rate of all problems, in (0, 1). */
  readonly rate: number
  /** Sum of the two parameters of the Beta distribution of those that can be solved: small where they differ much. */
  readonly size: number
  /** Share of problems that are never solved. */
  readonly unsolvable: number
}

/** Draws that are dropped at first, and between one that is kept and the next. */
const WARM_UP = 60
const THINNING = 4

/** Endless draws from the posterior, by slice sampling (Neal 2003), one coordinate after the other. */
export function* drawSolveRates(counts: readonly SolveCount[], random: Random): Generator<SolveRates, never> {
  const density = posterior(counts)
  let point = startOf(counts)
  for (let draw = 1 - WARM_UP; ; draw++) {
    for (const at of COORDINATES) point = slice(density, point, at, random)
    if (draw > 0 && draw % THINNING === 0) yield ratesOf(point)
  }
}

/** logit of the mean rate among the solvable, log of the size, logit of the share of the unsolvable. */
type Point = readonly [number, number, number]
const COORDINATES = [0, 1, 2] as const
/** Bounds of each; within them the prior lies. */
const BOUNDS: readonly (readonly [number, number])[] = [
  [-9, 7],
  [Math.log(0.2), Math.log(200)],
  [-6, 6],
]
/** First widths of a slice. */
const WIDTHS: Point = [0.7, 1, 1.5]

function ratesOf([mean, size, share]: Point): SolveRates {
  const unsolvable = sigmoid(share)
  return { rate: (1 - unsolvable) * sigmoid(mean), size: Math.exp(size), unsolvable }
}

function startOf(counts: readonly SolveCount[]): Point {
  const asked = counts.reduce((sum, row) => sum + row.asked, 0)
  const correct = counts.reduce((sum, row) => sum + row.correct, 0)
  return [logit((correct + 0.5) / (asked + 1)), Math.log(2), -2]
}

/**
 * Log posterior density up to a constant. Priors: the mean rate Beta(1/2, 1/2), the size log-normal about 2 (rates that are all alike and
 * rates that are all 0 or 1 lie a factor of some ten away), the unsolvable share Beta(1/2, 1).
 */
function posterior(counts: readonly SolveCount[]): (point: Point) => number {
  const patterns = [...Map.groupBy(counts, ({ asked, correct }) => `${asked}/${correct}`).values()].flatMap((rows) => {
    const [first] = rows
    return first ? [{ ...first, times: rows.length }] : []
  })
  return ([mean, size, share]) => {
    const [p, total, never] = [sigmoid(mean), Math.exp(size), sigmoid(share)]
    const [a, b] = [p * total, (1 - p) * total]
    // Each with the derivative of its coordinate.
    let sum =
      0.5 * Math.log(p * (1 - p)) -
      0.5 * ((size - Math.log(2)) / 1.3) ** 2 +
      0.5 * Math.log(never) +
      Math.log(1 - never)
    for (const { asked, correct, times } of patterns) {
      let log = 0
      for (let i = 0; i < correct; i++) log += Math.log((a + i) / (total + i))
      for (let i = 0; i < asked - correct; i++) log += Math.log((b + i) / (total + correct + i))
      sum += times * (correct > 0 ? Math.log(1 - never) + log : Math.log(never + (1 - never) * Math.exp(log)))
    }
    return sum
  }
}

function slice(density: (point: Point) => number, point: Point, at: 0 | 1 | 2, random: Random): Point {
  const [least = 0, most = 0] = BOUNDS[at] ?? []
  const moved = (value: number): Point => point.map((old, i) => (i === at ? value : old)) as unknown as Point
  const level = density(point) + Math.log(1 - random())
  const width = WIDTHS[at]
  let low = point[at] - width * random()
  let high = low + width
  while (low > least && density(moved(low)) > level) low -= width
  while (high < most && density(moved(high)) > level) high += width
  low = Math.max(least, low)
  high = Math.min(most, high)
  for (;;) {
    const value = low + (high - low) * random()
    if (density(moved(value)) > level) return moved(value)
    if (value < point[at]) low = value
    else high = value
  }
}

function sigmoid(x: number): number {
  return 1 / (1 + Math.exp(-x))
}

function logit(p: number): number {
  return Math.log(p / (1 - p))
}
