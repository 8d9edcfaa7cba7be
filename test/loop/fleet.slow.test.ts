/** Spendwise killed at every step of a fleet, at its first passing and at a later one. */

import { afterAll, beforeAll, expect, test } from 'vitest'
import { FLEET_POINTS } from '../../src/process/crash-point.ts'
import { createFleetPlace, type FleetPlace } from './fleet-place.ts'
import { faultsOf, NO_FAULTS, outcomeOf } from './killing.ts'

let place: FleetPlace
let calm: object

beforeAll(async () => {
  place = createFleetPlace()
  expect(await place.go('calm')).toMatchObject({ code: 0, stderr: '' })
  calm = outcomeOf(place.at('calm'))
})
afterAll(() => place.remove())

// With three servers the fourth passing belongs to the first swap of weights.
test.each(FLEET_POINTS.flatMap((point) => [1, 2, 4].map((time) => [point, time] as const)))(
  'killed at %s, passed for the %i. time, nothing is lost, nothing twice, and no server is left',
  async (point, time) => {
    const folder = `${point}-${time}`
    expect(await place.go(folder, { crashAt: `${point}:${time}` })).toMatchObject({ signal: 'SIGKILL' })
    expect(await place.go(folder)).toMatchObject({ code: 0, stderr: '' })
    expect(faultsOf(place.at(folder))).toEqual(NO_FAULTS)
    expect(outcomeOf(place.at(folder))).toEqual(calm)
    const steps = place.steps(folder)
    const last = new Map(steps.map(({ key, step }) => [key, step]))
    expect(new Set(last.values())).toEqual(new Set(['ended']))
    // Each key was a job once: whoever was submitted was found again.
    const handles = steps.flatMap(({ key, handle }) => (handle ? [`${key} ${handle.id}`] : []))
    expect(new Set(handles).size).toBe(new Set(steps.filter(({ handle }) => handle).map(({ key }) => key)).size)
    expect(place.processes()).toEqual([])
  },
)

test('a command that cannot serve is tried a few times, and then told of in one sentence', async () => {
  const { code, stderr } = await place.go('broken', {
    sets: ['serve.command=[/bin/false,"{checkpoint}","{name}","{port}"]'],
  })
  expect(code).toBe(3)
  expect(stderr).toMatch(/^\d+ servers of the fleet ended or did not get ready, .* words are in .*\.log; .*\n$/)
  expect(place.processes()).toEqual([])
})
