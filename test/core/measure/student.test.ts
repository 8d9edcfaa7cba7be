/** Student's quantile against published tables and a second way to it. */

import { expect, test } from 'vitest'
import { normalQuantile } from '../../../src/core/measure/normal.ts'
import { studentQuantile } from '../../../src/core/measure/student.ts'

test.each([
  [0.975, 1, 12.706204736432095],
  [0.975, 2, 4.302652729911275],
  [0.995, 2, 9.92484320091807],
  [0.975, 3, 3.1824463052837078],
  [0.9975, 3, 7.4533185051536],
  [0.975, 3.5, 2.9400886379827282],
  [0.975, 4.3, 2.70169489828223],
  [0.975, 7.7, 2.3217367528308643],
  [0.9995, 9, 4.780912585931],
  [0.975, 12.5, 2.1691859427125406],
  [0.975, 30, 2.0422724563],
  [0.025, 30, -2.0422724563],
  [0.975, 499, 1.9647293909],
  [0.975, 500, 1.964719837],
])('at %f with %f degrees', (p, degrees, t) => {
  expect(Math.abs(studentQuantile(p, degrees) / t - 1)).toBeLessThan(2e-9)
})

test('is the normal quantile with degrees without end, and 0 in the middle', () => {
  expect(studentQuantile(0.99, Number.POSITIVE_INFINITY)).toBe(normalQuantile(0.99))
  expect(studentQuantile(0.5, 3)).toBe(0)
})

test.each([
  [1, 1e-6],
  [2, 1e-6],
])('with %i degrees agrees far out with the formula that it has there', (degrees, tail) => {
  const p = 1 - tail
  const exact = degrees === 1 ? Math.tan(Math.PI * (p - 0.5)) : (2 * p - 1) / Math.sqrt(2 * p * (1 - p))
  expect(Math.abs(studentQuantile(p, degrees) / exact - 1)).toBeLessThan(2e-9)
})
