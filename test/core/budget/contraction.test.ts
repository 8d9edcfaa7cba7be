/** The contraction is estimated from noisy paths of the Gaussian model, and says how sure it is. */

import { expect, test } from 'vitest'
import {
  estimateContraction,
  VAGUE_CONTRACTION,
  VAGUE_CURVE,
  weighContractions,
} from '../../../src/core/budget/contraction.ts'
import { randomFor } from '../../../src/core/seed.ts'
import { constantsOf, gaussianStates, rewardAt } from '../../../src/simulate/gaussian.ts'
import { SETTINGS } from '../../simulate/reference.ts'

const PROBLEMS = 500

/** Binomial shares of the expected rewards along a path of 100 traces an iteration. */
function pathOf(model: (typeof SETTINGS)['B' | 'C' | 'D'], iterations: number, seed: number) {
  const random = randomFor(seed, 'contraction')
  const sizes = Array<number>(iterations).fill(100)
  const rewards = [
    rewardAt(model, model.theta2),
    ...[...gaussianStates(model, sizes)].map((state) => state.expectedReward),
  ]
  const gate = rewards.map((reward, updates) => {
    let correct = 0
    for (let i = 0; i < PROBLEMS; i++) if (random() < reward) correct++
    return { updates, share: correct / PROBLEMS, answers: PROBLEMS }
  })
  return { sizes, gate }
}

test.each(['B', 'C', 'D'] as const)(
  'setting %s: the 80%% interval holds lambda in at least 65 of 100 paths',
  (name) => {
    const { contraction } = constantsOf(SETTINGS[name])
    const estimates = Array.from({ length: 100 }, (_, seed) => {
      const { sizes, gate } = pathOf(SETTINGS[name], 15, seed)
      return estimateContraction(sizes, [gate])
    })
    const inside = estimates.filter(({ low, high }) => low <= contraction && contraction <= high)
    expect(inside.length).toBeGreaterThanOrEqual(65)
    for (const { low, mean, careful, high } of estimates) {
      expect(low).toBeLessThanOrEqual(mean)
      expect(mean).toBeLessThan(careful)
      expect(mean).toBeLessThanOrEqual(high)
    }
  },
)

test('without a measurement the prior comes back', () => {
  const { mean } = estimateContraction([], [])
  expect(Math.abs(mean - VAGUE_CONTRACTION.contraction)).toBeLessThan(0.05)
})

test('more iterations make it surer', () => {
  const widthAfter = (iterations: number): number => {
    const { sizes, gate } = pathOf(SETTINGS.B, iterations, 7)
    const { low, high } = estimateContraction(sizes, [gate])
    return high - low
  }
  expect(widthAfter(12)).toBeLessThan(widthAfter(3) / 1.5)
})

test('the base says nothing of the noise that an update adds, and every later point does', () => {
  const noiseKnown = (updates: number): number => {
    const series = [[{ updates, share: 0.4, answers: 500 }]]
    const [only] = weighContractions([100, 100], series, { contraction: 0.8, spread: 0 })
    return only?.fits[0]?.covariance[2][2] ?? Number.NaN
  }
  expect(noiseKnown(0)).toBe(VAGUE_CURVE.noise.variance)
  expect(noiseKnown(1)).toBeLessThan(VAGUE_CURVE.noise.variance)
  expect(noiseKnown(2)).toBeLessThan(noiseKnown(1))
})
