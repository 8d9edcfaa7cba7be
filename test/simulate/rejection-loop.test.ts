/** The real rejection loop agrees with the closed forms. */

import { expect, test } from 'vitest'
import { gaussianStates } from '../../src/simulate/gaussian.ts'
import { monteCarlo } from '../../src/simulate/rejection-loop.ts'
import { REFERENCE } from './reference.ts'

test.each(REFERENCE)('20,000 seeded runs of %j', ({ model, sizes }) => {
  const { meanSquare, reward, samples } = monteCarlo(model, [...gaussianStates(model, sizes)], {
    runs: 20_000,
    seed: 1,
  })
  for (const estimate of [meanSquare, reward, samples]) {
    expect(estimate.standardError).toBeGreaterThan(0)
    expect(Math.abs(estimate.z)).toBeLessThan(4)
  }
})

test('the same seed gives the same runs, another one others', () => {
  const model = { sigma2: 1, kappa2: 4, theta2: 4, dimension: 2 }
  const states = [...gaussianStates(model, [3, 4])]
  const once = monteCarlo(model, states, { runs: 50, seed: 7 })
  expect(monteCarlo(model, states, { runs: 50, seed: 7 })).toEqual(once)
  expect(monteCarlo(model, states, { runs: 50, seed: 8 }).samples.mean).not.toBe(once.samples.mean)
})
