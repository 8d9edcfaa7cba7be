/** The real rejection loop against the closed forms, with ten times the runs: differences of a tenth of a percent would show. */

import { expect, test } from 'vitest'
import { gaussianStates } from '../../src/simulate/gaussian.ts'
import { monteCarlo } from '../../src/simulate/rejection-loop.ts'
import { REFERENCE } from './reference.ts'

test.each(REFERENCE)('200,000 seeded runs of %j', ({ model, sizes }) => {
  const { meanSquare, reward, samples } = monteCarlo(model, [...gaussianStates(model, sizes)], {
    runs: 200_000,
    seed: 2,
  })
  for (const estimate of [meanSquare, reward, samples]) expect(Math.abs(estimate.z)).toBeLessThan(4)
})
