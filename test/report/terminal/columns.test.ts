import { expect, test } from 'vitest'
import { columns, cutTo, wrap } from '../../../src/report/terminal/columns.ts'

test.each([
  ['abc', 3],
  ['\u001b[31mred\u001b[39m', 3],
  ['漢字', 4],
  ['👩‍👩‍👧', 2],
  ['e\u0301', 1],
])('%j takes %i columns', (text, wanted) => expect(columns(text)).toBe(wanted))

test('a text is cut at a column, never inside a character', () => {
  expect(cutTo('abcdef', 6)).toBe('abcdef')
  expect(cutTo('abcdef', 4)).toBe('abc…')
  expect(cutTo('漢字漢字', 4)).toBe('漢…')
  expect(cutTo('abc', 0)).toBe('')
})

test('lines break between words, keep their indentation, and break a word only where it does not fit', () => {
  expect(wrap('the quick brown fox', 10)).toEqual(['the quick', 'brown fox'])
  expect(wrap('    indented text here', 14)).toEqual(['    indented', 'text here'])
  expect(wrap('a\n\nb', 5)).toEqual(['a', '', 'b'])
  expect(wrap('aaaaaaaaaaaa b', 5)).toEqual(['aaaaa', 'aaaaa', 'aa b'])
})
