/** Monte Carlo of the Gaussian model: the real loop, drawing and rejecting, against which the closed forms can be held. */

import { type Random, randomFor } from '../core/seed.ts'
import { type GaussianModel, type GaussianState, rewardAt, totalsOf } from './gaussian.ts'

/** Mean of a quantity over the runs, next to its closed form. */
export interface Estimate {
  readonly mean: number
  readonly standardError: number
  /** (mean - expected) / standardError; 0 where nothing varies. */
  readonly z: number
}

/** Of the state after the last iteration; `samples` is the sum of N_t over the run. */
export interface MonteCarlo {
  readonly runs: number
  readonly seed: number
  readonly meanSquare: Estimate
  readonly reward: Estimate
  readonly samples: Estimate
}

interface Outcome {
  readonly meanSquare: number
  readonly reward: number
  readonly samples: number
}

/**
 * Runs the loop many times with the sizes of the states, which must be whole numbers.
 * @param states the closed forms, at least one
 * @param runs at least 2
 */
export function monteCarlo(
  model: GaussianModel,
  states: readonly GaussianState[],
  { runs, seed }: { readonly runs: number; readonly seed: number },
): MonteCarlo {
  const draw = normalsFrom(randomFor(seed, 'gaussian/normal'))
  const chance = randomFor(seed, 'gaussian/keep')
  const sizes = states.map(({ n }) => n)
  const outcomes = Array.from({ length: runs }, () => runOnce(model, sizes, draw, chance))
  const last = states.at(-1)
  return {
    runs,
    seed,
    meanSquare: estimate(
      outcomes.map((it) => it.meanSquare),
      last?.meanSquare ?? Number.NaN,
    ),
    reward: estimate(
      outcomes.map((it) => it.reward),
      last?.expectedReward ?? Number.NaN,
    ),
    samples: estimate(
      outcomes.map((it) => it.samples),
      totalsOf(states).expectedSamples,
    ),
  }
}

function runOnce(model: GaussianModel, sizes: readonly number[], draw: Random, chance: Random): Outcome {
  const { kappa2, theta2, dimension } = model
  const deviation = Math.sqrt(model.sigma2)
  // The model looks the same from every direction, so theta_0 may lie along the first axis.
  let theta = Float64Array.from({ length: dimension }, (_, i) => (i === 0 ? Math.sqrt(theta2) : 0))
  const x = new Float64Array(dimension)
  let samples = 0
  for (const n of sizes) {
    const sum = new Float64Array(dimension)
    for (let kept = 0; kept < n; ) {
      let square = 0
      for (let i = 0; i < dimension; i++) {
        const value = (theta[i] ?? 0) + deviation * draw()
        x[i] = value
        square += value * value
      }
      samples++
      if (chance() >= Math.exp(-square / (2 * kappa2))) continue
      kept++
      for (let i = 0; i < dimension; i++) sum[i] = (sum[i] ?? 0) + (x[i] ?? 0)
    }
    theta = sum.map((value) => value / n)
  }
  const meanSquare = theta.reduce((total, value) => total + value * value, 0)
  return { meanSquare, reward: rewardAt(model, meanSquare), samples }
}

function estimate(values: readonly number[], expected: number): Estimate {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0)
  const standardError = Math.sqrt(squares / (values.length - 1) / values.length)
  return { mean, standardError, z: standardError === 0 ? 0 : (mean - expected) / standardError }
}

/** Standard normal numbers from uniform ones (Box and Muller, 1958), two at a time. */
function normalsFrom(random: Random): Random {
  let spare: number | undefined
  return () => {
    if (spare !== undefined) {
      const value = spare
      spare = undefined
      return value
    }
    const radius = Math.sqrt(-2 * Math.log(1 - random()))
    const angle = 2 * Math.PI * random()
    spare = radius * Math.sin(angle)
    return radius * Math.cos(angle)
  }
}
