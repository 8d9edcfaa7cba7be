/** Random numbers of the usual distributions, from a stream of uniform ones. */

import type { Random } from '../seed.ts'

/** Standard normal (Box and Muller, 1958). */
export function drawNormal(random: Random): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random())
}

/** Gamma of a shape above 0 and scale 1 (Marsaglia and Tsang, 2000). */
export function drawGamma(shape: number, random: Random): number {
  if (shape < 1) return drawGamma(shape + 1, random) * random() ** (1 / shape)
  const d = shape - 1 / 3
  for (;;) {
    const x = drawNormal(random)
    const v = (1 + x / Math.sqrt(9 * d)) ** 3
    if (v > 0 && Math.log(1 - random()) < (x * x) / 2 + d - d * v + d * Math.log(v)) return d * v
  }
}

/** Beta, both parameters above 0. */
export function drawBeta(a: number, b: number, random: Random): number {
  const x = drawGamma(a, random)
  const y = drawGamma(b, random)
  return x + y === 0 ? a / (a + b) : x / (x + y)
}

/** Below so many expected successes, or failures, the normal limit is not near. */
const FEW_EXPECTED = 100

/** How many of n succeed, each with probability p; from 1,000 on by the normal limit where both outcomes are many. */
export function drawBinomial(n: number, p: number, random: Random): number {
  if (n < 1000) {
    let count = 0
    for (let i = 0; i < n; i++) if (random() < p) count++
    return count
  }
  if (p > 0.5) return n - drawBinomial(n, 1 - p, random)
  if (n * p < FEW_EXPECTED) return countByGaps(n, p, random)
  const near = Math.round(n * p + Math.sqrt(n * p * (1 - p)) * drawNormal(random))
  return Math.min(n, Math.max(0, near))
}

/** Exact, from one success to the next: the gaps are geometric. */
function countByGaps(n: number, p: number, random: Random): number {
  if (p <= 0) return 0
  const log = Math.log1p(-p)
  let count = 0
  for (let at = Math.floor(Math.log(1 - random()) / log); at < n; count++) {
    at += 1 + Math.floor(Math.log(1 - random()) / log)
  }
  return count
}
