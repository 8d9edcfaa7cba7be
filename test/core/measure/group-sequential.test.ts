/** Boundaries of several looks, against published ones and against a motion that is drawn. */

import { expect, test } from 'vitest'
import { gateLooks, lookSamples } from '../../../src/core/measure/gate-looks.ts'
import { lookChances, lookLevels, type Spending } from '../../../src/core/measure/group-sequential.ts'
import { normalQuantile, normalTail } from '../../../src/core/measure/normal.ts'
import { createRandom } from '../../../src/core/seed.ts'

/** Of Lan and DeMets 1983, for one-sided 0.025. */
const obrienFleming: Spending = (t) => (2 * normalTail(normalQuantile(1 - 0.025 / 2) / Math.sqrt(t))) / 0.025

test.each([
  ["O'Brien-Fleming-like, four looks", [0.25, 0.5, 0.75, 1], obrienFleming, [4.333, 2.963, 2.359, 2.014]],
  ['Pocock-like, five looks', [0.2, 0.4, 0.6, 0.8, 1], undefined, [2.438, 2.427, 2.41, 2.397, 2.386]],
  ['one look', [1], undefined, [1.96]],
] as const)('%s: the published boundaries', (_, information, spending, published) => {
  const levels = lookLevels(information, 0.025, spending)
  for (const [i, { boundary, level }] of levels.entries()) {
    expect(boundary).toBeCloseTo(published[i] ?? Number.NaN, 2)
    expect(level).toBeCloseTo(normalTail(boundary), 12)
  }
})

test('a motion without drift crosses in alpha of the cases, one with drift as predicted', () => {
  const levels = lookLevels([1 / 16, 1 / 8, 1 / 4, 1 / 2, 1], 0.05)
  const regions = levels.map(({ information, boundary }) => ({
    information,
    low: Number.NEGATIVE_INFINITY,
    high: boundary * Math.sqrt(information),
  }))
  for (const drift of [0, 2]) {
    const random = createRandom(4)
    const trials = 20_000
    const crossed = regions.map(() => 0)
    for (let trial = 0; trial < trials; trial++) {
      let [state, before] = [0, 0]
      for (const [i, { information, high }] of regions.entries()) {
        const time = information - before
        state += drift * time + Math.sqrt(time) * normalQuantile(random() || 0.5)
        before = information
        if (state < high) continue
        crossed[i] = (crossed[i] ?? 0) + 1
        break
      }
    }
    const predicted = lookChances(regions, drift)
    for (const [i, { above }] of predicted.entries()) {
      const share = (crossed[i] ?? 0) / trials
      expect(Math.abs(share - above)).toBeLessThan(4 * Math.sqrt(above / trials) + 1e-3)
    }
    if (drift === 0) expect(predicted.reduce((sum, { above }) => sum + above, 0)).toBeCloseTo(0.05, 3)
  }
})

test('samples double up to the most there may be, and one look spends everything', () => {
  expect(lookSamples({ samples: 1, most: 16 })).toEqual([1, 2, 4, 8, 16])
  expect(lookSamples({ samples: 3, most: 10 })).toEqual([3, 6, 10])
  expect(lookSamples({ samples: 4, most: 4 })).toEqual([4])
  expect(gateLooks({ samples: 4, most: 4 }, 0.005)).toEqual([{ samples: 4, level: 0.005 }])
  const levels = gateLooks({ samples: 1, most: 16 }, 0.005).map(({ level }) => level)
  for (const level of levels) expect(level).toBeLessThan(0.005)
  expect(levels.reduce((sum, level) => sum + level, 0)).toBeGreaterThan(0.005)
})
