/** Near duplicates: estimates near the truth, and repetitions found among many. */

import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createRandom, randomInteger } from '../../src/core/seed.ts'
import { createSigner, SHINGLE_WORDS, SIGNATURE_SIZE, shortened, similarity } from '../../src/export/min-hash.ts'
import { createNearDuplicateIndex } from '../../src/export/near-duplicates.ts'
import { createWordReader } from '../../src/export/words.ts'

const read = createWordReader()

/** Words of a made-up language, some of them taken from another text. */
function words(seed: number, count: number): string[] {
  const random = createRandom(seed)
  return Array.from({ length: count }, () => `w${randomInteger(random, 100_000)}`)
}

function estimate(a: string, b: string): number {
  const sign = createSigner()
  const short = [a, b].map((text) => {
    const signature = new Int32Array(SIGNATURE_SIZE)
    sign(read(text), signature)
    const bytes = new Uint8Array(SIGNATURE_SIZE)
    shortened(signature, bytes, 0)
    return bytes
  })
  return similarity(short[0] as Uint8Array, 0, short[1] as Uint8Array, 0)
}

/** Intersection over union of the runs of three words. */
function jaccard(a: readonly string[], b: readonly string[]): number {
  const [left, right] = [a, b].map(
    (list) => new Set(list.slice(SHINGLE_WORDS - 1).map((_, i) => list.slice(i, i + SHINGLE_WORDS).join(' '))),
  ) as [Set<string>, Set<string>]
  const common = [...left].filter((run) => right.has(run)).length
  return common / (left.size + right.size - common)
}

test('the estimate of a similarity lies around the truth, as its standard deviation says', () => {
  const errors = Array.from({ length: 300 }, (_, i) => {
    const a = words(i, 120)
    const shared = 20 + (i % 90)
    const b = [...a.slice(0, shared), ...words(1_000 + i, 120 - shared)]
    return estimate(a.join(' '), b.join(' ')) - jaccard(a, b)
  })
  const mean = errors.reduce((sum, error) => sum + error, 0) / errors.length
  const deviation = Math.sqrt(errors.reduce((sum, error) => sum + error ** 2, 0) / errors.length)
  // Of a share of 128 places it is at most 0.044.
  expect(Math.abs(mean)).toBeLessThan(0.01)
  expect(deviation).toBeLessThan(0.05)
})

test('equal texts are one, texts without a word in common are none', () => {
  fc.assert(
    fc.property(fc.nat(), fc.integer({ min: 3, max: 60 }), (seed, count) => {
      const text = words(seed, count).join(' ')
      expect(estimate(text, text.toUpperCase())).toBe(1)
      expect(estimate(text, text.replaceAll('w', 'v'))).toBeLessThan(0.2)
    }),
    { numRuns: 30 },
  )
})

test('texts that were changed a little are found among many, others are not', () => {
  const repeats = createNearDuplicateIndex(0.8)
  const originals = Array.from({ length: 500 }, (_, i) => words(i, 150))
  expect(originals.filter((list) => repeats(1, read(list.join(' '))))).toEqual([])
  // One word of 150 in another place of three runs: 148 runs, 145 of them common, 0.96 of all.
  const changed = originals.map((list) => list.with(70, 'other').join(' '))
  expect(changed.filter((text) => repeats(1, read(text))).length).toBeGreaterThan(495)
  // Half of the words are others: a third of all runs is common.
  const halved = originals.map((list, i) => [...list.slice(0, 75), ...words(10_000 + i, 75)].join(' '))
  expect(halved.filter((text) => repeats(1, read(text)))).toEqual([])
})

test('texts of another group are no repetitions', () => {
  const repeats = createNearDuplicateIndex(0.8)
  const text = words(1, 50).join(' ')
  expect([1, 2, 1, 2].map((group) => repeats(group, read(text)))).toEqual([false, false, true, true])
})

test('texts of no word, of one and of two are told apart', () => {
  const repeats = createNearDuplicateIndex(0.8)
  const texts = ['', '!', 'one', 'two', 'one two', 'One', 'ONE  TWO.', '']
  expect(texts.map((text) => repeats(0, read(text)))).toEqual([false, false, false, false, false, true, true, false])
})

test('repetitions are found among thousands of texts, the first and the last alike', () => {
  const repeats = createNearDuplicateIndex(0.8)
  const texts = Array.from({ length: 4_200 }, (_, i) => `alpha${i} beta${i * 3} gamma${i * 7} delta${i}`)
  expect(texts.filter((text) => repeats(0, read(text)))).toEqual([])
  expect(texts.filter((text) => !repeats(0, read(text)))).toEqual([])
  expect(repeats(0, read('alpha1 beta1 gamma1 delta2'))).toBe(false)
})

test.each([
  [0.1, 40, 5],
  [0.3, 60, 30],
  [0.5, 80, 50],
  [0.95, 99.5, 90],
])(
  'from a share of %d on texts repeat others: with %d%% of words in common they do, with %d%% not',
  (share, more, less) => {
    // Of a common part c in front the share of common runs is c / (2 - c).
    const found = (percent: number): number => {
      const repeats = createNearDuplicateIndex(share)
      const pairs = Array.from({ length: 20 }, (_, i) => {
        const first = words(i, 200)
        return [first, [...first.slice(0, 2 * percent), ...words(5_000 + i, 200 - 2 * percent)]]
      })
      return pairs.filter((pair, i) => pair.map((list) => repeats(i, read(list.join(' '))))[1]).length
    }
    expect(found(more)).toBeGreaterThanOrEqual(19)
    expect(found(less)).toBeLessThanOrEqual(1)
  },
)
