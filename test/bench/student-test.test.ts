/** The paired t-test of the policy experiment against the printed tables. */

import { expect, test } from 'vitest'
import { studentTest } from '../../bench/policy-experiment/analysis.ts'

/** Values whose mean is t standard errors above 0. */
function valuesAt(t: number, n: number): number[] {
  const raw = Array.from({ length: n }, (_, i) => i - (n - 1) / 2)
  const error = Math.sqrt(raw.reduce((sum, value) => sum + value ** 2, 0) / (n - 1) / n)
  return raw.map((value) => value + t * error)
}

// Student's two-sided critical values: p, n, t.
test.each([
  [0.05, 8, 2.3646],
  [0.01, 8, 3.4995],
  [0.05, 10, 2.2622],
  [0.1, 4, 2.3534],
] as const)('p is %f for %i values at t = %f', (p, n, t) => {
  expect(Math.abs(studentTest(valuesAt(t, n)) / p - 1)).toBeLessThan(0.05)
  expect(studentTest(valuesAt(-t, n))).toBeCloseTo(studentTest(valuesAt(t, n)), 9)
})

test('one seed proves nothing', () => {
  expect(studentTest([0.1])).toBe(1)
})
