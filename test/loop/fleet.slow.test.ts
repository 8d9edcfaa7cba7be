/** Spendwise killed at every step of a fleet, at its first passing and at a later one. */

import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { FLEET_POINTS } from '../../src/process/crash-point.ts'
import { openStore } from '../../src/store/store.ts'
import { readRun } from './database.ts'
import { createFleetPlace, type FleetPlace } from './fleet-place.ts'
import { faultsOf, NO_FAULTS, outcomeOf } from './killing.ts'

let place: FleetPlace
let calm: object

const PATIENCE = { timeout: 120_000, interval: 50 }

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

const ADAPTERS = ['serve.adapters=true', 'train.init=base']

describe('adapters, loaded into servers that stay on the base', () => {
  let calmAdapters: object
  /** Names that the iterations were sampled by. */
  const sampledBy = (folder: string): unknown[] =>
    readRun(place.at(folder, 'runs/small')).rows(
      "select distinct iteration, model from completion where purpose = 'train' order by 1",
    )

  beforeAll(async () => {
    expect(await place.go('adapters', { sets: ADAPTERS })).toMatchObject({ code: 0, stderr: '' })
    calmAdapters = outcomeOf(place.at('adapters'))
  })

  test('no server is started for an adapter, and each iteration is sampled by its own', () => {
    expect(faultsOf(place.at('adapters'))).toEqual(NO_FAULTS)
    const steps = place.steps('adapters')
    expect(new Set(steps.map(({ key }) => key)).size).toBe(3)
    expect(new Set(steps.map(({ name }) => name))).toEqual(new Set(['small-base']))
    expect(sampledBy('adapters')).toEqual([
      { iteration: 0, model: 'small-base' },
      { iteration: 1, model: expect.stringMatching(/^small-iteration000-[0-9a-f]{8}$/) },
    ])
    expect(place.processes()).toEqual([])
  })

  test.each(['adapter-loaded', 'adapter-proven', 'old-unloaded', 'fleet-handle-stored', 'fleet-proven'] as const)(
    'killed at %s, servers are found again and hold the adapter that is asked for',
    async (point) => {
      const folder = `adapters-${point}`
      expect(await place.go(folder, { crashAt: `${point}:2`, sets: ADAPTERS })).toMatchObject({ signal: 'SIGKILL' })
      expect(await place.go(folder, { sets: ADAPTERS })).toMatchObject({ code: 0, stderr: '' })
      expect(faultsOf(place.at(folder))).toEqual(NO_FAULTS)
      expect(outcomeOf(place.at(folder))).toEqual(calmAdapters)
      expect(new Set(place.steps(folder).map(({ key }) => key)).size).toBe(3)
      expect(place.processes()).toEqual([])
    },
  )

  test('a server that is lost while an adapter is served is replaced by one that holds it', async () => {
    const folder = 'adapters-lost'
    const started = place.start(folder, { sets: [...ADAPTERS, 'sample.concurrency=1'] })
    const pid = await vi.waitFor(() => {
      expect(sampledBy(folder)).toHaveLength(2)
      const proven = new Map(place.steps(folder).map((member) => [member.key, member]))
      const [first] = [...proven.values()].filter(({ step }) => step === 'proven')
      return Number(first?.handle?.id.split('@')[0])
    }, PATIENCE)
    process.kill(-pid, 'SIGKILL')
    expect(await started.ended).toMatchObject({ code: 0, stderr: '' })
    expect(faultsOf(place.at(folder))).toEqual(NO_FAULTS)
    expect(outcomeOf(place.at(folder))).toEqual(calmAdapters)
    expect(new Set(place.steps(folder).map(({ key }) => key)).size).toBeGreaterThan(3)
    expect(place.processes()).toEqual([])
  })
})

test('a fork of a run whose servers are a fleet has servers of its own, under its own names', async () => {
  await place.go('forked', { sets: ['keep.last=9'] })
  const directory = place.at('forked/runs/small')
  expect(
    await place.run(['fork', directory, '--at', '1', '--name', 'other', '--dir', 'forked/runs/other']),
  ).toMatchObject({
    code: 0,
  })
  expect(await place.run(['run', 'forked/runs/other', '--quiet'])).toMatchObject({ code: 0, stderr: '' })
  const store = openStore(place.at('forked/runs/other'), { readonly: true })
  const steps = store.fleet.all()
  store.close()
  expect([...new Set(steps.map(({ name }) => name))]).toEqual(['other-iteration000', 'other-iteration001'])
  expect(new Set(new Map(steps.map(({ key, step }) => [key, step])).values())).toEqual(new Set(['ended']))
  expect(
    readRun(place.at('forked/runs/other')).count("select count(*) from disposition where disposition = 'accepted'"),
  ).toBe(60)
  expect(place.processes()).toEqual([])
})
