/** Stretches of the learning rate: the pieces of a run's schedule fit together. */

import fc from 'fast-check'
import { expect, test } from 'vitest'
import { learningRateStretch } from '../../../src/core/budget/optimization.ts'

/** Which iteration it is does not matter to the others. */
const NOW = { iteration: 3, tau: 1 }

const peak = fc.double({ min: 1e-8, max: 1, noNaN: true })
const weights = fc.array(fc.integer({ min: 1, max: 1000 }), { minLength: 1, maxLength: 30 })

/** Each iteration's share of the run's training, as it lies before and after it. */
function sharesOf(parts: readonly number[]): { before: number; after: number }[] {
  const total = parts.reduce((sum, part) => sum + part, 0)
  let done = 0
  return parts.map((part) => {
    const before = done / total
    done += part
    return { before, after: done / total }
  })
}

test('run-decay starts at the peak, ends at 0, and every piece begins where the last one ended', () => {
  fc.assert(
    fc.property(peak, weights, (lr, parts) => {
      const pieces = sharesOf(parts).map((share) => learningRateStretch('run-decay', lr, share, NOW))
      expect(pieces[0]?.start).toBe(lr)
      expect(pieces.at(-1)?.end).toBe(0)
      for (const [i, piece] of pieces.entries()) {
        expect(piece.end).toBeLessThan(piece.start)
        if (i > 0) expect(piece.start).toBe(pieces[i - 1]?.end)
      }
    }),
  )
})

test('run-decay falls in proportion to the training: a quarter of it, a quarter of the peak', () => {
  expect(sharesOf([25, 75]).map((share) => learningRateStretch('run-decay', 4e-6, share, NOW))).toEqual([
    { start: 4e-6, end: 3e-6 },
    { start: 3e-6, end: 0 },
  ])
})

test.each([
  ['iteration-decay', { start: 2e-6, end: 0 }],
  ['run-constant', { start: 2e-6, end: 2e-6 }],
] as const)('%s is the same in every iteration', (schedule, stretch) => {
  for (const share of sharesOf([1, 5, 10])) expect(learningRateStretch(schedule, 2e-6, share, NOW)).toEqual(stretch)
})

test('run-inverse-time needs no length of the run: the peak over 1 + t / tau, the same throughout an iteration', () => {
  const at = (iteration: number): object =>
    learningRateStretch('run-inverse-time', 8e-4, { before: 0.9, after: 1 }, { iteration, tau: 20 })
  expect([at(0), at(20), at(60)]).toEqual([
    { start: 8e-4, end: 8e-4 },
    { start: 4e-4, end: 4e-4 },
    { start: 2e-4, end: 2e-4 },
  ])
})
