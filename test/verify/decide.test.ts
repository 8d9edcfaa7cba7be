import { describe, expect, test } from 'vitest'
import type { VerdictKind } from '../../src/core/verdict.ts'
import { CHECKER, judge } from '../../src/verify/decide.ts'
import { explain } from '../../src/verify/explain.ts'

const CASES: [gold: string, text: string, kind: VerdictKind, rule: string][] = [
  ['42', '#### 42', 'correct', 'text'],
  ['42', 'The answer is 42 apples.', 'correct', 'number'],
  ['... so 42\n#### 42', 'A: 42.0', 'correct', 'number'],
  ['A: 1,450,000', 'A: 1450000', 'correct', 'number'],
  ['0.5', '\\boxed{\\frac{7}{14}}', 'correct', 'number'],
  ['x = 5', '\\boxed{5}', 'correct', 'number'],
  ['5', '\\boxed{x = 5}', 'correct', 'number'],
  ['42', '#### 43', 'incorrect', 'number'],
  ['42', '#### -42', 'incorrect', 'number'],
  ['50', 'A: 50%', 'correct', 'percent'],
  ['1/2', 'A: 50%', 'correct', 'percent'],
  ['10\\%', '0.1', 'correct', 'percent'],
  ['0.5', 'A: 5%', 'incorrect', 'percent'],
  ['50%', 'A: 0.5%', 'incorrect', 'number'],
  ['42', 'no idea\nat all', 'no-answer', 'extract:none'],
  ['42', '42 birds were seen on that day in May', 'no-answer', 'extract:none'],
  ['42', "A: 10+John's age", 'unparsed', 'parse'],
  ['12', '\\boxed{(1,2)}', 'incorrect', 'count'],
  ['1', '\\boxed{-2} and \\boxed{1}', 'incorrect', 'count'],
  ['42', '\\boxed{42', 'unparsed', 'extract:boxed'],
  ['32349', 'is $\\boxed{32, 349}$', 'incorrect', 'count'],
  ['\\sqrt{3}', 'so $\\boxed{ \\sqrt{3} }$', 'correct', 'text'],
  ['(3,\\frac{\\pi}{2})', '\\boxed{\\left( 3, \\dfrac{\\pi}{2} \\right)}', 'correct', 'text'],
  ['x^{2}+1', '\\boxed{x^2 + 1}', 'correct', 'text'],
  ['Yes', 'the answer is yes.', 'correct', 'text'],
  ['\\text{Evelyn}', '\\boxed{Evelyn}', 'correct', 'text'],
  ['x^2', '\\boxed{x x}', 'correct', 'algebra'],
  ['(\\sin x', '\\boxed{x}', 'undecided', 'gold:text'],
  ['\\sqrt{16}', '\\boxed{4}', 'correct', 'algebra'],
  ['100 cm', '\\boxed{1 \\text{ meter}}', 'correct', 'units'],
  ['10 apples', '\\boxed{10 \\text{ pears}}', 'undecided', 'measure'],
  ['10 km', '\\boxed{10 \\text{ kg}}', 'incorrect', 'units'],
  ['x = 5', '\\boxed{y = 5}', 'undecided', 'name'],
  ['', '\\boxed{4}', 'undecided', 'gold:none'],
  ['\\boxed{', '\\boxed{4}', 'undecided', 'gold:none'],
  ['9'.repeat(2000), '\\boxed{4}', 'undecided', 'gold:limit'],
  ['4', `\\boxed{${'9'.repeat(2000)}}`, 'too-large', 'limit:digits'],
]

describe('a verdict names its kind and the rule that decided', () => {
  test.each(CASES)('gold %.40j, text %.60j: %s by %s', (gold, text, kind, rule) => {
    expect(judge(gold, text)).toMatchObject({ kind, rule, checker: CHECKER })
  })

  test('the calculator marks of GSM8K never change a verdict', () => {
    expect(judge('18', 'She sells 9 * 2 = $<<9*2=99>>18 a day\nA: 18')).toMatchObject({ kind: 'correct' })
  })

  test.each([
    ['hundredth', '1/2', 'correct'],
    ['hundredth', '50', 'incorrect'],
    ['drop', '1/2', 'incorrect'],
    ['drop', '50', 'correct'],
  ] as const)('with the percent policy %s, 50%% against %s is %s', (percent, gold, kind) => {
    expect(judge(gold, 'A: 50%', { percent })).toMatchObject({ kind, rule: 'percent' })
  })

  test('an answer with as many digits as a tighter limit allows is read, one more is not', () => {
    const limits = { digits: 3 }
    expect(judge('999', '#### 0999', { limits }).kind).toBe('too-large')
    expect(judge('999', '####  999.', { limits }).kind).toBe('correct')
  })
})

test('an explanation shows both sides as taken and as read, and the same verdict', () => {
  expect(explain('A: 1/2', 'So \\boxed{x = 0.50}')).toMatchObject({
    gold: { extracted: '1/2', extraction: 'extract:answer-line', parsed: 'number 1/2' },
    answer: { extracted: 'x = 0.50', extraction: 'extract:boxed', parsed: 'number 1/2 (as x)' },
    verdict: 'correct',
    rule: 'number',
    method: 'exact',
    points: 0,
    reason: 'both sides are numbers and were compared exactly',
    checker: CHECKER,
  })
})

test.each(CASES)('gold %.40j, text %.60j has a reason in words', (gold, text, kind) => {
  const { verdict, reason } = explain(gold, text)
  expect(verdict).toBe(kind)
  expect(reason).toMatch(/^[a-z].{10,}/)
})
