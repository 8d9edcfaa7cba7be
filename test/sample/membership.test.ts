/** The laws by which endpoints come and go, over any sequence of events; and a short list that comes and goes with its members. */

import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  isGone,
  limitOfNewcomer,
  MEMBER_EVENTS,
  MEMBER_STATES,
  type MemberState,
  stateAfter,
  takesRequests,
} from '../../src/sample/membership.ts'
import { nearby, ringOf } from '../../src/sample/ring.ts'

const events = fc.array(fc.constantFrom(...MEMBER_EVENTS))
const after = (list: readonly (typeof MEMBER_EVENTS)[number][]): MemberState[] => {
  const states: MemberState[] = ['joined']
  for (const event of list) states.push(stateAfter(states.at(-1) ?? 'joined', event))
  return states
}

test('whoever once takes no more requests never takes one again', () => {
  fc.assert(
    fc.property(events, (list) => {
      const takes = after(list).map(takesRequests)
      expect(takes.slice(takes.indexOf(false)).includes(true) && takes.includes(false)).toBe(false)
    }),
  )
})

test('whoever is gone stays as it went', () => {
  fc.assert(
    fc.property(events, (list) => {
      const states = after(list)
      const first = states.findIndex(isGone)
      if (first >= 0) expect(new Set(states.slice(first)).size).toBe(1)
    }),
  )
})

test('nobody is left with requests under way: from every state a loss, or a drain and its end, leads out', () => {
  for (const state of MEMBER_STATES) {
    expect(isGone(stateAfter(state, 'lose'))).toBe(true)
    expect(isGone(stateAfter(stateAfter(state, 'drain'), 'emptied'))).toBe(true)
  }
})

test('one that still takes requests does not leave by having none', () => {
  expect(stateAfter('joined', 'emptied')).toBe('joined')
})

test('a newcomer begins where half of its like are or above, and by nobody where there is none', () => {
  expect(limitOfNewcomer([])).toBeUndefined()
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 4096 }), { minLength: 1 }), (limits) => {
      const limit = limitOfNewcomer(limits) ?? 0
      expect(limits).toContain(limit)
      expect(limits.filter((other) => other >= limit).length).toBeGreaterThanOrEqual(limits.length / 2)
      expect(limits.filter((other) => other <= limit).length).toBeGreaterThanOrEqual(limits.length / 2)
    }),
  )
})

const membersOf = (count: number) =>
  Array.from({ length: count }, (_, i) => ({ name: `http://server-${i}`, weight: 1 }))

test('a member that goes moves only the prompts whose nearest it was', () => {
  const members = membersOf(100)
  const gone = members[37]
  const [whole, without] = [ringOf(members), ringOf(members.filter((one) => one !== gone))]
  for (let i = 0; i < 2000; i++) {
    const nearest = nearby(whole, `p${i}`, () => true, 1, 64)[0]
    if (nearest !== gone) expect(nearby(without, `p${i}`, () => true, 1, 64)[0]).toBe(nearest)
  }
})

test('each member is nearest to about its share of the prompts', () => {
  const ring = ringOf(membersOf(50))
  const counts = new Map<string, number>()
  for (let i = 0; i < 20_000; i++) {
    const name = nearby(ring, `p${i}`, () => true, 1, 64)[0]?.name ?? ''
    counts.set(name, (counts.get(name) ?? 0) + 1)
  }
  expect(counts.size).toBe(50)
  // 16 points each: a share's standard deviation is a quarter of it.
  expect(Math.max(...counts.values())).toBeLessThan(3 * 400)
  expect(Math.min(...counts.values())).toBeGreaterThan(400 / 4)
})

test('only who is wanted is nearby, each once', () => {
  const ring = ringOf(membersOf(20))
  const found = nearby(ring, 'p', ({ name }) => name.endsWith('3'), 8, 1000)
  expect(new Set(found).size).toBe(found.length)
  expect(found.map(({ name }) => name).sort()).toEqual(['http://server-13', 'http://server-3'])
  expect(nearby(ringOf(membersOf(0)), 'p', () => true, 8, 64)).toEqual([])
})
