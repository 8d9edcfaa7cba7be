/** The adaptive decision: data in, decision with its reason out. */

import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type AdaptiveEvidence, decideAdaptive } from '../../../src/core/budget/adaptive.ts'
import { VAGUE_CONTRACTION } from '../../../src/core/budget/contraction.ts'

const RULES = { initial: 100, prior: VAGUE_CONTRACTION, stopBelow: 0.005 }
const at = (shares: readonly number[], answers = 500) => shares.map((share, updates) => ({ updates, share, answers }))
const after = (shares: readonly number[], sizes: readonly number[], answers = 500): AdaptiveEvidence => ({
  sizes,
  gate: at(shares, answers),
  acceptance: at(shares.slice(0, -1), answers),
  last: { size: sizes.at(-1) ?? 0, rejected: false, gain: { mean: 0.02, low: 0.01, high: 0.03, n: 500 }, cost: 400 },
})

test('the first iteration asks for initial', () => {
  const decision = decideAdaptive(RULES, { sizes: [], gate: at([0.4]), acceptance: [], last: undefined })
  expect(decision).toMatchObject({ kind: 'start', size: 100 })
})

test('slow progress grows slowly, fast progress fast, and each says why', () => {
  const slow = [0.4, 0.42, 0.44, 0.46, 0.48, 0.5, 0.52, 0.54, 0.56]
  const fast = [0.4, 0.58, 0.66, 0.7, 0.72, 0.73, 0.735, 0.737, 0.738]
  const sizes = [100, 105, 110, 115, 120, 125, 130, 135]
  const slowly = decideAdaptive(RULES, after(slow, sizes))
  const quickly = decideAdaptive(RULES, after(fast, sizes))
  expect(quickly.growth).toBeGreaterThan(slowly.growth + 0.1)
  expect(quickly.kind).toBe('grow')
  expect(quickly.reason).toMatch(
    /^Grows by \d\.\d\d to \d+; less than .* is safe\. An iteration leaves 0\.\d\d of the bias/,
  )
  expect(quickly.reason).toMatch(/the last update brought 2\.0 \(1\.0 to 3\.0\), 5\.0 points for a cost of 1,000\.$/)
})

test('n_t ahead of the pace is held', () => {
  const decision = decideAdaptive(RULES, after([0.4, 0.44, 0.48], [5000, 5000]))
  expect(decision).toMatchObject({ kind: 'hold', size: 5000 })
  expect(decision.reason).toMatch(/^Holds n_t at 5000/)
})

test('nothing left to gain stops, unless stopBelow is 0', () => {
  const flat = [0.3, 0.6, 0.69, 0.72, 0.729, ...Array<number>(20).fill(0.731)]
  const evidence = after(flat, Array<number>(24).fill(20_000), 50_000)
  expect(decideAdaptive(RULES, evidence)).toMatchObject({
    kind: 'stop',
    reason: expect.stringMatching(/^Stops: less than/),
  })
  expect(decideAdaptive({ ...RULES, stopBelow: 0 }, evidence).kind).not.toBe('stop')
})

test('a rejected checkpoint rolls back to a less noisy update', () => {
  const evidence = after([0.4, 0.44], [100])
  const decision = decideAdaptive(RULES, { ...evidence, last: { size: 120, rejected: true, gain: undefined, cost: 1 } })
  expect(decision.kind).toBe('roll-back')
  expect(decision.size).toBeGreaterThan(120)
})

test('n_t never shrinks and never leaves the safe window', () => {
  const share = fc.double({ min: 0, max: 1, noNaN: true })
  fc.assert(
    fc.property(fc.array(share, { minLength: 2, maxLength: 12 }), fc.integer({ min: 1, max: 1e6 }), (shares, size) => {
      const sizes = Array<number>(shares.length - 1).fill(size)
      const decision = decideAdaptive({ ...RULES, stopBelow: 0 }, after(shares, sizes))
      expect(decision.size).toBeGreaterThanOrEqual(size)
      expect(decision.size).toBeLessThanOrEqual(size * decision.growth ** 2 + 1)
      expect(decision.low).toBeGreaterThan(1)
    }),
    { numRuns: 200 },
  )
})
