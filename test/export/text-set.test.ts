/** A set of texts: exact, within groups, and the same however many texts it holds. */

import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createTextSet } from '../../src/export/text-set.ts'

test('a text is new once in each group', () => {
  const set = createTextSet()
  const asked: [string, number][] = [
    ['a', 1],
    ['a', 2],
    ['a', 1],
    ['b', 1],
    ['', 1],
    ['', 1],
    ['', 0],
    ['a', 0],
    ['a', 2],
  ]
  expect(asked.map(([text, group]) => set.add(text, group))).toEqual([
    true,
    true,
    false,
    true,
    true,
    false,
    true,
    true,
    false,
  ])
})

test('texts that are nearly the same are others', () => {
  const texts = [
    '',
    '\0',
    '\0\0',
    'a',
    'A',
    'ab',
    'ba',
    'aab',
    'aba',
    'a ',
    ' a',
    'é',
    'e\u0301',
    '数',
    '\u0161',
    'a'.repeat(9),
  ]
  const set = createTextSet()
  for (const text of texts) expect(set.add(text, 0)).toBe(true)
  for (const text of texts) expect(set.add(text, 0)).toBe(false)
})

test('it says what a set of all texts with their groups says', () => {
  const one = fc.record({ text: fc.string({ unit: fc.constantFrom('a', 'b', '数'), maxLength: 3 }), group: fc.nat(3) })
  fc.assert(
    fc.property(fc.array(one, { maxLength: 60 }), (list) => {
      const set = createTextSet()
      const truth = new Set<string>()
      for (const { text, group } of list) {
        const key = `${group}/${text}`
        expect(set.add(text, group)).toBe(!truth.has(key))
        truth.add(key)
      }
    }),
  )
})

test('it still knows all of them when it has grown several times', () => {
  const set = createTextSet()
  const count = 40_000
  let first = 0
  for (let i = 0; i < count; i++) if (set.add(`text ${i}`, i % 7)) first++
  expect(first).toBe(count)
  for (let i = 0; i < count; i++) if (set.add(`text ${i}`, i % 7)) first++
  expect(first).toBe(count)
  expect(set.add('text 0', 1)).toBe(true)
})
