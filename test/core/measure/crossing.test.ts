/** The cost to a target: a curve through noisy measurements, the same however often they are taken. */

import { expect, test } from 'vitest'
import { type ComparedPoint, costToReach, isotonic } from '../../../src/core/measure/crossing.ts'
import { drawBinomial } from '../../../src/core/measure/draws.ts'
import { createRandom } from '../../../src/core/seed.ts'

function points(...accuracies: number[]): ComparedPoint[] {
  return accuracies.map((accuracy, i) => ({ cost: i * 100, accuracy }))
}

test('is read along a straight line where the measurements lie on one', () => {
  expect(costToReach(points(0.4, 0.5, 0.6), 0.55)).toBeCloseTo(150, 10)
  expect(costToReach(points(0.4, 0.6), 0.45)).toBeCloseTo(25, 10)
  expect(costToReach(points(0.4, 0.5), 0.6)).toBeNull()
  expect(costToReach(points(0.7), 0.6)).toBe(0)
  expect(costToReach([], 0.6)).toBeNull()
})

const PCHIP = [
  [0.41, 6.729071845],
  [0.45, 35.286416353],
  [0.5, 77.914023228],
  [0.53, 112.525465707],
  [0.57, 171.3164079],
  [0.585, 228.470720089],
  [0.595, 303.38502541],
] as const

test('follows the bend of the curve, as the published algorithm has it', () => {
  // scipy 1.17: PchipInterpolator([0, 100, 200, 400], [0.4, 0.52, 0.58, 0.6]).solve(target)
  const bent = [0, 100, 200, 400].map((cost, i) => ({ cost, accuracy: [0.4, 0.52, 0.58, 0.6][i] ?? 0 }))
  for (const [target, cost] of PCHIP) expect(costToReach(bent, target)).toBeCloseTo(cost, 6)
})

test('a dip after the crossing counts against it, and what is carried on is no second measurement', () => {
  expect(isotonic([1, 3, 2, 2, 5])).toEqual([1, 7 / 3, 7 / 3, 7 / 3, 5])
  expect(isotonic([])).toEqual([])
  // 0.62, 0.58 and 0.6 are taken for 0.6 all three, from the first of them on.
  expect(costToReach(points(0.4, 0.62, 0.58, 0.6), 0.5999)).toBeCloseTo(100, -1)
  expect(costToReach(points(0.4, 0.62, 0.5, 0.7), 0.6)).toBeGreaterThan(200)
  const carried = [...points(0.4, 0.62, 0.5), { cost: 900, accuracy: 0.5, carried: true as const }]
  expect(costToReach(carried, 0.56)).toBeCloseTo(100, 4)
})

test('does not depend on how often a run is measured', () => {
  const random = createRandom(4)
  const target = 0.3 + 0.4 * 0.75
  const truth = 30 * Math.log(4)
  for (const evaluations of [4, 8, 16, 32]) {
    const logs = Array.from({ length: 250 }, () => {
      const measured = Array.from({ length: evaluations + 1 }, (_, i) => {
        const cost = (100 * i) / evaluations
        const accuracy = 0.3 + 0.4 * (1 - Math.exp(-cost / 30))
        return { cost, accuracy: drawBinomial(500, accuracy, random) / 500 }
      })
      return Math.log((costToReach(measured, target) ?? truth) / truth)
    })
    expect(Math.abs(logs.reduce((sum, log) => sum + log, 0) / logs.length)).toBeLessThan(0.05)
  }
})
