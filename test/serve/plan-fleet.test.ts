/** What a fleet does next, over any state of its members. */

import fc from 'fast-check'
import { expect, test } from 'vitest'
import { MEMBER_STEPS } from '../../src/core/fleet.ts'
import { JOB_STATES } from '../../src/core/job.ts'
import {
  type FleetNeeds,
  hasEnded,
  type MemberView,
  MOST_MISSED_LOOKS,
  mayStartAgain,
  planFleet,
  waitAfterFailures,
} from '../../src/serve/fleet/plan-fleet.ts'

const NOW = 1_000_000_000
const NEEDS: FleetNeeds = { servers: 4, readyMs: 600_000, aheadMs: 900_000, drainMs: 180_000 }

const member = (key: string, changes: Partial<MemberView> = {}): MemberView => ({
  key,
  isWanted: true,
  step: 'proven',
  job: 'running',
  endsAt: undefined,
  runsSince: NOW - 100_000,
  missedLooks: 0,
  isExpelled: false,
  ...changes,
})
const four = [1, 2, 3, 4].map((i) => member(`m${i}`))

const anyMember = fc.record({
  isWanted: fc.boolean(),
  step: fc.constantFrom(...MEMBER_STEPS),
  job: fc.constantFrom(...JOB_STATES),
  endsAt: fc.option(fc.integer({ min: NOW - 100, max: NOW + 4_000_000 }), { nil: undefined }),
  runsSince: fc.option(fc.integer({ min: NOW - 2_000_000, max: NOW }), { nil: undefined }),
  missedLooks: fc.nat(10),
  isExpelled: fc.boolean(),
})
const anyFleet = fc
  .array(anyMember, { maxLength: 20 })
  .map((members) => members.map((one, i): MemberView => ({ ...one, key: `m${i}` })))

test('nobody is both lost and retired, and nobody who has gone is spoken of', () => {
  fc.assert(
    fc.property(anyFleet, (fleet) => {
      const { lost, retire } = planFleet(fleet, NEEDS, NOW)
      const named = [...lost, ...retire]
      expect(new Set(named).size).toBe(named.length)
      const here = fleet.filter(({ step }) => step !== 'retired' && step !== 'ended').map(({ key }) => key)
      expect(here).toEqual(expect.arrayContaining(named))
    }),
  )
})

test('there are never more than twice as many as wanted, and what is wanted and well is never touched for want of room', () => {
  fc.assert(
    fc.property(anyFleet, (fleet) => {
      const { submit, retire, lost } = planFleet(fleet, NEEDS, NOW)
      const standing = fleet.filter(
        ({ key, isWanted, step }) =>
          isWanted && step !== 'retired' && step !== 'ended' && !lost.includes(key) && !retire.includes(key),
      )
      expect(standing.length + submit).toBeLessThanOrEqual(2 * NEEDS.servers)
      const well = standing.filter(({ endsAt }) => endsAt === undefined)
      expect(well.length + submit).toBeLessThanOrEqual(NEEDS.servers)
    }),
  )
})

test('a fleet that is whole and well is left alone', () => {
  expect(planFleet(four, NEEDS, NOW)).toEqual({ submit: 0, lost: [], retire: [] })
})

test('whoever is lost is replaced at once: its job has ended, it is silent, it never got ready, or turns requests down', () => {
  for (const gone of [
    ...JOB_STATES.filter(hasEnded).map((job) => member('gone', { job })),
    member('gone', { missedLooks: MOST_MISSED_LOOKS }),
    member('gone', { isExpelled: true }),
    member('gone', { step: 'published', runsSince: NOW - NEEDS.readyMs - 1 }),
  ]) {
    expect(planFleet([...four.slice(1), gone], NEEDS, NOW)).toEqual({ submit: 1, lost: ['gone'], retire: [] })
  }
})

test('a job that waits in the queue is not late, and an engine without an answer says nothing', () => {
  const waiting = member('waits', { step: 'submitted', job: 'pending', runsSince: undefined })
  const unknown = member('unknown', { job: 'unknown' })
  expect(planFleet([...four.slice(2), waiting, unknown], NEEDS, NOW)).toEqual({ submit: 0, lost: [], retire: [] })
})

test('before its time limit a server has a successor, and ends when that is there, or its time is nearly over', () => {
  const long = NOW - 10_000_000
  const ending = member('old', { endsAt: NOW + NEEDS.aheadMs - 1, runsSince: long })
  const rest = four.slice(1)
  expect(planFleet([...rest, ending], NEEDS, NOW)).toEqual({ submit: 1, lost: [], retire: [] })
  const successor = member('new', { step: 'submitted', job: 'pending' })
  expect(planFleet([...rest, ending, successor], NEEDS, NOW)).toEqual({ submit: 0, lost: [], retire: [] })
  const ready = member('new')
  expect(planFleet([...rest, ending, ready], NEEDS, NOW)).toEqual({ submit: 0, lost: [], retire: ['old'] })
  const late = member('old', { endsAt: NOW + NEEDS.drainMs - 1, runsSince: long })
  expect(planFleet([...rest, late, successor], NEEDS, NOW)).toEqual({ submit: 0, lost: [], retire: ['old'] })
})

test('jobs whose whole time is short do not chase each other', () => {
  const short = four.map((one) => ({ ...one, runsSince: NOW, endsAt: NOW + 600_000 }))
  expect(planFleet(short, NEEDS, NOW)).toEqual({ submit: 0, lost: [], retire: [] })
})

test('servers of other weights end, and as many of these are started', () => {
  const old = four.map((one) => ({ ...one, isWanted: false }))
  expect(planFleet(old, NEEDS, NOW)).toEqual({ submit: 4, lost: [], retire: old.map(({ key }) => key) })
})

test('with fewer wanted the youngest go', () => {
  expect(planFleet(four, { ...NEEDS, servers: 2 }, NOW)).toEqual({ submit: 0, lost: [], retire: ['m3', 'm4'] })
})

test('starts that fail are tried again more and more slowly, and not for ever', () => {
  const waits = [0, 1, 2, 3, 10, 100].map(waitAfterFailures)
  expect(waits).toEqual([...waits].sort((a, b) => a - b))
  expect(waits[0]).toBe(0)
  expect(Math.max(...waits)).toBeLessThanOrEqual(60_000)
  expect([mayStartAgain(0, 1), mayStartAgain(3, 1), mayStartAgain(4, 1)]).toEqual([true, true, false])
})
