/** Trees in one line for people. */

import { expect, test } from 'vitest'
import { describeTree } from '../../src/verify/describe.ts'
import { DEFAULT_LIMITS } from '../../src/verify/limits.ts'
import { parseTree } from '../../src/verify/read/parse.ts'

function described(text: string): string {
  const { tree } = parseTree(text, DEFAULT_LIMITS)
  if (!tree) throw new Error(`${text} was not read`)
  return describeTree(tree)
}

test.each([
  ['1, \\frac12', 'list 1, 1/2'],
  ['(1, 2)', 'brackets (1, 2)'],
  ['x < 5', 'relation x < 5'],
  ['50\\%', 'expression 50%'],
])('%s', (text, words) => {
  expect(described(text)).toBe(words)
})

test('a long one is cut behind 400 characters, a short one is not', () => {
  const long = Array.from({ length: 300 }, (_, i) => i).join(', ')
  expect(described(long)).toMatch(/^list 0, 1, 2, .{380,}…$/)
  expect(described(long)).toHaveLength('list '.length + 401)
  expect(described('1, 2, 3')).not.toContain('…')
})
