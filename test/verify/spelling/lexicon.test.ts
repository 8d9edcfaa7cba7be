import { describe, expect, test } from 'vitest'
import { announces, namesOnly } from '../../../src/verify/spelling/lexicon.ts'

describe('words behind a value', () => {
  test.each(['red marbles', 'ways to choose them', 'handshakes between them', 'square units', 'of the cake'])(
    '%s only name what it counts',
    (words) => {
      expect(namesOnly(words)).toBe(true)
    },
  )

  test.each([
    // A word that changes the value, between two names too, where one that begins like a preposition stands.
    'points outside circles',
    'points within',
    'less than the answer',
    'of the answer',
    '-fold',
    'marbles or 7',
    'one two three four five six seven eight nine',
  ])('%s say more', (words) => {
    expect(namesOnly(words)).toBe(false)
  })
})

test('words before a value announce it, and those of another value do not', () => {
  expect(announces('The area is')).toBe(true)
  expect(announces('Total number of handshakes:')).toBe(true)
  expect(announces('about')).toBe(true)
  expect(announces('The reciprocal is')).toBe(false)
  expect(announces('The area')).toBe(false)
})
