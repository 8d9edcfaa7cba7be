/** Runs whose servers are a fleet of local jobs: weights swapped, a server killed, spendwise killed on the way. */

import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import type { FleetPoint } from '../../src/process/crash-point.ts'
import { createFleetPlace, type FleetPlace } from './fleet-place.ts'
import { faultsOf, NO_FAULTS, outcomeOf } from './killing.ts'

let place: FleetPlace
let calm: object

const PATIENCE = { timeout: 120_000, interval: 50 }

beforeAll(async () => {
  place = createFleetPlace({ servers: 2, iterations: 1 })
  expect(await place.go('calm')).toMatchObject({ code: 0, stderr: '' })
  calm = outcomeOf(place.at('calm'))
})
afterAll(() => place.remove())

function expectWell(folder: string): void {
  expect(faultsOf(place.at(folder))).toEqual(NO_FAULTS)
  expect(outcomeOf(place.at(folder))).toEqual(calm)
  const last = new Map(place.steps(folder).map(({ key, step }) => [key, step]))
  expect(new Set(last.values())).toEqual(new Set(['ended']))
  expect(place.processes()).toEqual([])
}

test('each checkpoint is served by servers of its own, and none is left at the end', () => {
  expectWell('calm')
  const proven = place.steps('calm').filter(({ step }) => step === 'proven')
  expect([...new Set(proven.map(({ name }) => name))]).toEqual(['small-base', 'small-iteration000'])
})

test('a server that is killed is replaced, and what it had is asked elsewhere', async () => {
  let killed: string | undefined
  // On a busy machine a run may be past its first servers before they have been seen.
  for (let i = 0; i < 5 && killed === undefined; i++) {
    const folder = `lost-${i}`
    const started = place.start(folder, { sets: ['sample.concurrency=1'] })
    const pid = await vi.waitFor(() => {
      const proven = place.steps(folder).filter(({ step }) => step === 'proven')
      expect(proven.length).toBeGreaterThan(1)
      return Number(proven[0]?.handle?.id.split('@')[0])
    }, PATIENCE)
    if (killGroup(pid)) killed = folder
    expect(await started.ended).toMatchObject({ code: 0, stderr: '' })
    expectWell(folder)
  }
  expect(killed).toBeDefined()
})

/** The launcher and its server. @returns whether they were there */
function killGroup(pid: number): boolean {
  try {
    process.kill(-pid, 'SIGKILL')
    return true
  } catch {
    return false
  }
}

test.each<FleetPoint>(['fleet-job-submitted'])(
  'killed at %s, the run finds its servers again and continues',
  async (point) => {
    expect(await place.go(point, { crashAt: point })).toMatchObject({ signal: 'SIGKILL' })
    const jobsBefore = place.processes().length
    expect(jobsBefore).toBeGreaterThan(0)
    expect(await place.go(point)).toMatchObject({ code: 0, stderr: '' })
    expectWell(point)
  },
)
