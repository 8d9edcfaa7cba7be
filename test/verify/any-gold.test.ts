import { expect, test } from 'vitest'
import { judge } from '../../src/verify/decide.ts'

const GOLDS = JSON.stringify(['2', '\\frac{1}{2}', '\\sqrt{3}'])

test.each([
  ['\\boxed{2}', 'correct'],
  ['So the answer is $\\boxed{0.5}$.', 'correct'],
  ['\\boxed{3^{1/2}}', 'correct'],
  ['\\boxed{3}', 'incorrect'],
  ['\\boxed{2, \\frac12}', 'incorrect'],
  ['', 'no-answer'],
])('of several golds any is right: %s is %s', (completion, kind) => {
  expect(judge(GOLDS, completion).kind).toBe(kind)
})

test('what is not settled beside one of them is not called incorrect', () => {
  const golds = JSON.stringify(['4', 'of which \\heartsuit nobody knows'])
  expect(judge(golds, '\\boxed{5}').kind).not.toBe('correct')
  expect(judge(golds, '\\boxed{4}').kind).toBe('correct')
})

test.each(['["2", 3]', '["2"', '[2,3]', '[]'])('%s is not a list of golds', (gold) => {
  expect(judge(gold, '\\boxed{2}').kind).not.toBe('correct')
})
