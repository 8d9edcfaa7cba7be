/** What a gate sees as predicted, against gates that are used. */

import { expect, test } from 'vitest'
import { drawCheckpoints } from '../../../bench/statistics/checkpoints.ts'
import { judgeGate } from '../../../src/core/measure/gate.ts'
import { gatePower, problemsToSee, samplesToSee, seenDrop, visibleDrop } from '../../../src/core/measure/gate-power.ts'
import { createRandom } from '../../../src/core/seed.ts'

const TERMS = { accuracy: 0.5, margin: 0.02, alpha: 0.005 }

test.each([
  [500, 1, 0.1],
  [100, 4, 0.1],
  [500, 4, 0.05],
] as const)('with %i problems x %i a drop of %f fails about as often as predicted', (problems, samples, drop) => {
  const random = createRandom(problems + samples)
  const trials = 250
  let failed = 0
  let seen = 0
  for (let trial = 0; trial < trials; trial++) {
    const pair = drawCheckpoints({ problems, samples, accuracy: 0.5, correlation: 0.3, drop }, random)
    const { decision, difference, alpha } = judgeGate({ ...pair, samples, margin: TERMS.margin, alpha: TERMS.alpha })
    if (decision === 'failed') failed++
    seen += (seenDrop({ ...difference, alpha }, TERMS.margin) ?? 0) / trials
  }
  const power = gatePower({ problems, samples }, TERMS, drop)
  expect(Math.abs(failed / trials - power)).toBeLessThan(0.09)
  expect(seen / visibleDrop({ problems, samples }, TERMS)).toBeGreaterThan(0.9)
  expect(seen / visibleDrop({ problems, samples }, TERMS)).toBeLessThan(1.1)
})

test('what is asked for is enough, and one less is not', () => {
  const samples = samplesToSee(500, TERMS, 0.03) ?? 0
  expect(visibleDrop({ problems: 500, samples }, TERMS)).toBeLessThanOrEqual(0.03)
  expect(visibleDrop({ problems: 500, samples: samples - 1 }, TERMS)).toBeGreaterThan(0.03)
  expect(problemsToSee(1, TERMS, 0.03)).toBeGreaterThan(2000)
  expect(samplesToSee(500, TERMS, 0.02)).toBeUndefined()
  expect(seenDrop({ low: -1, high: 1, n: 1, alpha: 0.005 }, 0.02)).toBeNull()
})
