/**
 * The Gaussian model of "Spend Wisely" (arXiv 2501.18962) in closed form: what a budget policy brings and costs, exactly.
 *
 * A generator N(theta, sigma2 I) draws x and keeps it with probability exp(-|x|^2 / (2 kappa2)), until n_t are kept; the next
 * theta is their mean. Kept samples are exactly N(lambda theta, v I), so theta stays Gaussian and everything follows.
 */

/** All above 0, theta2 at least 0. */
export interface GaussianModel {
  /** Variance of the generator, in each direction. */
  readonly sigma2: number
  /** Width of the reward: R(x) = exp(-|x|^2 / (2 kappa2)). */
  readonly kappa2: number
  /** |theta_0|^2: how far off the first generator is. */
  readonly theta2: number
  /** A whole number of at least 1. */
  readonly dimension: number
}

export interface GaussianConstants {
  /** S = sigma2 + kappa2. */
  readonly spread: number
  /** lambda = kappa2 / S: what an iteration leaves of the bias. */
  readonly contraction: number
  /** v = sigma2 kappa2 / S: the variance of a kept sample. */
  readonly keptVariance: number
  /** r* = lambda^(d/2): the reward, and the acceptance rate, at theta = 0. */
  readonly bestReward: number
}

/** An iteration and the state after it. */
export interface GaussianState {
  /** t, from 0. */
  readonly iteration: number
  /** n_t, kept samples. */
  readonly n: number
  /** V: variance of theta in each direction. */
  readonly variance: number
  /** E|theta|^2. */
  readonly meanSquare: number
  /** E r(theta). */
  readonly expectedReward: number
  /** E N_t: samples drawn in this iteration; Infinity where the expectation does not exist. */
  readonly expectedSamples: number
}

export function constantsOf({ sigma2, kappa2, dimension }: GaussianModel): GaussianConstants {
  const spread = sigma2 + kappa2
  const contraction = kappa2 / spread
  return {
    spread,
    contraction,
    keptVariance: (sigma2 * kappa2) / spread,
    bestReward: contraction ** (dimension / 2),
  }
}

/** r(theta) = r* exp(-|theta|^2 / (2 S)). */
export function rewardAt(model: GaussianModel, thetaSquare: number): number {
  const { spread, bestReward } = constantsOf(model)
  return bestReward * Math.exp(-thetaSquare / (2 * spread))
}

/** Acceptance rates r(m_t) on the way of the mean, m_t = lambda^t theta_0: those of a policy without noise. */
export function noiselessRates(model: GaussianModel, iterations: number): number[] {
  const { contraction } = constantsOf(model)
  return Array.from({ length: iterations }, (_, t) => rewardAt(model, contraction ** (2 * t) * model.theta2))
}

/**
 * The state after each iteration, one for each size.
 * @param sizes n_t, above 0; fractions are taken as they are
 */
export function* gaussianStates(model: GaussianModel, sizes: Iterable<number>): Generator<GaussianState> {
  const constants = constantsOf(model)
  const { contraction, keptVariance } = constants
  let variance = 0
  let meanSquare = model.theta2
  let iteration = 0
  for (const n of sizes) {
    const expectedSamples = expectedDraws(model, constants, n, variance, meanSquare)
    variance = contraction * contraction * variance + keptVariance / n
    meanSquare *= contraction * contraction
    yield {
      iteration,
      n,
      variance,
      meanSquare: meanSquare + model.dimension * variance,
      expectedReward: expectedReward(model, constants, variance, meanSquare),
      expectedSamples,
    }
    iteration++
  }
}

/** E r = r* (S / (S + V))^(d/2) exp(-|m|^2 / (2 (S + V))), with m the mean of theta. */
function expectedReward(
  { dimension }: GaussianModel,
  { spread, bestReward }: GaussianConstants,
  variance: number,
  meanSquare: number,
): number {
  const wide = spread + variance
  return bestReward * (spread / wide) ** (dimension / 2) * Math.exp(-meanSquare / (2 * wide))
}

/** E N_t = (n_t / r*) (S / (S - V))^(d/2) exp(|m|^2 / (2 (S - V))), which exists for V < S: always where every n_t >= 1. */
function expectedDraws(
  { dimension }: GaussianModel,
  { spread, bestReward }: GaussianConstants,
  n: number,
  variance: number,
  meanSquare: number,
): number {
  const narrow = spread - variance
  if (narrow <= 0) return Number.POSITIVE_INFINITY
  return (n / bestReward) * (spread / narrow) ** (dimension / 2) * Math.exp(meanSquare / (2 * narrow))
}

export interface GaussianTotals {
  /** Sum of n_t. */
  readonly accepted: number
  /** E sum of N_t. */
  readonly expectedSamples: number
}

export function totalsOf(states: readonly GaussianState[]): GaussianTotals {
  return {
    accepted: states.reduce((sum, { n }) => sum + n, 0),
    expectedSamples: states.reduce((sum, { expectedSamples }) => sum + expectedSamples, 0),
  }
}
