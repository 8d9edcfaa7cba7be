/** Quantiles against tables, intervals against seeded simulation. */

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { meanInterval, pairedDifference, wilsonInterval } from '../../../src/core/measure/intervals.ts'
import { normalQuantile } from '../../../src/core/measure/normal.ts'
import { createRandom } from '../../../src/core/seed.ts'

describe('the normal quantile', () => {
  test.each([
    [0.5, 0],
    [0.75, 0.674489750196082],
    [0.9, 1.2815515655446],
    [0.95, 1.6448536269514722],
    [0.975, 1.959963984540054],
    [0.98, 2.053748910631823],
    [0.995, 2.575829303548901],
    [0.9995, 3.290526731491926],
    [0.001, -3.090232306167814],
    [1e-9, -5.997807015008182],
  ])('at %f', (p, z) => {
    expect(Math.abs(normalQuantile(p) - z)).toBeLessThanOrEqual(2e-9 * Math.max(1, Math.abs(z)))
  })

  test('is odd about one half and grows', () => {
    const share = fc.double({ min: 1e-6, max: 1 - 1e-6, noNaN: true })
    fc.assert(
      fc.property(share, share, (p, q) => {
        expect(normalQuantile(p) + normalQuantile(1 - p)).toBeCloseTo(0, 6)
        if (q - p > 1e-7) expect(normalQuantile(q)).toBeGreaterThan(normalQuantile(p))
      }),
    )
  })
})

describe("Wilson's interval", () => {
  test.each([
    [0, 10, 0, 0.2775328],
    [10, 10, 0.7224672, 1],
    [5, 10, 0.2365931, 0.7634069],
    [81, 263, 0.2552885, 0.3662096],
  ])('of %i in %i', (successes, n, low, high) => {
    const interval = wilsonInterval(successes, n)
    expect(interval.mean).toBe(successes / n)
    expect(interval.low).toBeCloseTo(low, 5)
    expect(interval.high).toBeCloseTo(high, 5)
  })

  test('of nothing is everything', () => {
    expect(wilsonInterval(0, 0)).toEqual({ mean: 0, low: 0, high: 1, n: 0 })
  })

  test('holds its mean and stays within [0, 1]', () => {
    const counts = fc
      .integer({ min: 1, max: 2000 })
      .chain((n) => fc.tuple(fc.integer({ min: 0, max: n }), fc.constant(n)))
    fc.assert(
      fc.property(counts, fc.double({ min: 0.5, max: 0.999, noNaN: true }), ([successes, n], confidence) => {
        const { low, mean, high } = wilsonInterval(successes, n, confidence)
        expect(low).toBeGreaterThanOrEqual(0)
        expect(high).toBeLessThanOrEqual(1)
        expect(low).toBeLessThanOrEqual(mean + 1e-12)
        expect(high).toBeGreaterThanOrEqual(mean - 1e-12)
      }),
    )
  })

  test.each([
    [0.05, 60],
    [0.3, 60],
    [0.9, 200],
  ])('covers a share of %f from %i samples in about 95 of 100 experiments', (p, n) => {
    const random = createRandom(11)
    const experiments = 4000
    let covered = 0
    for (let i = 0; i < experiments; i++) {
      const { low, high } = wilsonInterval(successesOf(random, n, p), n)
      if (low <= p && p <= high) covered++
    }
    expect(covered / experiments).toBeGreaterThan(0.92)
    expect(covered / experiments).toBeLessThan(0.985)
  })
})

describe('the interval of a mean', () => {
  test('of fewer than two values is the whole line', () => {
    for (const values of [[], [3]]) {
      expect(meanInterval(values)).toEqual({
        mean: values[0] ?? 0,
        low: Number.NEGATIVE_INFINITY,
        high: Number.POSITIVE_INFINITY,
        n: values.length,
      })
    }
  })

  test("is Student's: 1, 2, 3, 4 give 2.5 +- 2.0543", () => {
    const { mean, low, high } = meanInterval([1, 2, 3, 4])
    expect(mean).toBe(2.5)
    expect(low).toBeCloseTo(0.4457, 2)
    expect(high).toBeCloseTo(4.5543, 2)
  })

  test('covers the mean of few values as promised', () => {
    const random = createRandom(5)
    const experiments = 4000
    let covered = 0
    for (let i = 0; i < experiments; i++) {
      const { low, high } = meanInterval(Array.from({ length: 8 }, () => random() + random() + random()))
      if (low <= 1.5 && 1.5 <= high) covered++
    }
    expect(covered / experiments).toBeGreaterThan(0.94)
  })
})

describe('a paired difference', () => {
  test('is over the problems that both have', () => {
    const before = new Map([
      ['a', 0],
      ['b', 1],
      ['c', 1],
    ])
    const after = new Map([
      ['b', 0],
      ['c', 1],
      ['d', 1],
    ])
    expect(pairedDifference(before, after)).toMatchObject({ mean: -0.5, n: 2 })
  })

  test('is nothing, surely, when nothing has changed', () => {
    const scores = new Map(Array.from({ length: 50 }, (_, i) => [String(i), i % 2]))
    expect(pairedDifference(scores, scores)).toEqual({ mean: 0, low: 0, high: 0, n: 50 })
  })

  test('turned round changes its sign', () => {
    const scores = fc.array(fc.tuple(fc.constantFrom(0, 0.5, 1), fc.constantFrom(0, 0.5, 1)), {
      minLength: 2,
      maxLength: 40,
    })
    fc.assert(
      fc.property(scores, (rows) => {
        const before = new Map(rows.map(([score], i) => [String(i), score]))
        const after = new Map(rows.map(([, score], i) => [String(i), score]))
        const there = pairedDifference(before, after)
        const back = pairedDifference(after, before)
        expect(back.mean).toBeCloseTo(-there.mean, 12)
        expect(back.low).toBeCloseTo(-there.high, 12)
      }),
    )
  })

  test('is narrower than the two accuracies apart, where most problems stay what they were', () => {
    const before = new Map(Array.from({ length: 500 }, (_, i) => [String(i), i < 250 ? 1 : 0]))
    const after = new Map(Array.from({ length: 500 }, (_, i) => [String(i), i < 260 ? 1 : 0]))
    const { low, high } = pairedDifference(before, after)
    const apart = wilsonInterval(250, 500)
    expect(high - low).toBeLessThan((apart.high - apart.low) / 2)
  })
})

function successesOf(random: () => number, n: number, p: number): number {
  let successes = 0
  for (let i = 0; i < n; i++) if (random() < p) successes++
  return successes
}
