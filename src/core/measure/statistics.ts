/** Intervals for shares and for paired differences. All shares are in [0, 1]. */

export interface Interval {
  readonly mean: number
  readonly low: number
  readonly high: number
  /** Number of independent units: problems. */
  readonly n: number
}

/**
 * Quantile of the standard normal distribution.
 * Acklam's rational approximation (2003), relative error below 1.2e-9.
 * @param p in (0, 1)
 */
export function normalQuantile(p: number): number {
  if (p > 0.5) return -normalQuantile(1 - p)
  if (p < 0.02425) {
    const q = Math.sqrt(-2 * Math.log(p))
    return horner(TAIL_TOP, q) / horner(TAIL_BOTTOM, q)
  }
  const q = p - 0.5
  const r = q * q
  return (horner(MIDDLE_TOP, r) * q) / horner(MIDDLE_BOTTOM, r)
}

const MIDDLE_TOP = [
  -39.69683028665376, 220.9460984245205, -275.9285104469687, 138.357751867269, -30.66479806614716, 2.506628277459239,
]
const MIDDLE_BOTTOM = [
  -54.47609879822406, 161.5858368580409, -155.6989798598866, 66.80131188771972, -13.28068155288572, 1,
]
const TAIL_TOP = [
  -0.007784894002430293, -0.3223964580411365, -2.400758277161838, -2.549732539343734, 4.374664141464968,
  2.938163982698783,
]
const TAIL_BOTTOM = [0.007784695709041462, 0.3224671290700398, 2.445134137142996, 3.754408661907416, 1]

function horner(coefficients: readonly number[], x: number): number {
  return coefficients.reduce((sum, c) => sum * x + c, 0)
}

/** The standard normal distribution: the share below z (Abramowitz and Stegun, 26.2.17, absolute error below 7.5e-8). */
export function normalCumulative(z: number): number {
  if (z < 0) return 1 - normalCumulative(-z)
  const t = 1 / (1 + 0.2316419 * z)
  return 1 - (Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI)) * t * horner(CUMULATIVE, t)
}

/** The share above z, to a relative error below 1e-4 however small it is (beyond 3 by Laplace's continued fraction). */
export function normalTail(z: number): number {
  if (z < 3) return 1 - normalCumulative(z)
  let fraction = z
  for (let term = 40; term >= 1; term--) fraction = z + term / fraction
  return Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI) / fraction
}

const CUMULATIVE = [1.330274429, -1.821255978, 1.781477937, -0.356563782, 0.31938153]

/**
 * Quantile of Student's t distribution.
 * Cornish-Fisher expansion about the normal quantile (Abramowitz and Stegun, 26.7.5), exact for 1 and 2 degrees;
 * for p in [0.001, 0.999] the relative error is below 3% at 3 degrees of freedom and below 4e-4 from 9 on.
 * @param p in (0, 1)
 * @param degrees of freedom, at least 1, not necessarily a whole number; infinite for the normal distribution
 */
export function studentQuantile(p: number, degrees: number): number {
  if (degrees === 1) return Math.tan(Math.PI * (p - 0.5))
  if (degrees === 2) return (2 * p - 1) / Math.sqrt(2 * p * (1 - p))
  const z = normalQuantile(p)
  return STUDENT_TERMS.reduceRight((sum, polynomial) => sum / degrees + horner(polynomial, z * z) * z, 0)
}

/** Of 1/degrees^i the polynomials in z^2, each without a factor z. */
const STUDENT_TERMS = [
  [1],
  [1, 1].map((c) => c / 4),
  [5, 16, 3].map((c) => c / 96),
  [3, 19, 17, -15].map((c) => c / 384),
  [79, 776, 1482, -1920, -945].map((c) => c / 92160),
]

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
