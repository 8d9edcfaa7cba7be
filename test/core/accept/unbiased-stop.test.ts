/** The stop at n_t in virtual time, in small: the long version is unbiased-stop.slow.test.ts. */

import { expect, test } from 'vitest'
import { play, summarise, TRUE_LENGTH } from './unbiased-stop.ts'

test.each([0, 0.05])('n_t lands exactly and unbiased with more in flight than n_t, %d lost', (lost) => {
  const outcomes = Array.from({ length: 200 }, (_, seed) => play({ target: 256, inFlight: 512, lost }, seed + 1))
  expect(outcomes.every(({ accepted }) => accepted === 256)).toBe(true)
  const { mean, error } = summarise(outcomes.map(({ length }) => length))
  expect(Math.abs(mean - TRUE_LENGTH)).toBeLessThan(3.5 * error)
  // What the rule is for: the first to arrive are far too short.
  expect(summarise(outcomes.map(({ byArrival }) => byArrival)).mean).toBeLessThan(0.98 * TRUE_LENGTH)
})
