/** Signatures of texts: which runs of words they stand for, and how their agreement is turned into a similarity. */

import { describe, expect, test } from 'vitest'
import { createSigner, SHINGLE_WORDS, SIGNATURE_SIZE, shortened, similarity } from '../../src/export/min-hash.ts'
import { createWordReader } from '../../src/export/words.ts'

const sign = createSigner()
const EMPTY = 0x7fffffff

function signature(text: string, signer = sign): number[] {
  const places = new Int32Array(SIGNATURE_SIZE)
  signer(createWordReader()(text), places)
  return [...places]
}

const least = (...signatures: readonly (readonly number[])[]): number[] =>
  Array.from({ length: SIGNATURE_SIZE }, (_, i) => Math.min(...signatures.map((one) => one[i] ?? EMPTY)))

describe('a signature', () => {
  test('is the same for the same words, by any signer', () => {
    expect(signature('One, two three FOUR')).toEqual(signature('one two three four', createSigner()))
  })

  test('stands for the set of all runs of three words: each place has the least of them', () => {
    const runs = ['a b c', 'b c d', 'c d e'].map((run) => signature(run))
    expect(signature('a b c d e')).toEqual(least(...runs))
    expect(signature('a b c d e a b c')).toEqual(least(...runs, ...['d e a', 'e a b'].map((run) => signature(run))))
    expect(signature('a b c d e a b c d e').length).toBe(SIGNATURE_SIZE)
    expect(SHINGLE_WORDS).toBe(3)
  })

  test('knows the order of words in a run', () => {
    const all = ['a b c', 'a c b', 'b a c', 'b c a', 'c a b', 'c b a', 'a b', 'b a', 'a', 'b', 'a a', 'a a a']
    expect(new Set(all.map((text) => signature(text).join())).size).toBe(all.length)
  })

  test('of a text shorter than a run is that of all its words, and of no words is of nothing', () => {
    for (const text of ['a', 'a b']) expect(signature(text)).not.toContain(EMPTY)
    expect(new Set(signature(' ! '))).toEqual(new Set([EMPTY]))
  })

  test('is filled anew for each text', () => {
    const places = new Int32Array(SIGNATURE_SIZE)
    const read = createWordReader()
    sign(read('a b c d e f'), places)
    sign(read('x y z'), places)
    expect([...places]).toEqual(signature('x y z'))
  })

  test('has places that are chosen apart: the least run is another one from place to place', () => {
    const runs = ['a b c', 'b c d', 'c d e'].map((run) => signature(run))
    const whole = signature('a b c d e')
    const shares = runs.map((run) => run.filter((value, i) => value === whole[i]).length)
    // A third of 128 each, with a standard deviation of 5.3; four of them on either side.
    for (const share of shares) expect(Math.abs(share - SIGNATURE_SIZE / 3)).toBeLessThan(22)
    expect(shares.reduce((sum, share) => sum + share, 0)).toBe(SIGNATURE_SIZE)
  })
})

describe('a shortened signature', () => {
  test('stands at the place it was asked for, and nowhere else', () => {
    const into = new Uint8Array(3 * SIGNATURE_SIZE).fill(7)
    const alone = new Uint8Array(SIGNATURE_SIZE)
    const places = Int32Array.from(signature('a b c d e'))
    shortened(places, into, SIGNATURE_SIZE)
    shortened(places, alone, 0)
    expect([...into.subarray(SIGNATURE_SIZE, 2 * SIGNATURE_SIZE)]).toEqual([...alone])
    expect(new Set([...into.subarray(0, SIGNATURE_SIZE), ...into.subarray(2 * SIGNATURE_SIZE)])).toEqual(new Set([7]))
  })

  test('tells near values apart in all but a few cases', () => {
    const places = Int32Array.from({ length: SIGNATURE_SIZE }, (_, i) => i * 256)
    const bytes = new Uint8Array(SIGNATURE_SIZE)
    shortened(places, bytes, 0)
    expect(new Set(bytes).size).toBeGreaterThan(80)
  })
})

describe('the similarity', () => {
  const bytes = (same: number): Uint8Array => Uint8Array.from({ length: SIGNATURE_SIZE }, (_, i) => (i < same ? 1 : 2))
  const ones = bytes(SIGNATURE_SIZE)

  test('is 1 where all places agree, and 0 where as many do as by chance', () => {
    expect(similarity(ones, 0, ones, 0)).toBe(1)
    // One of 256 places agrees by chance: half a place of 128.
    const at = (same: number): number => similarity(ones, 0, bytes(same), 0)
    expect((at(0) + at(1)) / 2).toBeCloseTo(0, 10)
    expect(at(64)).toBeCloseTo((0.5 - 1 / 256) / (255 / 256), 10)
    expect(at(127)).toBeLessThan(1)
  })

  test('is of the signatures that begin where it is told', () => {
    const two = Uint8Array.from([...bytes(0), ...ones])
    expect(similarity(two, SIGNATURE_SIZE, ones, 0)).toBe(1)
    expect(similarity(ones, 0, two, SIGNATURE_SIZE)).toBe(1)
    expect(similarity(two, 0, two, SIGNATURE_SIZE)).toBeLessThan(0)
    expect(similarity(two, 0, ones, 0)).toBeLessThan(0)
  })
})
