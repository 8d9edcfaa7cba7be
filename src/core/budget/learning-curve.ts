/**
 * Learning curves that what is measured, and what is assumed, leaves possible: drawn from the posterior of core/contraction.ts.
 *
 * A curve is y_t = best + bias lambda^(2t) + noise * sum over s < t of lambda (1 - lambda) lambda^(2(t-1-s)) / n_s, in -log of the share of
 * correct answers, as in the Gaussian model of "Spend Wisely" (arXiv 2501.18962). A language model need not follow one.
 */

import { drawNormal } from '../measure/draws.ts'
import type { Random } from '../seed.ts'
import {
  type ContractionPrior,
  type CurvePrior,
  type Fit,
  type ProgressSeries,
  weighContractions,
} from './contraction.ts'

export interface LearningCurve {
  /** lambda, in (0, 1). */
  readonly contraction: number
  /** Of each series, in order. */
  readonly terms: readonly CurveTerms[]
}

/** All at least 0, in -log of the share. */
export interface CurveTerms {
  readonly best: number
  readonly bias: number
  readonly noise: number
}

/**
 * So many curves, independent draws from what is believed.
 * @param sizes n_t of the updates so far
 * @param series at least one, each with a point
 */
export function drawCurves(
  count: number,
  sizes: readonly number[],
  series: readonly ProgressSeries[],
  prior: { readonly contraction: ContractionPrior; readonly curve: CurvePrior },
  random: Random,
): LearningCurve[] {
  const weighed = weighContractions(sizes, series, prior.contraction, prior.curve)
  const total = weighed.reduce((sum, { weight }) => sum + weight, 0)
  return Array.from({ length: count }, () => {
    const chosen = pick(weighed, random() * total)
    return { contraction: 1 - (chosen?.rest ?? 0), terms: (chosen?.fits ?? []).map((fit) => drawTerms(fit, random)) }
  })
}

/** The item at which the running sum of weights passes a point. */
function pick<T extends { readonly weight: number }>(items: readonly T[], point: number): T | undefined {
  let left = point
  for (const item of items) {
    left -= item.weight
    if (left <= 0) return item
  }
  return items.at(-1)
}

/** Nobody's best share is above 1, no first weights are better than the best ones, and noise never helps: such draws are drawn again. */
const TRIES = 200

function drawTerms({ mean, covariance }: Fit, random: Random): CurveTerms {
  const [[a, b, c], [, e, f], [, , i]] = covariance
  // Cholesky's factor of a matrix of three; what rounding makes negative is 0.
  const l11 = Math.sqrt(Math.max(0, a))
  const l21 = l11 === 0 ? 0 : b / l11
  const l31 = l11 === 0 ? 0 : c / l11
  const l22 = Math.sqrt(Math.max(0, e - l21 * l21))
  const l32 = l22 === 0 ? 0 : (f - l21 * l31) / l22
  const l33 = Math.sqrt(Math.max(0, i - l31 * l31 - l32 * l32))
  let terms: CurveTerms = { best: 0, bias: 0, noise: 0 }
  for (let attempt = 0; attempt < TRIES; attempt++) {
    const [x, y, z] = [drawNormal(random), drawNormal(random), drawNormal(random)]
    terms = {
      best: mean[0] + l11 * x,
      bias: mean[1] + l21 * x + l22 * y,
      noise: mean[2] + l31 * x + l32 * y + l33 * z,
    }
    if (terms.best >= 0 && terms.bias >= 0 && terms.noise >= 0) return terms
  }
  return { best: Math.max(0, terms.best), bias: Math.max(0, terms.bias), noise: Math.max(0, terms.noise) }
}

/** What updates of these sizes add to the noise, over the noise term: V of the Gaussian model, up to a factor. */
export function noiseAfter(contraction: number, sizes: readonly number[]): number {
  return sizes.reduce((sum, n) => sum * contraction ** 2 + (contraction * (1 - contraction)) / n, 0)
}

/** The share of correct answers after so many updates that left this much noise; in (0, 1]. */
export function shareAt(
  { best, bias, noise }: CurveTerms,
  contraction: number,
  updates: number,
  noiseSum: number,
): number {
  return Math.exp(-best - bias * contraction ** (2 * updates) - noise * noiseSum)
}
