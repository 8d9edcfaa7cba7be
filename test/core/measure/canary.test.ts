/** The judgement on reloaded weights: what is near enough, what has not moved, and what cannot be told. */

import { expect, test } from 'vitest'
import {
  type Canary,
  gapBetween,
  hasMoved,
  judgeSwitch,
  noiseBetween,
  spreadOf,
  toleranceOf,
} from '../../../src/core/measure/canary.ts'
import { createRandom } from '../../../src/core/seed.ts'

const shifted = (by: number): number[][] => [[-1 - by, -2 + by], [-0.5 - by]]
const OLD = shifted(0)
const NEW = shifted(0.4)

test('the gap is the mean absolute difference of all tokens', () => {
  expect(gapBetween([[-1, -2], [-3]], [[-1.3, -2], [-3.6]])).toBeCloseTo(0.3, 12)
  expect(gapBetween(OLD, OLD)).toBe(0)
})

test.each([
  ['another number of texts', [[-1, -2]]],
  [
    'another number of tokens',
    [
      [-1, -2],
      [-0.5, -1],
    ],
  ],
  ['a number that is none', [[-1, Number.NaN], [-0.5]]],
  ['no texts at all', []],
])('%s is infinitely far away', (_, other) => {
  expect(gapBetween(OLD, other)).toBe(Number.POSITIVE_INFINITY)
  expect(gapBetween(other, other.length === 0 ? other : OLD)).toBe(Number.POSITIVE_INFINITY)
})

test('the spread is that of the two readings that are farthest apart', () => {
  expect(spreadOf([OLD, shifted(0.01), shifted(-0.02), OLD])).toBeCloseTo(0.03, 12)
  expect(spreadOf([OLD])).toBe(0)
})

test('three times the noise is tolerated, and never less than rounding', () => {
  expect(toleranceOf(0.1)).toBeCloseTo(0.3, 12)
  expect(toleranceOf(0)).toBe(1e-4)
})

test.each([
  ['just the new weights', NEW, 'proven'],
  ['the new weights, rounded otherwise', shifted(0.42), 'proven'],
  ['a part of the old weights', shifted(0.3), 'refuted'],
  ['the old weights', OLD, 'refuted'],
])('%s', (_, now, proof) => {
  expect(judgeSwitch({ now, old: [OLD, OLD], wanted: NEW, noise: 0.01 })).toBe(proof)
})

test('new weights that are like the old ones are proven by any change, and not without one', () => {
  const wanted = shifted(0.001)
  const given = { old: [OLD, OLD], wanted, noise: 0.01 }
  expect(judgeSwitch({ ...given, now: shifted(0.0011) })).toBe('proven')
  expect(judgeSwitch({ ...given, now: OLD })).toBe('unmoved')
  // A server whose answers vary by more than that shows nothing by it.
  expect(judgeSwitch({ ...given, old: [OLD, shifted(0.001)], now: shifted(0.0011) })).toBe('unmoved')
})

/** Tokens that training has changed by about this much, and what a server makes of them. */
function trained(by: number, rounding: number, share: number) {
  const random = createRandom(5)
  const about = (size: number): number => size * (2 * random() - 1)
  const before = Array.from({ length: 200 }, () => -3 * random())
  const wanted = before.map((value) => value + about(by))
  const old = before.map((value) => value + about(rounding))
  const now = before.map((value, i) => value + share * ((wanted[i] ?? 0) - value) + about(rounding))
  return { now: [now], old: [[old], [old]], before: [before], wanted: [wanted], noise: rounding / 2 }
}

test.each([
  ['all of a step as small as rounding', 0.01, 0.01, 1, 'proven'],
  ['all of a step', 0.05, 0.01, 1, 'proven'],
  ['a step of which a third stays behind, within what rounding may make of a token', 0.03, 0.01, 0.67, 'refuted'],
  ['half of a step as small as rounding', 0.02, 0.01, 0.5, 'refuted'],
] as const)('%s', (_, by, rounding, share, proof) => {
  const given = trained(by, rounding, share)
  expect(gapBetween(given.now, given.wanted)).toBeLessThan(toleranceOf(given.noise))
  expect(judgeSwitch(given)).toBe(proof)
})

test('where rounding would hide an output layer that stayed behind, a tied one is not proven by it', () => {
  const given = trained(0.05, 0.01, 1)
  expect(judgeSwitch({ ...given, isTied: true })).toBe('coarse')
  expect(judgeSwitch({ ...trained(0.05, 1e-4, 1), isTied: true })).toBe('proven')
})

test('without anything to compare with nothing is known', () => {
  expect(judgeSwitch({ now: NEW, old: [OLD], wanted: undefined, noise: 0.1 })).toBe('unknown')
  expect(judgeSwitch({ now: NEW, old: [OLD], wanted: NEW, noise: undefined })).toBe('unknown')
})

test('a server has moved when it differs by more than three times its spread', () => {
  expect(hasMoved(NEW, [OLD, shifted(0.1)])).toBe(true)
  expect(hasMoved(NEW, [OLD, shifted(0.15)])).toBe(false)
  expect(hasMoved(NEW, [])).toBe(false)
})

const canary: Canary = {
  tokens: [
    [1, 2, 3],
    [4, 5],
  ],
  logprobs: NEW,
  before: OLD,
  startedFrom: 'sha256:a',
}

test('the noise between server and trainer is measured on the weights that training started from', () => {
  expect(noiseBetween(canary, [shifted(0.02), shifted(0.02)], 'sha256:a')).toBeCloseTo(0.02, 12)
  expect(noiseBetween(canary, [shifted(0.01), shifted(0.05)], 'sha256:a')).toBeCloseTo(0.04, 12)
})

test.each([
  ['other weights are served', canary, 'sha256:b', 0.02],
  ['the trainer did not measure them', { ...canary, before: undefined }, 'sha256:a', 0.02],
  ['it is as large as what training has changed', canary, 'sha256:a', 0.2],
])('it is not known where %s', (_, given, served, by) => {
  expect(noiseBetween(given, [shifted(by)], served)).toBeUndefined()
})
