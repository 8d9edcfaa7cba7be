/** The Gaussian model as the benches of policies play it: what a run costs until it is near enough, and one run by chance. */

import { drawNormal } from '../src/core/measure/draws.ts'
import type { Random } from '../src/core/seed.ts'
import { constantsOf, type GaussianModel, gaussianStates, rewardAt } from '../src/simulate/gaussian.ts'

const COSTS = { sample: 1, train: 0.2 }

/**
 * c_g E N + c_t n of every iteration until the expected gap to the best reward is small enough; undefined where it never is.
 * @param fee samples that the evaluation of an iteration is charged with
 */
export function costToReach(model: GaussianModel, sizes: readonly number[], gap: number, fee = 0): number | undefined {
  const { bestReward } = constantsOf(model)
  return costsAndRewards(model, sizes, fee).find(({ reward }) => bestReward - reward <= gap)?.cost
}

/** Cost so far and expected reward after each iteration. */
export function costsAndRewards(
  model: GaussianModel,
  sizes: readonly number[],
  fee = 0,
): { readonly cost: number; readonly reward: number }[] {
  let cost = 0
  return Array.from(gaussianStates(model, sizes), ({ n, expectedSamples, expectedReward }) => {
    cost += COSTS.sample * (expectedSamples + fee) + COSTS.train * n
    return { cost, reward: expectedReward }
  })
}

export interface PlayedModel {
  /** Acceptance rate, which is the reward. */
  reward(): number
  /** The next theta from n kept samples. */
  update(n: number): void
}

export function playModel(model: GaussianModel, random: Random): PlayedModel {
  const { contraction, keptVariance } = constantsOf(model)
  let theta = Array.from({ length: model.dimension }, (_, i) => (i === 0 ? Math.sqrt(model.theta2) : 0))
  return {
    reward() {
      const square = theta.reduce((sum, x) => sum + x * x, 0)
      return rewardAt(model, square)
    },
    update(n) {
      theta = theta.map((x) => contraction * x + Math.sqrt(keptVariance / n) * drawNormal(random))
    },
  }
}
