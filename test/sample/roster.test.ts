/** Who of a pool is asked: the best of a few, and good ones of many. */

import { expect, test } from 'vitest'
import { ServerError } from '../../src/core/errors.ts'
import type { Member } from '../../src/sample/member.ts'
import { createRoster } from '../../src/sample/roster.ts'
import { type Candidate, route } from '../../src/sample/route.ts'

interface Changes {
  inFlight?: number
  limit?: number
  isOpen?: boolean
  isInOrder?: boolean
  isTimed?: boolean
  expelled?: ServerError
  weight?: number
}

/** As much of a member as the roster looks at. */
function memberOf(name: string, changes: Changes = {}): Member & { changes: Changes } {
  const limit = () => member.changes.limit ?? 10
  const member = {
    name,
    changes,
    weight: changes.weight ?? 1,
    latencyMs: 100,
    get inFlight() {
      return this.changes.inFlight ?? 0
    },
    get limit() {
      return this.changes.isOpen ? 0 : limit()
    },
    limiter: { limit },
    expelled: () => member.changes.expelled,
    isOpen: () => member.changes.isOpen ?? false,
    isInOrder: () => member.changes.isInOrder ?? !member.changes.isOpen,
    isTimed: () => member.changes.isTimed ?? member.changes.isOpen ?? false,
  }
  return member as unknown as Member & { changes: Changes }
}

function rosterOf(count: number, changes: (i: number) => Changes = () => ({})) {
  const roster = createRoster()
  const members = Array.from({ length: count }, (_, i) => memberOf(`http://server-${i}/v1`, changes(i)))
  for (const member of members) roster.add(member)
  return { roster, members }
}

const prompts = Array.from({ length: 300 }, (_, i) => `problem/${i}`)
const random = (i: number): Changes => ({ inFlight: (i * 7) % 9 })

test.each([1, 2, 31, 32])('of %i all are compared, so that the best one is found for every prompt', (count) => {
  const { roster, members } = rosterOf(count, random)
  for (const prompt of prompts) expect(roster.find(prompt, undefined)).toBe(route(members, prompt))
})

test.each([33, 200])('of %i one with room is found for every prompt, and prompts are spread over all', (count) => {
  const { roster, members } = rosterOf(count, (i) => ({ inFlight: i % 3 === 0 ? 10 : 2 }))
  const found = prompts.map((prompt) => roster.find(prompt, undefined))
  for (const one of found) expect(one?.inFlight).toBe(2)
  expect(new Set(found).size).toBeGreaterThan(Math.min(count, 60) / 3)
  // The same prompt finds the same cache again, mostly.
  const again = prompts.map((prompt) => roster.find(prompt, undefined))
  expect(again.filter((one, i) => one === found[i]).length).toBeGreaterThan(120)
  for (const member of members) member.changes.inFlight = 10
  for (const member of members) roster.touch(member)
  expect(roster.find('problem/0', undefined)).toBeUndefined()
})

test('the only one of many that has room is found', () => {
  const { roster, members } = rosterOf(200, (i) => ({ inFlight: i === 77 ? 9 : 10 }))
  for (const prompt of prompts) expect(roster.find(prompt, undefined)).toBe(members[77])
})

test('of many, one that may be tried again is among those that are asked', () => {
  const { roster, members } = rosterOf(40, (i) => (i === 5 ? { isTimed: true, isInOrder: false } : { inFlight: 10 }))
  expect(roster.find('problem/1', undefined)).toBe(members[5])
  expect([...roster.timed()]).toEqual([members[5]])
})

test('of many, who was full is found again once it has room', () => {
  const { roster, members } = rosterOf(40, () => ({ inFlight: 10 }))
  for (let round = 0; round < 3; round++) {
    for (const member of members) {
      member.changes.inFlight = 9
      roster.touch(member)
      expect(roster.find('problem/0', undefined)).toBe(member)
      member.changes.inFlight = 10
      roster.touch(member)
    }
  }
  expect(roster.find('problem/0', undefined)).toBeUndefined()
})

test('who leaves is not found any more, and others are found as before', () => {
  const { roster, members } = rosterOf(50)
  for (const member of members.slice(0, 45)) roster.remove(member)
  expect(roster.left()).toBe(5)
  for (const prompt of prompts)
    expect(members.indexOf(roster.find(prompt, undefined) as (typeof members)[0])).toBeGreaterThan(44)
  for (const member of members.slice(45)) roster.remove(member)
  expect(roster.find('problem/1', undefined)).toBeUndefined()
  expect([roster.left(), roster.limit(), roster.first()]).toEqual([0, 0, undefined])
  // Nothing is known of who is gone.
  roster.touch(members[0] as Member)
  expect(roster.left()).toBe(0)
})

test('who is left out for good is gone', () => {
  const { roster, members } = rosterOf(2)
  const [one, two] = members as [(typeof members)[0], (typeof members)[0]]
  one.changes.expelled = new ServerError('no')
  roster.touch(one)
  expect([...roster.all()]).toEqual([two])
  for (const prompt of prompts) expect(roster.find(prompt, undefined)).toBe(two)
})

test('the limit is that of those in order, and of all where none is', () => {
  const { roster, members } = rosterOf(3, (i) => ({ limit: 10 + i }))
  const [one, two, three] = members as [Member & { changes: Changes }, ...(Member & { changes: Changes })[]]
  expect([roster.limit(), roster.isDown()]).toEqual([33, false])
  one.changes.isOpen = true
  roster.touch(one)
  expect([roster.limit(), roster.isDown()]).toEqual([23, false])
  for (const member of [two, three]) {
    if (!member) continue
    member.changes.isOpen = true
    roster.touch(member)
  }
  expect([roster.limit(), roster.isDown()]).toEqual([33, true])
  one.changes.isOpen = false
  one.changes.limit = 4
  roster.touch(one)
  expect([roster.limit(), roster.isDown()]).toEqual([4, false])
})

test('another one can be given work where it is in order, or may be tried', () => {
  const { roster, members } = rosterOf(2)
  const [one, two] = members as [(typeof members)[0], (typeof members)[0]]
  expect(roster.hasOther(one)).toBe(true)
  two.changes.isOpen = true
  roster.touch(two)
  expect(roster.hasOther(one)).toBe(false)
  expect(roster.hasOther(two)).toBe(true)
  Object.assign(two.changes, { isOpen: false, isInOrder: false, isTimed: true })
  roster.touch(two)
  expect(roster.hasOther(one)).toBe(true)
  two.changes.limit = 0
  roster.touch(two)
  expect(roster.hasOther(one)).toBe(false)
  roster.remove(two)
  expect(roster.hasOther(one)).toBe(false)
})

test('one that answers many times more slowly than the others is given less', () => {
  const of = (name: string, latencyMs: number | undefined): Candidate => ({
    name,
    weight: 1,
    inFlight: 4,
    limit: 100,
    latencyMs,
  })
  const shareOf = (latencyMs: number | undefined): number => {
    const all = [of('slow', latencyMs), of('quick', 100), of('other', 100)]
    return prompts.filter((prompt) => route(all, prompt)?.name === 'slow').length / prompts.length
  }
  // Three times as slow is chance, and of a new one nothing is known.
  for (const latencyMs of [100, 300, undefined]) expect(shareOf(latencyMs)).toBeGreaterThan(0.2)
  expect(shareOf(3_000)).toBe(0)
})
