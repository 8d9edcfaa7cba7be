import fc from 'fast-check'
import { expect, test } from 'vitest'
import { placeInSorted } from '../../src/run/sorted.ts'

test('every number is found at its place, and none that is not there', () => {
  const rising = fc
    .uniqueArray(fc.integer({ min: -50, max: 50 }), { maxLength: 40 })
    .map((all) => all.sort((a, b) => a - b))
  fc.assert(
    fc.property(rising, fc.integer({ min: -60, max: 60 }), fc.nat(45), (numbers, number, count) => {
      expect(placeInSorted(numbers, number)).toBe(numbers.indexOf(number))
      const first = Math.min(count, numbers.length)
      expect(placeInSorted(Int32Array.from(numbers), number, first)).toBe(numbers.slice(0, first).indexOf(number))
    }),
  )
})
