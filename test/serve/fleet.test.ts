/** A fleet whose servers prove themselves and then turn requests down for their key or their model: the pool leaves them out and the fleet ends them. */

import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { Checkpoint } from '../../src/core/checkpoint.ts'
import { EngineAway, ServerError } from '../../src/core/errors.ts'
import type { FleetJournal } from '../../src/core/fleet.ts'
import { type Job, type JobEngine, stateOnly } from '../../src/jobs/contract.ts'
import { createFleetServer, type FleetServer } from '../../src/serve/fleet/fleet.ts'
import { createMemoryFleetJournal } from '../../src/serve/memory-journal.ts'
import { temporaryFolder } from '../store/hand-made-run.ts'

const BASE: Checkpoint = { iteration: -1, attempt: 0, kind: 'full', path: '/models/base', hash: 'name:base' }
const NEVER = new AbortController().signal
const WAIT = { timeout: 60_000, interval: 20 }

let folder: string
let fleet: FleetServer
let journal: FleetJournal
let notes: string[]
/** Keys of jobs, in order. */
let submitted: string[]
let cancelled: string[]
let withdrawn: string[]
/** Base URLs that the pool was told of. */
let joined: string[]
let lost: string[]
let hopeless: Error | undefined
let isAway = false
/** Jobs whose answer is lost are not known yet. */
let isLate = false
/** Jobs are taken, and nobody hears of it. */
let losesAnswer = false
/** Jobs end as soon as they are looked at. */
let endsAtOnce = false
/** What becomes of ending a job. */
let refusal: Error | undefined

/** Jobs that run at once and say where they are; nothing of them exists. */
const engine: JobEngine = {
  pollMs: 1,
  patienceMs: 60_000,
  async submit({ key }) {
    submitted.push(key)
    if (losesAnswer) throw new EngineAway('The answer is lost.')
    const address = { host: 'node', port: 8000 + submitted.length, ends: null }
    writeFileSync(join(folder, `${key}.json`), JSON.stringify(address))
    return { engine: 'test', id: key }
  },
  async find({ key }) {
    if (isAway) throw new EngineAway('Nobody there.')
    return submitted.includes(key) && !isLate ? { engine: 'test', id: key } : undefined
  },
  async status() {
    if (isAway) return stateOnly('unknown', 'Nobody there.')
    return endsAtOnce ? stateOnly('failed', 'exit code 1') : stateOnly('running', '')
  },
  async cancel({ id }) {
    if (refusal) throw refusal
    cancelled.push(id)
  },
  async withdraw({ key }) {
    if (isAway) throw new EngineAway('Nobody there.')
    withdrawn.push(key)
  },
}

beforeEach(() => {
  folder = temporaryFolder()
  notes = []
  submitted = []
  cancelled = []
  withdrawn = []
  joined = []
  lost = []
  hopeless = undefined
  isAway = false
  losesAnswer = false
  isLate = false
  endsAtOnce = false
  refusal = undefined
  journal = createMemoryFleetJournal()
  fleet = createFleet()
  fleet.attach({
    join: (baseURL) => void joined.push(baseURL),
    drain: async () => undefined,
    lose: (baseURL) => void lost.push(baseURL),
    giveUp(error) {
      hopeless = error
    },
  })
})
afterEach(() => fleet.release())

function createFleet(): FleetServer {
  return createFleetServer({
    engine,
    journal,
    folder,
    jobOf: (key) => ({ key }) as Job,
    servers: 2,
    least: 2,
    readySeconds: 60,
    drainSeconds: 1,
    stopSeconds: 1,
    endsFirst: false,
    targetOf: () => ({
      target: { name: 'base', weights: 'name:base /models/base', place: '/models/base' },
      model: 'base',
    }),
    isHealthy: async () => true,
    prove: async () => undefined,
    onNote: (text) => notes.push(text),
  })
}

const turnedDown = new ServerError('http://node:8001/v1 refuses the key (401).')

test('one that turns requests down is taken away, its job ended, and another started', async () => {
  await fleet.serve(BASE, NEVER)
  const [first = ''] = joined
  const [firstJob] = submitted
  fleet.expelled(first, turnedDown)
  await vi.waitFor(() => expect(joined).toHaveLength(3), WAIT)
  expect(lost).toContain(first)
  expect(cancelled).toEqual([firstJob])
  expect(notes).toEqual([
    expect.stringMatching(
      /^A server of the fleet is lost \(\S+: http:\/\/node:8001\/v1 refuses the key \(401\)\.\), and another/,
    ),
  ])
  expect(hopeless).toBeUndefined()
})

test('when one after the other does so the run is told why, in one sentence', async () => {
  await fleet.serve(BASE, NEVER)
  for (let i = 0; hopeless === undefined; i++) {
    await vi.waitFor(() => expect(joined.length).toBeGreaterThan(i), WAIT)
    fleet.expelled(joined[i] ?? '', turnedDown)
    await vi.waitFor(() => expect(hopeless !== undefined || joined.length > i + 1).toBe(true), WAIT)
  }
  expect(hopeless).toBeInstanceOf(ServerError)
  expect(hopeless.message).toMatch(
    /^4 servers of the fleet answered their proof and then turned requests down, .*refuses the key.*run again\.$/,
  )
  await expect(fleet.serve({ ...BASE, hash: 'name:other' }, NEVER)).resolves.toBeDefined()
})

test('an engine that falls silent is told of once, and so is its answer', async () => {
  await fleet.serve(BASE, NEVER)
  isAway = true
  await vi.waitFor(() => expect(notes).toHaveLength(1), WAIT)
  isAway = false
  await vi.waitFor(() => expect(notes).toHaveLength(2), WAIT)
  expect(notes).toEqual([
    'The engine that runs the fleet gives no answer, and is asked again; servers that are there continue. Nobody there.',
    'The engine that runs the fleet answers again.',
  ])
  expect(cancelled).toEqual([])
})

test('a job whose submission got no answer is ended with the others', async () => {
  losesAnswer = true
  const leaving = new AbortController()
  const serving = fleet.serve(BASE, leaving.signal)
  await vi.waitFor(() => expect(submitted).toHaveLength(2), WAIT)
  leaving.abort(new Error('enough'))
  await expect(serving).rejects.toThrow('enough')
  await fleet.release()
  expect(new Set([...cancelled, ...withdrawn])).toEqual(new Set(submitted))
})

test('one that the engine does not know after that is withdrawn before another takes its place, and so it is by the next process', async () => {
  losesAnswer = true
  isLate = true
  const serving = fleet.serve(BASE, NEVER)
  await vi.waitFor(() => expect(withdrawn.length).toBeGreaterThan(0), WAIT)
  losesAnswer = false
  isLate = false
  await serving
  const members = journal.members()
  expect(members.map(({ key }) => key).filter((key) => withdrawn.includes(key))).toEqual([])
  await fleet.release()

  // Killed between the intent and the answer.
  journal.record({ key: 'left-9', name: 'base', weights: 'name:base /models/base', step: 'intended' })
  withdrawn = []
  isAway = true
  const next = createFleet()
  const again = next.serve(BASE, NEVER)
  await vi.waitFor(() => expect(notes.at(-1)).toContain('gives no answer'), WAIT)
  isAway = false
  await again
  expect(withdrawn).toContain('left-9')
  expect(journal.members().map(({ key }) => key)).not.toContain('left-9')
  await next.release()
})

test('word of one that is no longer there changes nothing', async () => {
  await fleet.serve(BASE, NEVER)
  fleet.expelled('http://elsewhere:1/v1', turnedDown)
  await fleet.serve(BASE, NEVER)
  expect(cancelled).toEqual([])
})

test('servers that end one after the other before they are ready end the wait in one sentence, with the reason and the log', async () => {
  endsAtOnce = true
  await expect(fleet.serve(BASE, NEVER)).rejects.toThrow(
    /^4 servers of the fleet ended or did not get ready, one after the other \(the last: exit code 1\); the last one's words are in \S+; correct serve\.command/,
  )
  expect(submitted).toHaveLength(4)
})

test('a job that cannot be ended ends the fleet with what the engine says', async () => {
  await fleet.serve(BASE, NEVER)
  refusal = new Error('You may not end this job.')
  fleet.expelled(joined[0] ?? '', turnedDown)
  await vi.waitFor(() => expect(hopeless).toBeInstanceOf(ServerError), WAIT)
  expect(hopeless?.message).toBe('You may not end this job.')
  refusal = undefined
})

test('a process that ends the fleet before it has served anything ends what an earlier one left running, once', async () => {
  const left = {
    key: 'left-3',
    name: 'base',
    weights: 'name:base /models/base',
    handle: { engine: 'test', id: 'left-3' },
  }
  journal.record({ ...left, step: 'submitted' })
  const next = createFleet()
  await next.release()
  expect(cancelled).toEqual(['left-3'])
  expect(journal.members()).toEqual([])
  await next.release()
  expect(cancelled).toEqual(['left-3'])
})
