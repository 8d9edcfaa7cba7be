/** Words of a text: what counts as one, where it stands, and that equal words have equal hashes. */

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createWordReader, mixed, wordsText } from '../../src/export/words.ts'

/** The words as they are compared. */
function wordsOf(text: string): string[] {
  const words = createWordReader()(text)
  return Array.from({ length: words.count }, (_, i) => wordsText(text, words, i, 1))
}

function hashesOf(text: string, read = createWordReader()): number[] {
  const { hashes, count } = read(text)
  return [...hashes.subarray(0, count)]
}

describe('a word', () => {
  test.each([
    ['', []],
    ['!? .', []],
    ['one', ['one']],
    ['One, two; THREE.', ['one', 'two', 'three']],
    ['  a  b  ', ['a', 'b']],
    ['x=3.14', ['x', '3', '14']],
    ['café Ünïted ÉCOLE', ['café', 'ünïted', 'école']],
    ['数学 αβ 12', ['数学', 'αβ', '12']],
    ['a😀b c', ['a😀b', 'c']],
    ['𝒳 is 𝟙', ['𝒳', 'is', '𝟙']],
    ['\u{10000}b \u{10ffff}', ['\u{10000}b', '\u{10ffff}']],
    ['\ue000a\uf8ffb', ['a', 'b']],
    ['a_b-c\u0000d', ['a', 'b', 'c', 'd']],
  ])('of %j is a run of letters and digits, in lower case', (text, words) => {
    expect(wordsOf(text)).toEqual(words)
  })

  test('tells where in the text it begins and ends', () => {
    const { count, starts, ends } = createWordReader()(' Ab, c')
    expect(count).toBe(2)
    expect([starts[0], ends[0], starts[1], ends[1]]).toEqual([1, 3, 5, 6])
  })

  test('is cut out of a text the same as by an expression, whatever the text is', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom('a', 'B', '1', ' ', '.', 'é', '数', '\n') }), (text) => {
        expect(wordsOf(text)).toEqual(text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [])
      }),
    )
  })
})

describe('the hash of a word', () => {
  test('is the same in capitals, wherever it stands and whoever reads it', () => {
    const [hash] = hashesOf('eggs')
    expect(hashesOf('EGGS, of all eggs')).toEqual([hash, expect.anything(), expect.anything(), hash])
    expect(hashesOf('ÉCOLE')).toEqual(hashesOf('école'))
  })

  test('is another one for another word, its letters in another order too', () => {
    const words = [
      'a',
      'b',
      'ab',
      'ba',
      'aa',
      'aab',
      'aba',
      'baa',
      '1',
      '11',
      '111',
      'é',
      'e',
      'ß',
      's',
      '😀',
      '😁',
      '数',
      '学',
    ]
    expect(new Set(hashesOf(words.join(' '))).size).toBe(words.length)
    const numbers = Array.from({ length: 20_000 }, (_, i) => String(i))
    expect(new Set(hashesOf(numbers.join(' '))).size).toBe(numbers.length)
  })

  test('is spread over all of its bits', () => {
    const ones = new Array<number>(32).fill(0)
    for (let i = 0; i < 4_000; i++) {
      const hash = mixed(i)
      for (let bit = 0; bit < 32; bit++) ones[bit] = (ones[bit] ?? 0) + ((hash >>> bit) & 1)
    }
    // 2,000 each with a standard deviation of 32; six of them on either side.
    for (const count of ones) expect(Math.abs(count - 2_000)).toBeLessThan(192)
  })

  test('is mixed by the finalizer of murmur3', () => {
    // What fmix32 of the reference makes of 0, of 1 and of 32 ones.
    expect([0, 1, -1].map((value) => mixed(value) >>> 0)).toEqual([0, 0x514e28b7, 0x81f16f39])
  })
})

describe('a reader', () => {
  test('reads texts of any length, and keeps nothing of the one before', () => {
    const read = createWordReader()
    for (const count of [1_023, 1_024, 1_025, 5_000, 3]) {
      const text = Array.from({ length: count }, (_, i) => `w${i}`).join(' ')
      const words = read(text)
      expect(words.count).toBe(count)
      expect(wordsText(text, words, 0, count)).toBe(text)
      expect([...words.hashes.subarray(0, count)]).toEqual(hashesOf(text))
    }
    expect(read('').count).toBe(0)
  })
})

test('words in a row are told with one space between them, from the one that was asked for', () => {
  const text = 'She EATS 3, for -- breakfast.'
  const words = createWordReader()(text)
  expect(wordsText(text, words, 1, 3)).toBe('eats 3 for')
  expect(wordsText(text, words, 0, 5)).toBe('she eats 3 for breakfast')
  expect(wordsText(text, words, 2, 0)).toBe('')
})
