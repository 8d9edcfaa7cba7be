/** --extend KEY=NUMBER, and how a seam is told. */

import { describe, expect, test } from 'vitest'
import { EXTENDABLE, extensionsInWords, readExtension } from '../../../src/core/budget/extension.ts'

describe('a request', () => {
  test.each([
    ['iterations=8', 'iterations', 8],
    ['budget.cost=200_000', 'cost', 200_000],
    ['samples=500', 'caps.samples', 500],
    [' caps.tokens = 1e6', 'caps.tokens', 1_000_000],
  ])('%s', (text, key, now) => {
    expect(readExtension(text)).toEqual({ key, now })
  })

  test.each(['policy=8', '=8', 'iterations8'])('%s names no budget that a run ends by', (text) => {
    expect(() => readExtension(text)).toThrow(new RegExp(`Write one of ${EXTENDABLE.join(', ')}`))
  })

  test.each(['iterations', 'iterations=', 'iterations=0', 'iterations=-3', 'iterations=many', 'iterations=Infinity'])(
    '%s has no number above 0',
    (text) => {
      expect(() => readExtension(text)).toThrow(/needs the new value as a number above 0/)
    },
  )
})

test('a seam is one sentence for all keys that grew there; one that was rolled back is not told', () => {
  expect(
    extensionsInWords([
      { key: 'iterations', was: 4, now: 6, after: 3 },
      { key: 'total', was: 100, now: 200, after: 3 },
      { key: 'iterations', was: 6, now: 9, after: null },
      { key: 'iterations', was: 6, now: 8, after: 5 },
    ]),
  ).toEqual([
    'Extended after iteration 3: budget.iterations from 4 to 6 and budget.total from 100 to 200; iterations up to it stay as the smaller budget left them.',
    'Extended after iteration 5: budget.iterations from 6 to 8; iterations up to it stay as the smaller budget left them.',
  ])
})
