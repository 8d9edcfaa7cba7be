/** Intervals of accuracies with several samples a problem, against seeded simulation. */

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { accuracyInterval } from '../../../src/core/measure/accuracy.ts'
import { drawBeta, drawBinomial } from '../../../src/core/measure/draws.ts'
import { wilsonInterval } from '../../../src/core/measure/intervals.ts'
import { createRandom } from '../../../src/core/seed.ts'

describe('accuracy over problems', () => {
  test("is Wilson's interval for one sample a problem", () => {
    expect(accuracyInterval([1, 0, 1, 1])).toEqual(wilsonInterval(3, 4))
  })

  test('does not take the samples of one problem for independent ones', () => {
    // Ten problems, each with 100 samples: the spread among problems decides, not the 1000 samples.
    const scores = [0.1, 0.9, 0.1, 0.9, 0.1, 0.9, 0.1, 0.9, 0.1, 0.9]
    const { low, high, mean, n } = accuracyInterval(scores, { samples: 100 })
    expect({ mean, n }).toEqual({ mean: 0.5, n: 10 })
    const asMany = wilsonInterval(5, 10)
    expect(high - low).toBeGreaterThan(0.8 * (asMany.high - asMany.low))
  })

  test('stays within [0, 1]', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(0, 0.25, 0.5, 1), { minLength: 2 }), (scores) => {
        const { low, high } = accuracyInterval(scores, { samples: 4 })
        expect(low).toBeGreaterThanOrEqual(0)
        expect(high).toBeLessThanOrEqual(1)
      }),
    )
  })

  test('counts the samples one by one where problems are all alike, and problems where their samples are', () => {
    const alike = Array.from({ length: 50 }, () => 0.5)
    const { low, high } = wilsonInterval(400, 800)
    expect(accuracyInterval(alike, { samples: 16 })).toEqual({ mean: 0.5, low, high, n: 50 })
    const split = accuracyInterval(
      Array.from({ length: 50 }, (_, i) => i % 2),
      { samples: 16 },
    )
    expect(split).toEqual(wilsonInterval(25, 50))
  })

  test('counts problems only where every answer is right, or every one wrong', () => {
    const whole = wilsonInterval(0, 20)
    expect(accuracyInterval(Array(20).fill(0), { samples: 16 })).toEqual(whole)
    expect(accuracyInterval(Array(20).fill(1), { samples: 16 })).toEqual(wilsonInterval(20, 20))
  })

  test.each([
    [20, 4, 0.1, 0],
    [20, 16, 0.5, 0],
    [100, 4, 0.98, 0],
    [100, 16, 0.02, 0],
    [500, 4, 0.02, 0],
    [20, 8, 0.5, 0.3],
    [100, 8, 0.9, 0.3],
    [500, 4, 0.98, 0.3],
    [100, 16, 0.02, 0.3],
    [20, 16, 0.1, 0.3],
  ])(
    'with %i problems, %i samples of each, accuracy %f and correlation %f covers the truth in 93 to 97%',
    (n, k, p, icc) => {
      const random = createRandom(n + k)
      const experiments = 800
      let covered = 0
      for (let i = 0; i < experiments; i++) {
        const size = 1 / icc - 1
        const chance = (): number => (icc === 0 ? p : drawBeta(p * size, (1 - p) * size, random))
        const { low, high } = accuracyInterval(
          Array.from({ length: n }, () => drawBinomial(k, chance(), random) / k),
          { samples: k },
        )
        if (low <= p && p <= high) covered++
      }
      // Two standard errors of the simulation.
      const error = 2 * Math.sqrt((0.05 * 0.95) / experiments)
      expect(covered / experiments).toBeGreaterThan(0.93 - error)
      expect(covered / experiments).toBeLessThan(0.97 + error)
    },
  )
})
