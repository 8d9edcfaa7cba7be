/** A box that is a part of a formula is not the answer; one that stands in ordinary dress is. */

import { expect, test } from 'vitest'
import { judge } from '../../../src/verify/decide.ts'

test.each([
  '$-\\boxed{10}$',
  '$x=-\\boxed{10}$',
  '$7-\\boxed{10}$',
  '$2\\boxed{10}$',
  '$2\\cdot\\boxed{10}$',
  '$\\sqrt{\\boxed{10}}$',
  '$2^{\\boxed{10}}$',
  '$\\log \\boxed{10}$',
  '$\\boxed{10}/3$',
  '$\\boxed{10}-3$',
  '$\\boxed{10}\\times 3$',
  '\\boxed{10}^3',
  '$\\frac{1}{\\boxed{10}}$',
  '$\\frac{\\boxed{10}}{2}$',
  '$5 + \\boxed{10}$',
  'The answer is \\boxed{10} less than 30.',
  'The answer is a multiple of \\boxed{10}.',
  'The answer is divisible by \\boxed{10}.',
  '\\boxed{10}\\text{ is the wrong answer}',
  'The final answer is 12. (I had \\boxed{10} before.)',
  "\\boxed{10}\n\nHmm, that doesn't look right.",
  '\\boxed{10}\n\nWait, I made a mistake. Let me recompute: 3*4 = 12.',
  'Give your answer as \\boxed{10}.',
  'The answer should be written in the form \\boxed{10}.',
  'Thus we do not get 10.',
  '<answer>12</answer> or <answer>10</answer>',
  'Ответ: не 10',
])('%j does not say 10', (text) => {
  expect(judge('10', text).kind).not.toBe('correct')
})

test.each([
  '- \\boxed{10}',
  '* \\boxed{10}',
  '**\\boxed{10}**',
  '5. \\boxed{10}',
  'The answer - \\boxed{10}',
  'The answer:- \\boxed{10}',
  'x = 5 + 5 = \\boxed{10}',
  '12 - 2 = 10 \\boxed{10}',
  '$3+\\boxed{10}=13$',
  '\\[3+\\boxed{10}=13\\]',
  '$\\boxed{10}^\\circ$',
  '$\\boxed{10}^{th}$',
  '\\boxed{10}!',
  '\\boxed{10}\\text{ cm}^2',
  '\\boxed{10}\\%',
  '\\boxed{10} - done',
  'She has \\boxed{10} more than Tom.',
  '$\\Rightarrow (\\boxed{10})$',
  '\\boxed{10}\n\nVerification: 5*2 = 10. Correct!',
  '\\boxed{10}\n\nNote that 12 would be wrong.',
  'Thus we get 10.',
  '\\begin{align*} x &= 5\\cdot 2 \\\\ &= \\boxed{10} \\end{align*}',
])('%j says 10', (text) => {
  expect(judge('10', text).kind).toBe('correct')
})
