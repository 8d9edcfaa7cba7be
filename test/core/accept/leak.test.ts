/** The leak filter: a hinted trace that speaks of its answer as given is not trained on; honest work is. */

import { expect, test } from 'vitest'
import { leakIn } from '../../../src/core/accept/leak.ts'

test.each([
  'The hint says 42, so we get 42.',
  'Using the hint, 6 * 7 = 42.',
  'The given answer is 42. 6 * 7 = 42.',
  'First 6 * 7 = 42, which matches the answer.',
  '6 * 7 = 42, which agrees with the provided answer.',
  'We know that the answer is 42, so 6 * 7 must be it.',
  'Since the answer is 42, there must be 6 boxes.',
  'Working backwards from the answer, 42 / 7 = 6.',
  'We are told that the answer is 42.',
  'The answer was provided: 42.',
  'The answer is 42. It follows from 6 * 7.',
  'So the final answer is 42 because 6 * 7 = 42.',
  '#### 42',
  '\\boxed{42}',
  'The expected result is 42, let us see why.',
])('%j leaks', (text) => {
  expect(leakIn(text)).toBeTypeOf('string')
})

test.each([
  '6 * 7 = 42. The answer is 42.',
  'Each box holds 7, so 6 boxes hold 6 * 7 = 42.\n#### 42',
  'Mara was given 6 boxes of 7 pears, so she has 42 pears. The final answer is \\boxed{42}.',
  'We are given that x + 2 = 44. Hence x = 42.',
  'Let x be the number of pears. Then x = 6 * 7 = 42.\nTherefore, the correct answer is 42.',
])('%j does not', (text) => {
  expect(leakIn(text)).toBeUndefined()
})
