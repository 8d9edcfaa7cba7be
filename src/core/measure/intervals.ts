/** Intervals for shares and for paired differences. All shares are in [0, 1]. */

import { normalQuantile } from './normal.ts'
import { studentQuantile } from './student.ts'

export interface Interval {
  readonly mean: number
  readonly low: number
  readonly high: number
  /** Number of independent units: problems. */
  readonly n: number
}

/** Wilson's score interval of a share: right also near 0 and 1. `n` = 0 gives [0, 1]. */
export function wilsonInterval(successes: number, n: number, confidence = 0.95): Interval {
  if (n === 0) return { mean: 0, low: 0, high: 1, n: 0 }
  return { ...scoreInterval(successes / n, n, normalQuantile(0.5 + confidence / 2)), n }
}

/**
 * The same from the share itself.
 * @param n independent answers, not necessarily a whole number
 * @param z quantile
 */
export function scoreInterval(p: number, n: number, z: number): Pick<Interval, 'mean' | 'low' | 'high'> {
  const centre = (p + (z * z) / (2 * n)) / (1 + (z * z) / n)
  const half = (z / (1 + (z * z) / n)) * Math.sqrt((p * (1 - p)) / n + (z * z) / (4 * n * n))
  return { mean: p, low: Math.max(0, centre - half), high: Math.min(1, centre + half) }
}

/** Student's interval of a mean from its sample standard deviation; from fewer than two values it is the whole line. */
export function meanInterval(values: readonly number[], confidence = 0.95): Interval {
  const n = values.length
  const mean = n === 0 ? 0 : values.reduce((sum, value) => sum + value, 0) / n
  if (n < 2) return { mean, low: Number.NEGATIVE_INFINITY, high: Number.POSITIVE_INFINITY, n }
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (n - 1)
  const half = studentQuantile(0.5 + confidence / 2, n - 1) * Math.sqrt(variance / n)
  return { mean, low: mean - half, high: mean + half, n }
}

/**
 * Paired difference `after - before` over the problems both have.
 * @param before per problem id, the share of its samples that are correct
 */
export function pairedDifference(
  before: ReadonlyMap<string, number>,
  after: ReadonlyMap<string, number>,
  confidence = 0.95,
): Interval {
  return meanInterval(differencesOf(before, after), confidence)
}

/**
 * The same with one problem more that was won and one that was lost, each by what a problem's samples deviate by at most, 1 / sqrt(k):
 * few problems without a difference are no proof that there is none. The mean is that of the problems themselves.
 * @param samples k, of each problem
 */
export function guardedDifference(
  before: ReadonlyMap<string, number>,
  after: ReadonlyMap<string, number>,
  samples: number,
  confidence: number,
): Interval {
  const differences = differencesOf(before, after)
  const step = 1 / Math.sqrt(samples)
  const { low, high } = meanInterval([...differences, step, -step], confidence)
  return { mean: meanInterval(differences).mean, low, high, n: differences.length }
}

/**
 * What pairing saves: the share by which the variance of the difference is below that of two unpaired measurements of as many problems. Null
 * where nothing varies; below 0 where pairs are less alike than strangers.
 */
export function pairingSaved(before: ReadonlyMap<string, number>, after: ReadonlyMap<string, number>): number | null {
  const pairs = [...after].flatMap(([problem, score]) => {
    const other = before.get(problem)
    return other === undefined ? [] : [[other, score] as const]
  })
  const apart = spreadOf(pairs.map(([other]) => other)) + spreadOf(pairs.map(([, score]) => score))
  return apart === 0 ? null : 1 - spreadOf(pairs.map(([other, score]) => score - other)) / apart
}

/** Sum of squares around the mean. */
function spreadOf(values: readonly number[]): number {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length
  return values.reduce((sum, value) => sum + (value - mean) ** 2, 0)
}

function differencesOf(before: ReadonlyMap<string, number>, after: ReadonlyMap<string, number>): number[] {
  const differences: number[] = []
  for (const [problem, score] of after) {
    const other = before.get(problem)
    if (other !== undefined) differences.push(score - other)
  }
  return differences
}
