/** Learning curves are drawn from what is measured and assumed, and nothing that is certain is drawn differently twice. */

import { expect, test } from 'vitest'
import { VAGUE_CONTRACTION, VAGUE_CURVE } from '../../../src/core/budget/contraction.ts'
import { drawCurves, noiseAfter, shareAt } from '../../../src/core/budget/learning-curve.ts'
import { createRandom } from '../../../src/core/seed.ts'
import { constantsOf, gaussianStates } from '../../../src/simulate/gaussian.ts'
import { SETTINGS } from '../../simulate/reference.ts'

const certain = (mean: number) => ({ mean, variance: 0 })

test('an assumption without a range is taken as it is, and the measured base gives the bias', () => {
  const base = { updates: 0, share: 0.4, answers: 1e9 }
  const curve = { best: certain(-Math.log(0.8)), bias: VAGUE_CURVE.bias, noise: certain(2) }
  const drawn = drawCurves(20, [], [[base]], { contraction: { contraction: 0.7, spread: 0 }, curve }, createRandom(1))
  for (const { contraction, terms } of drawn) {
    expect(contraction).toBeCloseTo(0.7, 12)
    expect(terms[0]?.best).toBeCloseTo(-Math.log(0.8), 9)
    // 0.4 is half of 0.8.
    expect(terms[0]?.bias).toBeCloseTo(Math.log(2), 3)
    expect(terms[0]?.noise).toBeCloseTo(2, 9)
  }
})

test('a range is a range: 95% of the curves lie in it', () => {
  const prior = { contraction: { contraction: 0.8, spread: 0.2 }, curve: VAGUE_CURVE }
  const base = { updates: 0, share: 0.4, answers: 400 }
  const rests = drawCurves(2000, [], [[base]], prior, createRandom(2)).map(({ contraction }) => 1 - contraction)
  const inside = rests.filter((rest) => rest > 0.2 * Math.exp(-1.96 * 0.2) && rest < 0.2 * Math.exp(1.96 * 0.2))
  expect(inside.length / rests.length).toBeGreaterThan(0.93)
  expect(inside.length / rests.length).toBeLessThan(0.97)
})

test('whatever is drawn, no best share is above 1, no base is better than the best, and noise does not help', () => {
  const base = { updates: 0, share: 0.9, answers: 50 }
  const prior = { contraction: VAGUE_CONTRACTION, curve: VAGUE_CURVE }
  for (const { terms } of drawCurves(500, [], [[base]], prior, createRandom(3))) {
    for (const value of Object.values(terms[0] ?? {})) expect(value).toBeGreaterThanOrEqual(0)
  }
})

test.each(['A', 'B', 'C'] as const)(
  'in %s the curve with its true terms is the Gaussian model near its end',
  (name) => {
    const model = SETTINGS[name]
    const { contraction, bestReward, spread } = constantsOf(model)
    const sizes = Array<number>(30).fill(50)
    const state = [...gaussianStates(model, sizes)].at(-1)
    // E r is r* (1 - d V / (2 S)) in first order, and V is sigma2 lambda sum lambda^(2(t-1-s)) / n_s, sigma2 = S (1 - lambda).
    const terms = {
      best: -Math.log(bestReward),
      bias: model.theta2 / (2 * spread),
      noise: model.dimension / 2,
    }
    const share = shareAt(terms, contraction, 30, noiseAfter(contraction, sizes))
    expect(Math.abs(share / (state?.expectedReward ?? 0) - 1)).toBeLessThan(5e-4)
  },
)
