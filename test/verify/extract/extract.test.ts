import { describe, expect, test } from 'vitest'
import { findTags } from '../../../src/verify/extract/elsewhere.ts'
import { extractAnswer } from '../../../src/verify/extract/extract.ts'
import { DEFAULT_LIMITS } from '../../../src/verify/limits.ts'

const extract = (text: string) => extractAnswer(text, DEFAULT_LIMITS)

describe('the answer is found by its last marker', () => {
  test.each([
    ['6 * 7 = 42\n#### 42', 'extract:hash', '42'],
    ['#### 1\nno, wait\n#### 42', 'extract:hash', '42'],
    ['####\n42', 'extract:hash', '42'],
    ['#### 1. Count the eggs\nThere are 16.\n\\boxed{16}', 'extract:boxed', '16'],
    ['#### Step 1\nThe answer is 7.', 'extract:the-answer-is', '7'],
    ['#### yes', 'extract:hash', 'yes'],
    ['so \\boxed{1} and then \\boxed{\\frac{1}{2}}.', 'extract:boxed', '\\frac{1}{2}'],
    ['\\fbox{5}', 'extract:boxed', '5'],
    ['\\boxed 5', 'extract:boxed', '5'],
    ['\\boxed{\\boxed{5}}', 'extract:boxed', '5'],
    ['\\boxed{\\{1, 2\\}}', 'extract:boxed', '\\{1, 2\\}'],
    ['$\\boxed{-2} \\quad \\text{and} \\quad \\boxed{1}$', 'extract:boxed', '-2, 1'],
    ['\\boxed{840}\\boxed{840}', 'extract:boxed', '840'],
    ['\\boxed{3}\n#### 4', 'extract:hash', '4'],
    ['#### 4\nso \\boxed{3}', 'extract:boxed', '3'],
    ['The answer is 5. \\boxed{6}', 'extract:boxed', '6'],
    [
      '= \\boxed{255}$. Final Answer: The final answer is $10,455$. I hope it is correct.',
      'extract:the-answer-is',
      '$10,455$',
    ],
    ['\\boxed{255}. I hope the final answer is correct.', 'extract:boxed', '255'],
    ['She has 9.\nA: 18', 'extract:answer-line', '18'],
    ['A: 1\nB\nAnswer: 2', 'extract:answer-line', '2'],
    ['**Answer:** 42', 'extract:answer-line', '42'],
    ['**Final Answer**: $42$', 'extract:answer-line', '$42$'],
    ['Answer:\n\n42', 'extract:answer-line', '42'],
    ['Answer: The answer is 42.', 'extract:the-answer-is', '42'],
    ['The answer is 42 apples.', 'extract:the-answer-is', '42 apples'],
    ['The answer is 3.5.', 'extract:the-answer-is', '3.5'],
    ['The answer is: 42 because geometry proves it', 'extract:the-answer-is', '42'],
    ['the final answer is\n\\[ 42 \\]', 'extract:the-answer-is', '42'],
    ['<b> \\boxed{2}', 'extract:boxed', '2'],
    ['</script> \\boxed{2}', 'extract:boxed', '2'],
    ['42', 'extract:bare', '42'],
    ['  (20, 30)\n', 'extract:bare', '(20, 30)'],
    ['\\[\n  7\n\\]', 'extract:bare', '\\[\n  7\n\\]'],
  ])('%j', (text, rule, answer) => {
    expect(extract(text)).toEqual({ kind: 'found', rule, answer })
  })
})

test('of many tags the last dozen are read', () => {
  const text = Array.from({ length: 20 }, (_, i) => `<answer>${i}</answer>`).join('\nand then\n')
  expect(findTags(text).map(({ content }) => content)).toEqual(Array.from({ length: 12 }, (_, i) => String(8 + i)))
  const replies = Array.from({ length: 20 }, (_, i) => `{"answer": "${i}"}`).join('\n')
  expect(findTags(replies).map(({ content }) => content)).toEqual(Array.from({ length: 12 }, (_, i) => String(19 - i)))
})

test('boxes at the end of a long text are one answer, as at the end of a short one', () => {
  expect(extract(`${'We go on. '.repeat(15_000)}\\boxed{1} and \\boxed{2}`)).toMatchObject({
    kind: 'found',
    answer: '1, 2',
  })
})

describe('nothing is made up', () => {
  test.each([[''], ['   '], ['First 6 * 7.\nThat is that'], ['line\n'.repeat(9)]])('%j has no answer', (text) => {
    expect(extract(text)).toEqual({ kind: 'none', rule: 'extract:none' })
  })

  test.each([
    ['\\boxed{5} or rather \\boxed{6', 'extract:boxed'],
    ['\\boxed{5}, put it into \\boxed{}', 'extract:boxed'],
    ['#### 5\n####', 'extract:hash'],
    ['The answer is 5.\nA:', 'extract:answer-line'],
  ])('%j ends in a broken marker, which does not fall back to an earlier one', (text, rule) => {
    expect(extract(text)).toEqual({ kind: 'malformed', rule, answer: '' })
  })

  test('an answer above the limit is not looked at', () => {
    expect(extract(`\\boxed{${'1'.repeat(5000)}}`)).toMatchObject({ kind: 'too-large', rule: 'extract:boxed' })
  })
})
