/** Streams of chance: the same on every machine and in every version, spread evenly, and apart. */

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type CompletionKey, keyText, PURPOSES } from '../../src/core/completion.ts'
import { createRandom, hash32, randomFor, randomInteger, requestSeed, shuffled } from '../../src/core/seed.ts'

const KEY: CompletionKey = { purpose: 'train', iteration: 0, problem: 'gsm8k/train/000123', index: 0 }

// A changed number here means that no stored run can continue as it began.
describe('what must never change', () => {
  test.each([
    ['', 2_872_998_923],
    ['a', 444_641_715],
    ['spendwise', 2_362_789_865],
    ['Ünïcode ∑', 309_292_826],
  ])('the hash of %j', (text, expected) => {
    expect(hash32(text)).toBe(expected)
  })

  test.each<[number, Partial<CompletionKey>, number]>([
    [1, {}, 53_155_133],
    [1, { index: 1 }, 343_684_884],
    [1, { iteration: -1, purpose: 'evaluate' }, 1_734_020_960],
    [2, {}, 1_179_508_627],
  ])('the request seed of run seed %i and %j', (runSeed, changes, expected) => {
    expect(requestSeed(runSeed, { ...KEY, ...changes })).toBe(expected)
  })

  test('the first numbers of a stream', () => {
    const random = createRandom(42)
    expect([random(), random(), random()]).toEqual([0.6011037519201636, 0.44829055899754167, 0.8524657934904099])
  })

  test('a shuffle', () => {
    expect(shuffled(['a', 'b', 'c', 'd', 'e', 'f'], createRandom(1))).toEqual(['e', 'b', 'f', 'c', 'a', 'd'])
  })
})

describe('request seeds', () => {
  const keys = Array.from(
    { length: 50_000 },
    (_, i): CompletionKey => ({ ...KEY, problem: `p/${i % 500}`, index: Math.floor(i / 500) }),
  )

  test('are whole numbers that every server takes: 31 bits', () => {
    fc.assert(
      fc.property(
        fc.integer(),
        fc.string(),
        fc.nat(),
        fc.constantFrom(...PURPOSES),
        (seed, problem, index, purpose) => {
          const value = requestSeed(seed, { purpose, iteration: 3, problem, index })
          expect(Number.isInteger(value) && value >= 0 && value < 2 ** 31).toBe(true)
        },
      ),
    )
  })

  test('collide among 50,000 keys no more than chance would have it', () => {
    const seeds = new Set(keys.map((key) => requestSeed(1, key)))
    // 50,000 of 2^31: 0.58 collisions are expected; more than 5 happen once in 10,000 times.
    expect(keys.length - seeds.size).toBeLessThanOrEqual(5)
  })

  test('are spread evenly over their range', () => {
    const bins = Array<number>(64).fill(0)
    for (const key of keys) {
      const bin = Math.floor(requestSeed(1, key) / 2 ** 25)
      bins[bin] = (bins[bin] ?? 0) + 1
    }
    // 63 degrees of freedom: above 110 once in 5000 times.
    expect(chiSquare(bins, keys.length / 64)).toBeLessThan(110)
  })

  test('of neighbours share half their bits', () => {
    const differing = keys.slice(1).map((key, i) => bitCount(requestSeed(1, key) ^ requestSeed(1, keys[i] ?? KEY)))
    const mean = differing.reduce((sum, bits) => sum + bits, 0) / differing.length
    expect(Math.abs(mean - 15.5)).toBeLessThan(0.1)
  })

  test('differ by purpose, iteration, problem, index and run', () => {
    const changes: Partial<CompletionKey>[] = [
      {},
      { purpose: 'evaluate' },
      { iteration: 1 },
      { problem: 'gsm8k/train/000124' },
      { index: 1 },
    ]
    const seeds = [...changes.map((change) => requestSeed(1, { ...KEY, ...change })), requestSeed(2, KEY)]
    expect(new Set(seeds).size).toBe(seeds.length)
  })
})

test('the text of a key tells every part of it', () => {
  const key = fc.record({
    purpose: fc.constantFrom(...PURPOSES),
    iteration: fc.integer({ min: -1, max: 99 }),
    problem: fc.string(),
    index: fc.nat(),
  })
  fc.assert(
    fc.property(key, key, (a, b) => {
      const same =
        a.purpose === b.purpose && a.iteration === b.iteration && a.problem === b.problem && a.index === b.index
      expect(keyText(a) === keyText(b)).toBe(same)
    }),
  )
})

describe('a stream', () => {
  test('is uniform', () => {
    const random = createRandom(7)
    const bins = Array<number>(100).fill(0)
    for (let i = 0; i < 100_000; i++) {
      const bin = Math.floor(random() * 100)
      bins[bin] = (bins[bin] ?? 0) + 1
    }
    // 99 degrees of freedom: above 155 less than once in 1000 times.
    expect(chiSquare(bins, 1000)).toBeLessThan(155)
  })

  test('stays in [0, 1) and repeats itself', () => {
    fc.assert(
      fc.property(fc.integer(), (seed) => {
        const [one, two] = [createRandom(seed), createRandom(seed)]
        for (let i = 0; i < 20; i++) {
          const value = one()
          expect(value >= 0 && value < 1).toBe(true)
          expect(two()).toBe(value)
        }
      }),
    )
  })

  test('of another name or seed is another one', () => {
    const first = [randomFor(1, 'a')(), randomFor(1, 'b')(), randomFor(2, 'a')()]
    expect(new Set(first).size).toBe(3)
    expect(randomFor(1, 'a')()).toBe(first[0])
  })
})

test('integers below n are below n', () => {
  fc.assert(
    fc.property(fc.integer(), fc.integer({ min: 1, max: 1000 }), (seed, n) => {
      const value = randomInteger(createRandom(seed), n)
      expect(Number.isInteger(value) && value >= 0 && value < n).toBe(true)
    }),
  )
})

describe('a shuffled copy', () => {
  test('has the same items and leaves the original alone', () => {
    fc.assert(
      fc.property(fc.array(fc.integer()), fc.integer(), (items, seed) => {
        const before = [...items]
        expect(shuffled(items, createRandom(seed)).toSorted()).toEqual(items.toSorted())
        expect(items).toEqual(before)
      }),
    )
  })

  test('puts every item in every place about equally often', () => {
    const random = createRandom(3)
    const counts = Array.from({ length: 5 }, () => Array<number>(5).fill(0))
    for (let i = 0; i < 20_000; i++) {
      for (const [place, item] of shuffled([0, 1, 2, 3, 4], random).entries()) {
        const row = counts[item] ?? []
        row[place] = (row[place] ?? 0) + 1
      }
    }
    for (const row of counts) expect(chiSquare(row, 4000)).toBeLessThan(25)
  })
})

function chiSquare(bins: readonly number[], expected: number): number {
  return bins.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0)
}

function bitCount(value: number): number {
  return value.toString(2).replace(/[^1]/g, '').length
}
