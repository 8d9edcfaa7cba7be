/** Cost to a target: the first iteration whose expected gap to the best reward is small enough, if it comes at all. */

import { constantsOf, type GaussianModel, gaussianStates } from './gaussian.ts'

export interface ReachLimits {
  /** The search ends after so many iterations. */
  readonly iterations: number
  /** The search ends before the sum of n_t passes this. */
  readonly accepted: number
}

export interface Reached {
  /** T: how many iterations it took. */
  readonly iterations: number
  /** Sum of n_t. */
  readonly accepted: number
  /** E sum of N_t. */
  readonly expectedSamples: number
}

/**
 * Runs a policy until r* - E r <= gap.
 * @param sizes n_t, as long as they are wanted
 * @returns undefined where the gap stays larger within the limits
 */
export function reachGap(
  model: GaussianModel,
  sizes: Iterable<number>,
  gap: number,
  limits: ReachLimits,
): Reached | undefined {
  const { bestReward } = constantsOf(model)
  let accepted = 0
  let expectedSamples = 0
  for (const state of gaussianStates(model, sizes)) {
    accepted += state.n
    expectedSamples += state.expectedSamples
    if (accepted > limits.accepted) return undefined
    const iterations = state.iteration + 1
    if (bestReward - state.expectedReward <= gap) return { iterations, accepted, expectedSamples }
    if (iterations >= limits.iterations) return undefined
  }
  return undefined
}
