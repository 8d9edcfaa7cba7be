/** The mean of partly censored values: Student's where nothing is, and right where many are. */

import { describe, expect, test } from 'vitest'
import { censoredMean, type MaybeCensored } from '../../../src/core/measure/censored.ts'
import { drawNormal } from '../../../src/core/measure/draws.ts'
import { meanInterval } from '../../../src/core/measure/intervals.ts'
import { studentQuantile } from '../../../src/core/measure/student.ts'
import { createRandom, type Random } from '../../../src/core/seed.ts'

const exactly = (value: number): MaybeCensored => ({ value, bound: null })

describe('a mean of values that are partly censored', () => {
  test("is Student's interval where none is, and next to it where one is censored far from where it could matter", () => {
    const values = [1, 2, 3, 4]
    expect(censoredMean(values.map(exactly))).toEqual(meanInterval(values))
    const { mean, low, high } = censoredMean([...values.map(exactly), { value: -30, bound: 'at-least' }])
    const whole = meanInterval(values)
    expect(mean).toBeCloseTo(whole.mean, 4)
    // One value more in the reckoning, and nothing known of it: the profile of four falls as far as Student's of five has it fall.
    const half = Math.sqrt((5 / 4) * Math.expm1((5 / 4) * Math.log1p(studentQuantile(0.975, 4) ** 2 / 4)))
    expect(mean - low).toBeCloseTo(half, 2)
    expect(high - mean).toBeCloseTo(half, 2)
  })

  test('goes up by what is only known to be larger, down by what is only known to be smaller', () => {
    const values = [1, 2, 3, 4].map(exactly)
    const larger = censoredMean([...values, { value: 4, bound: 'at-least' }])
    const smaller = censoredMean([...values, { value: 1, bound: 'at-most' }])
    expect(larger.mean).toBeGreaterThan(meanInterval([1, 2, 3, 4, 4]).mean)
    expect(smaller.mean).toBeCloseTo(5 - larger.mean, 4)
    expect(smaller.low).toBeCloseTo(5 - larger.high, 4)
    expect(larger.n).toBe(5)
  })

  test('is the whole line where fewer than two are known', () => {
    const { mean, low, high } = censoredMean([exactly(2), { value: 5, bound: 'at-least' }])
    expect({ mean, low, high }).toEqual({
      mean: 2,
      low: Number.NEGATIVE_INFINITY,
      high: Number.POSITIVE_INFINITY,
    })
  })

  test('is right on average and covers in 90% and more where four values in ten are censored', () => {
    const random = createRandom(3)
    const sets = 60
    let [sum, kept, covered] = [0, 0, 0]
    for (let set = 0; set < sets; set++) {
      const drawn = Array.from({ length: 10 }, () => drawCensored(0.25, random))
      const { mean, low, high } = censoredMean(drawn)
      sum += mean
      kept += meanInterval(drawn.flatMap(({ value, bound }) => (bound === null ? [value] : []))).mean
      if (low <= 0 && high >= 0) covered++
    }
    expect(Math.abs(sum / sets)).toBeLessThan(0.12)
    expect(kept / sets).toBeLessThan(-0.4)
    expect(covered / sets).toBeGreaterThanOrEqual(0.9)
  })
})

/** Of a standard normal distribution, cut off at a height. */
function drawCensored(most: number, random: Random): MaybeCensored {
  const value = drawNormal(random)
  return value > most ? { value: most, bound: 'at-least' } : exactly(value)
}
