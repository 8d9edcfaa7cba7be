/** The standard normal distribution. */

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
