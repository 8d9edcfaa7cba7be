/** The leak filter: a hinted trace that leans on the answer it was given is not trained on; honest work is. */

import { expect, test } from 'vitest'
import { leakIn } from '../../../src/core/accept/leak.ts'
import { HONEST, LEAKING } from './hinted-texts.ts'

const PEARS = { question: 'Six boxes hold 7 pears each. How many?', gold: '42' }

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
  'There are 6 boxes of 7 pears. The answer is 42.',
  '6 + 7 = 13, so there are 13.\nThe answer is 42.',
])('%j leaks', (text) => {
  expect(leakIn({ ...PEARS, text })).toBeTypeOf('string')
})

test.each([
  '6 * 7 = 42. The answer is 42.',
  'Each box holds 7, so 6 boxes hold 6 * 7 = 42.\n#### 42',
  'Mara was given 6 boxes of 7 pears, so she has 42 pears. The final answer is \\boxed{42}.',
  'We are given that x + 2 = 44. Hence x = 42.',
  '6 * 7\n= 42',
  'That makes 6 times 7 pears.\n#### 42',
  'Six boxes: 7, 14, 21, 28, 35, 42.\nThe answer is 42.',
  'There are 6 boxes of 7 pears, which makes 42 pears.\n#### 42',
  'Elle perd 2,5 * 8 = 20, donc 62 - 20 = 42.',
  'Let x be the number of pears. Then x = 6 * 7 = 42.\nTherefore, the correct answer is 42.',
])('%j does not', (text) => {
  expect(leakIn({ ...PEARS, text })).toBeUndefined()
})

test('of solutions that nobody suited to it, four in five of those that lean on the answer are caught and three in four honest ones kept', () => {
  const caught = LEAKING.filter((one) => leakIn(one) !== undefined)
  const dropped = HONEST.filter((one) => leakIn(one) !== undefined)
  expect(LEAKING).toHaveLength(30)
  expect(HONEST).toHaveLength(30)
  expect(caught.length).toBeGreaterThanOrEqual(24)
  expect(dropped.length).toBeLessThanOrEqual(7)
})

test('an answer that the question names gives nothing away, nor one that is a part of another number', () => {
  expect(leakIn({ question: 'Show that 42 is even.', gold: '42', text: '42 = 2 * 21 is even.' })).toBeUndefined()
  expect(leakIn({ question: 'What is 6 * 7?', gold: '4', text: 'It is 42. 2 + 2 = 4' })).toBeUndefined()
  expect(leakIn({ question: 'What is 15 * 300?', gold: '4500', text: 'It is 4,500: 15 * 300 = 4500' })).toMatch(/4500/)
  expect(leakIn({ question: 'What is it?', gold: '', text: 'Nothing.' })).toBeUndefined()
})
