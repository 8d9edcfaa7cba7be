/**
 * What measured progress says about the contraction lambda: the share of the bias that an iteration leaves.
 *
 * In the Gaussian model of "Spend Wisely" (arXiv 2501.18962) the expected -log of the acceptance rate is linear in three unknowns once
 * lambda is given: y_t = best + bias lambda^(2t) + noise * sum over s < t of lambda^(2(t-1-s)) / n_s. So for each lambda of a grid they
 * are integrated out in closed form (Bayesian linear regression), and lambda is weighed by what is left: its marginal likelihood.
 * Which reward is the best one is unknown, so one ratio of gaps says little; a whole path says more, and the answer is an interval.
 */

/** A measured share of correct answers. */
export interface ProgressPoint {
  /** Updates that the measured weights have had: 0 is the base. */
  readonly updates: number
  /** In [0, 1]. */
  readonly share: number
  /** Independent answers it was measured on. */
  readonly answers: number
}

/** Points that share a split and a prompt: only lambda is common to two series. */
export type ProgressSeries = readonly ProgressPoint[]

export interface ContractionPrior {
  /** Believed lambda, in (0, 1). */
  readonly contraction: number
  /** Standard deviation of log(1 - lambda): 0.7 is a factor of 2 either way; 0 is certainty. */
  readonly spread: number
}

export interface ContractionEstimate {
  /** lambda whose log(1 - lambda) is the posterior mean. */
  readonly mean: number
  /** One posterior standard deviation slower than the mean: what a careful planner goes by, since too much growth costs more than too little. */
  readonly careful: number
  /** 10% and 90% of the posterior. */
  readonly low: number
  readonly high: number
  /** What is left of the gap to the best share of the first series after its last update: posterior mean, and 90%. */
  readonly gap: number
  readonly gapHigh: number
}

/** Before anything is known: 1 - lambda about 0.2, within a factor of 4 of it with 90%. */
export const VAGUE_CONTRACTION: ContractionPrior = { contraction: 0.8, spread: 0.9 }

const GRID = 80
const SLOWEST = 0.01
const FASTEST = 0.8

/**
 * @param sizes n_t of the updates, in order
 * @param series at least one point altogether makes a difference; none gives the prior back
 */
export function estimateContraction(
  sizes: readonly number[],
  series: readonly ProgressSeries[],
  prior: ContractionPrior = VAGUE_CONTRACTION,
): ContractionEstimate {
  const weighed = weighContractions(sizes, series, prior).map((it) => ({ ...it, fit: it.fits[0] }))
  const total = weighed.reduce((sum, { weight }) => sum + weight, 0)
  const mean = (of: (it: (typeof weighed)[number]) => number): number =>
    weighed.reduce((sum, it) => sum + it.weight * of(it), 0) / total
  const restAt = (p: number): number => {
    let left = p * total
    for (const { rest, weight } of weighed) {
      left -= weight
      if (left <= 0) return rest
    }
    return FASTEST
  }
  const gap = mean(({ fit }) => fit?.gap ?? 1)
  const spread = Math.sqrt(mean(({ fit }) => (fit ? fit.gapVariance + (fit.gap - gap) ** 2 : 0)))
  const log = mean(({ rest }) => Math.log(rest))
  const deviation = Math.sqrt(mean(({ rest }) => (Math.log(rest) - log) ** 2))
  return {
    mean: 1 - Math.exp(log),
    careful: 1 - Math.exp(log - deviation),
    low: 1 - restAt(0.9),
    high: 1 - restAt(0.1),
    gap: Math.max(0, gap),
    gapHigh: Math.max(0, gap) + ONE_SIDED_90 * spread,
  }
}

const ONE_SIDED_90 = 1.2816

/** A lambda of the grid. */
export interface WeighedContraction {
  /** 1 - lambda. */
  readonly rest: number
  /** Posterior weight; the largest one is 1. */
  readonly weight: number
  /** What follows for each series that has points, in order. */
  readonly fits: readonly Fit[]
}

/** The posterior of lambda, and of the three unknowns of each series given it. */
export function weighContractions(
  sizes: readonly number[],
  series: readonly ProgressSeries[],
  prior: ContractionPrior,
  curve: CurvePrior = VAGUE_CURVE,
): WeighedContraction[] {
  const rests =
    prior.spread === 0
      ? [1 - prior.contraction]
      : Array.from({ length: GRID }, (_, i) => SLOWEST * (FASTEST / SLOWEST) ** (i / (GRID - 1)))
  const candidates = rests.map((rest) => {
    const distance = prior.spread === 0 ? 0 : (Math.log(rest) - Math.log(1 - prior.contraction)) / prior.spread
    const fits = series.filter((points) => points.length > 0).map((points) => fitSeries(1 - rest, sizes, points, curve))
    const evidence = fits.reduce((sum, fit) => sum + fit.evidence, 0)
    return { rest, weight: evidence - (distance * distance) / 2, fits }
  })
  const most = Math.max(...candidates.map(({ weight }) => weight))
  return candidates.map((it) => ({ ...it, weight: Math.exp(it.weight - most) }))
}

export interface Fit {
  /** Log of the marginal likelihood. */
  readonly evidence: number
  /** Best, bias and noise: posterior mean and covariance. */
  readonly mean: Vector
  readonly covariance: Matrix
  /** Gap in the share, after the last update. */
  readonly gap: number
  readonly gapVariance: number
}

/** What is believed of a series before anything is measured: normal, each with its mean and variance. */
export interface CurvePrior {
  /** -log of the best share. */
  readonly best: Belief
  /** Bias of the first weights, in -log of the share. */
  readonly bias: Belief
  /** Variance that an update of n traces adds, times n, over lambda (1 - lambda): half the effective dimension. */
  readonly noise: Belief
}

interface Belief {
  readonly mean: number
  readonly variance: number
}

/** The best share is about 0.75, anything from 0.4 to 1 being believable; of the bias hardly anything is known. */
export const VAGUE_CURVE: CurvePrior = {
  best: { mean: 0.3, variance: 0.3 ** 2 },
  bias: { mean: 1, variance: 2 ** 2 },
  noise: { mean: 1, variance: 1 },
}

function fitSeries(contraction: number, sizes: readonly number[], points: ProgressSeries, prior: CurvePrior): Fit {
  const square = contraction * contraction
  const noiseAfter: number[] = [0]
  for (const n of sizes) {
    noiseAfter.push((noiseAfter.at(-1) ?? 0) * square + (contraction * (1 - contraction)) / n)
  }
  const rowAt = (updates: number): Vector => [1, square ** updates, noiseAfter[updates] ?? noiseAfter.at(-1) ?? 0]
  let mean: Vector = [prior.best.mean, prior.bias.mean, prior.noise.mean]
  let covariance: Matrix = [
    [prior.best.variance, 0, 0],
    [0, prior.bias.variance, 0],
    [0, 0, prior.noise.variance],
  ]
  let evidence = 0
  for (const point of points) {
    const row = rowAt(point.updates)
    // Half an answer on either side keeps none of 500 from being minus infinity.
    const share = (point.share * point.answers + 0.5) / (point.answers + 1)
    const wobble = row[2] * (row[2] + 2 * row[1])
    const variance = (1 - share) / (share * point.answers) + wobble
    const cross = times(covariance, row)
    const spread = dot(row, cross) + variance
    const surprise = -Math.log(share) - dot(row, mean)
    evidence -= (surprise * surprise) / (2 * spread) + Math.log(spread) / 2
    mean = [
      mean[0] + (cross[0] * surprise) / spread,
      mean[1] + (cross[1] * surprise) / spread,
      mean[2] + (cross[2] * surprise) / spread,
    ]
    covariance = minusOuter(covariance, cross, spread)
  }
  const [, bias, noise] = rowAt(points.at(-1)?.updates ?? 0)
  const left: Vector = [0, bias, noise]
  const best = Math.exp(-Math.max(0, mean[0]))
  const gap = best * (1 - Math.exp(-Math.max(0, dot(left, mean))))
  return { evidence, mean, covariance, gap, gapVariance: best * best * dot(left, times(covariance, left)) }
}

export type Vector = readonly [number, number, number]
export type Matrix = readonly [Vector, Vector, Vector]

function dot(a: Vector, b: Vector): number {
  return a[0] * b[0] + a[1] * b[1] + a[2] * b[2]
}

function times(m: Matrix, v: Vector): Vector {
  return [dot(m[0], v), dot(m[1], v), dot(m[2], v)]
}

function minusOuter(m: Matrix, v: Vector, by: number): Matrix {
  const row = (r: Vector, x: number): Vector => [r[0] - (x * v[0]) / by, r[1] - (x * v[1]) / by, r[2] - (x * v[2]) / by]
  return [row(m[0], v[0]), row(m[1], v[1]), row(m[2], v[2])]
}
