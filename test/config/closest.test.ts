/** Edit distance and the nearest word. */

import fc from 'fast-check'
import { expect, test } from 'vitest'
import { closest, editDistance } from '../../src/config/closest.ts'

test.each([
  ['kitten', 'sitting', 3],
  ['temprature', 'temperature', 1],
  ['wieght', 'weight', 1],
  ['', 'abc', 3],
])('%s and %s are %d apart', (a, b, distance) => {
  expect(editDistance(a, b)).toBe(distance)
})

test('a distance is symmetric, zero for equal words only, and at most the longer length', () => {
  const word = fc.string({ maxLength: 8, unit: fc.constantFrom('a', 'b', 'c') })
  fc.assert(
    fc.property(word, word, (a, b) => {
      const distance = editDistance(a, b)
      expect(distance).toBe(editDistance(b, a))
      expect(distance === 0).toBe(a === b)
      expect(distance).toBeLessThanOrEqual(Math.max(a.length, b.length))
    }),
  )
})

test.each([
  ['temprature', 'temperature'],
  ['Batch', 'batch'],
  ['learningRate', undefined],
  ['x', undefined],
])('the nearest key to %s is %s', (word, nearest) => {
  expect(closest(word, ['temperature', 'batch', 'lr', 'steps'])).toBe(nearest)
})
