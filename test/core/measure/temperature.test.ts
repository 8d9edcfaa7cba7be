/** The temperature probe's choice. */

import { expect, test } from 'vitest'
import { chooseTemperature, type ProbeScore } from '../../../src/core/measure/temperature.ts'

const score = (temperature: number, eligible: number, solved: number, sampled = 40): ProbeScore => ({
  temperature,
  sampled,
  eligible,
  problems: 10,
  solved,
})

test.each<[string, 'coverage' | 'yield', ProbeScore[], number]>([
  ['coverage takes the most problems solved', 'coverage', [score(0.5, 30, 6), score(1, 20, 8)], 1],
  ['yield takes the most accepted traces a sample', 'yield', [score(0.5, 30, 6), score(1, 20, 8)], 0.5],
  ['the yield decides between equal coverages', 'coverage', [score(0.5, 20, 8), score(1, 25, 8)], 1],
  ['the coverage decides between equal yields', 'yield', [score(0.5, 20, 6), score(1, 20, 8)], 1],
  ['the order of the list decides between equals', 'coverage', [score(1, 20, 8), score(0.5, 20, 8)], 1],
  ['requests that failed do not count', 'yield', [score(0.5, 15, 6, 40), score(1, 12, 5, 30)], 1],
  ['nothing came back anywhere', 'yield', [score(0.7, 0, 0, 0), score(1, 0, 0, 0)], 0.7],
])('%s', (_, by, scores, chosen) => {
  expect(chooseTemperature(scores, by)).toBe(chosen)
})

test('no temperature is no choice', () => {
  expect(() => chooseTemperature([], 'coverage')).toThrow(RangeError)
})
