/** pass@k against counting every subset by hand. */

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { passAtK } from '../../../src/core/measure/pass-at-k.ts'

describe('pass@k', () => {
  test('is the share of all k-subsets with a correct sample', () => {
    for (let n = 1; n <= 9; n++) {
      for (let c = 0; c <= n; c++) {
        for (let k = 1; k <= n; k++)
          expect(passAtK(n, c, k), `n ${n} c ${c} k ${k}`).toBeCloseTo(bySubsets(n, c, k), 12)
      }
    }
  })

  test.each([
    [200, 10, 1, 0.05],
    [200, 0, 100, 0],
    [200, 200, 1, 1],
    [4, 2, 2, 5 / 6],
  ])('%i samples, %i correct, k = %i', (n, c, k, expected) => {
    expect(passAtK(n, c, k)).toBeCloseTo(expected, 12)
  })

  test('grows with k and with the number of correct samples, and stays in [0, 1]', () => {
    const counts = fc
      .integer({ min: 2, max: 2000 })
      .chain((n) => fc.tuple(fc.constant(n), fc.integer({ min: 0, max: n - 1 }), fc.integer({ min: 1, max: n - 1 })))
    fc.assert(
      fc.property(counts, ([n, c, k]) => {
        const here = passAtK(n, c, k)
        expect(here).toBeGreaterThanOrEqual(0)
        expect(here).toBeLessThanOrEqual(1)
        expect(passAtK(n, c, k + 1)).toBeGreaterThanOrEqual(here - 1e-12)
        expect(passAtK(n, c + 1, k)).toBeGreaterThanOrEqual(here - 1e-12)
        expect(passAtK(n, c, 1)).toBeCloseTo(c / n, 10)
      }),
    )
  })

  test.each([
    [3, 4],
    [3, 0],
  ])('of %i samples cannot tell k = %i', (n, k) => {
    expect(() => passAtK(n, 1, k)).toThrow(RangeError)
  })
})

/** 1 - (subsets of k among the wrong ones) / (subsets of k), each subset walked. */
function bySubsets(n: number, c: number, k: number): number {
  let all = 0
  let hits = 0
  for (let subset = 0; subset < 1 << n; subset++) {
    const chosen = Array.from({ length: n }, (_, i) => i).filter((i) => subset & (1 << i))
    if (chosen.length !== k) continue
    all++
    if (chosen.some((i) => i < c)) hits++
  }
  return hits / all
}
