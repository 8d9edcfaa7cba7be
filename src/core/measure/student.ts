/** Student's t distribution. */

import { normalQuantile } from './normal.ts'

/** From so many degrees of freedom on the expansion about the normal quantile is as good as a double. */
const MANY = 500
const PRECISION = 1e-13
const MOST_STEPS = 100

/**
 * Quantile of Student's t distribution, to a relative error below 2e-9 for p in [1e-6, 1 - 1e-6].
 * Newton's method on the logarithm of the tail, which is nearly straight in log t; from 500 degrees on Cornish and Fisher's expansion
 * (Abramowitz and Stegun, 26.7.5).
 * @param p in (0, 1)
 * @param degrees of freedom, at least 1, not necessarily a whole number; infinite for the normal distribution
 */
export function studentQuantile(p: number, degrees: number): number {
  if (p === 0.5) return 0
  if (p < 0.5) return -studentQuantile(1 - p, degrees)
  const start = expansion(normalQuantile(p), degrees)
  if (degrees >= MANY) return start
  const wanted = Math.log(1 - p)
  let log = Math.log(start)
  for (let step = 0; step < MOST_STEPS; step++) {
    const t = Math.exp(log)
    const tail = studentTail(t, degrees)
    const change = ((Math.log(tail) - wanted) * tail) / (density(t, degrees) * t)
    log += Math.min(2, Math.max(-2, change))
    if (Math.abs(change) < PRECISION) break
  }
  return Math.exp(log)
}

/** Cornish and Fisher's: polynomials in z^2, each without a factor z, over powers of the degrees. */
const TERMS: readonly (readonly number[])[] = [
  [1],
  [1, 1].map((c) => c / 4),
  [5, 16, 3].map((c) => c / 96),
  [3, 19, 17, -15].map((c) => c / 384),
  [79, 776, 1482, -1920, -945].map((c) => c / 92160),
]

function expansion(z: number, degrees: number): number {
  const polynomial = (coefficients: readonly number[]): number => coefficients.reduce((sum, c) => sum * z * z + c, 0)
  return TERMS.reduceRight((sum, coefficients) => sum / degrees + polynomial(coefficients) * z, 0)
}

function density(t: number, degrees: number): number {
  return Math.exp(-logBeta(degrees / 2) - Math.log(degrees) / 2 - ((degrees + 1) / 2) * Math.log1p((t * t) / degrees))
}

/** Share above t > 0: half of the regularised incomplete beta function at degrees / (degrees + t^2) of degrees / 2 and 1/2. */
function studentTail(t: number, degrees: number): number {
  const x = degrees / (degrees + t * t)
  const [a, b] = [degrees / 2, 0.5]
  const front = Math.exp(a * Math.log(x) + b * Math.log((t * t) / (degrees + t * t)) - logBeta(a))
  // The continued fraction converges fast below the mean only.
  if (x < (a + 1) / (a + b + 2)) return (front * betaFraction(x, a, b)) / a / 2
  return (1 - (front * betaFraction((t * t) / (degrees + t * t), b, a)) / b) / 2
}

/** Lentz's evaluation of the continued fraction (Abramowitz and Stegun, 26.5.8). */
function betaFraction(x: number, a: number, b: number): number {
  let [c, d] = [1, 1 / (1 - ((a + b) * x) / (a + 1))]
  let fraction = d
  for (let m = 1; m < 300; m++) {
    for (const factor of [
      (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m)),
      (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1)),
    ]) {
      d = 1 / (1 + factor * d)
      c = 1 + factor / c
      fraction *= c * d
    }
    if (Math.abs(c * d - 1) < 1e-15) break
  }
  return fraction
}

/** Logarithm of the beta function of a and 1/2. */
function logBeta(a: number): number {
  return logGamma(a) + Math.log(Math.PI) / 2 - logGamma(a + 0.5)
}

/** Stirling's series, moved up to where it is exact to a double. */
function logGamma(x: number): number {
  let [product, at] = [1, x]
  for (; at < 15; at++) product *= at
  const square = at * at
  const series = (1 / 12 - (1 / 360 - (1 / 1260 - 1 / 1680 / square) / square) / square) / at
  return (at - 0.5) * Math.log(at) - at + Math.log(2 * Math.PI) / 2 + series - Math.log(product)
}
