import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { numberText } from '../../../src/problems/symbolic/exact-functions.ts'
import { ordinalOf, readLeading, readWords, wordsOf } from '../../../src/problems/symbolic/number-words.ts'

const read = (text: string) => {
  const number = readWords(text)
  return number === undefined ? undefined : numberText(number)
}

describe('wordings of numbers', () => {
  test.each([
    ['42', '42'],
    ['1,234.50', '1234.5'],
    [' $5 ', '5'],
    ['20%', '20'],
    ['-3', '-3'],
    ['1/2', '1/2'],
    ['2 1/2', '5/2'],
    ['forty-two', '42'],
    ['One hundred and five', '105'],
    ['two thousand three hundred', '2300'],
    ['half', '1/2'],
    ['a third', '1/3'],
    ['one-fifth', '1/5'],
    ['three quarters', '3/4'],
    ['two and a half', '5/2'],
    ['twice', '2'],
    ['three times', '3'],
    ['a dozen', '12'],
    ['two dozen', '24'],
    ['cat', undefined],
    ['constructor', undefined],
    ['', undefined],
    ['1/0', undefined],
  ])('%j says %s', (text, expected) => {
    expect(read(text)).toBe(expected)
  })

  test('a number in front of other words is found', () => {
    expect([readLeading('three hours'), readLeading('an hour'), readLeading('16-minute')].map(String)).toEqual([
      '3',
      '1',
      '16',
    ])
    expect(readLeading('the moon')).toBeUndefined()
  })

  test('every whole number reads back from its words', () => {
    fc.assert(fc.property(fc.nat(1_000_000_000), (value) => readWords(wordsOf(value) ?? '') === value))
  })

  test('ordinals end as they should', () => {
    expect([1, 2, 3, 4, 11, 12, 13, 21, 102, 111].map(ordinalOf).join(' ')).toBe(
      '1st 2nd 3rd 4th 11th 12th 13th 21st 102nd 111th',
    )
  })
})
