/** Balanced draws: as equal as they can be, and fair. */

import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createRandom } from '../../src/core/seed.ts'
import { balancedQuotas, drawBalanced } from '../../src/export/balance.ts'

test('groups are as equal as their sizes allow, and the total is met where it can be', () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 1, maxLength: 8 }),
      fc.nat(150),
      (sizes, total) => {
        const quotas = balancedQuotas(sizes, total, createRandom(1))
        const all = sizes.reduce((sum, size) => sum + size, 0)
        expect(quotas.reduce((sum, quota) => sum + quota, 0)).toBe(Math.min(total, all))
        const most = Math.max(...quotas)
        // A group gets less than another only by the remainder of one, or because it has no more.
        for (const [group, quota] of quotas.entries()) {
          expect(quota).toBeLessThanOrEqual(sizes[group] ?? 0)
          if (quota < most - 1) expect(quota).toBe(sizes[group])
        }
      },
    ),
  )
})

test('without a total every group gives as many as the smallest has', () => {
  expect(balancedQuotas([5, 2, 9], undefined, createRandom(1))).toEqual([2, 2, 2])
  expect(balancedQuotas([], undefined, createRandom(1))).toEqual([])
})

test('a draw takes its quotas, the same ones for the same seed', () => {
  const groups = Array.from({ length: 90 }, (_, i) => (i % 9 === 0 ? 0 : 1))
  const taken = drawBalanced(groups, 16, createRandom(5))
  const of = (group: number) => groups.filter((one, i) => one === group && taken[i] === 1).length
  expect([of(0), of(1)]).toEqual([8, 8])
  expect(drawBalanced(groups, 16, createRandom(5))).toEqual(taken)
  expect(drawBalanced(groups, 16, createRandom(6))).not.toEqual(taken)
})

test('every trace of a group is as likely as any other of it', () => {
  const counts = Array.from({ length: 10 }, () => 0)
  for (let seed = 0; seed < 3_000; seed++) {
    const taken = drawBalanced(
      counts.map(() => 0),
      3,
      createRandom(seed),
    )
    for (const [place, flag] of taken.entries()) counts[place] = (counts[place] ?? 0) + flag
  }
  // 900 each with a standard deviation of 25; five of them on either side.
  for (const count of counts) expect(Math.abs(count - 900)).toBeLessThan(125)
})

test('no stream of chance takes more than a quota, or fewer', () => {
  for (const value of [0, 0.5, 1 - 2 ** -32]) {
    for (let total = 0; total <= 5; total++) {
      const taken = drawBalanced([0, 1, 0, 1, 0], total, () => value)
      expect(taken.reduce((sum, flag) => sum + flag, 0)).toBe(total)
    }
  }
})

test('groups are numbered from 0, and one that has no trace gives none', () => {
  expect([...drawBalanced([2, 2, 0], 3, createRandom(1))]).toEqual([1, 1, 1])
  expect([...drawBalanced([], 3, createRandom(1))]).toEqual([])
})
