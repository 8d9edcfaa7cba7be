/** Verifiers and disks that are slower than the server: admission waits for them, and nothing is dropped; a place that is free is taken. */

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test, vi } from 'vitest'
import type { Sampler } from '../../../src/core/sampler.ts'
import type { RunContext } from '../../../src/loop/context.ts'
import { draw } from '../../../src/loop/sample/draw.ts'
import { createTestServer } from '../../server/openai-server.ts'
import { readRun } from '../database.ts'
import { type OpenRun, openRun } from '../open-run.ts'
import { createWorkplace, makeProblems, toRows } from '../workplace.ts'

const IN_FLIGHT = 32
/** Next to those at the server, so many may wait for the verifier and the disk. */
const WAITING = 1024
const WANTED = 1500

/** An open run at a server of its own, ended with the test. */
async function open(onEnd: (end: () => void | Promise<void>) => void): Promise<OpenRun> {
  const place = createWorkplace()
  onEnd(place.remove)
  const problems = makeProblems(100)
  const server = await createTestServer({ problems, modelNames: ['base'] })
  onEnd(() => server.close())
  place.write('problems.jsonl', toRows(problems))
  const run = await openRun(
    place.folder,
    `problems: { train: [{ dataset: jsonl, path: problems.jsonl }] }
sample: { endpoints: [{ baseURL: "${server.baseURL}", model: base }], concurrency: ${IN_FLIGHT}, maxTokens: 100 }
budget: { policy: { kind: constant, initial: 1 }, iterations: 1 }
`,
  )
  onEnd(() => run.close())
  return run
}

/** Draws so many. @returns the most that were asked for and not counted yet */
async function drawAll(
  { context, base }: OpenRun,
  changes: Partial<RunContext> = {},
  wanted = WANTED,
): Promise<number> {
  const { train } = context.problems
  let issue = 0
  let most = 0
  await draw(
    { ...context, ...changes },
    {
      purpose: 'train',
      iteration: 0,
      checkpoint: base.id,
      model: 'base',
      prompt: context.prompts.sampling,
      parameters: context.config.sample,
      next(open) {
        most = Math.max(most, open)
        const problem = train[issue % train.length]
        if (!problem || issue >= wanted) return undefined
        return { issue, problem, index: Math.floor(issue++ / train.length) }
      },
      onDrawn: () => undefined,
      onTick: () => undefined,
    },
  )
  return most
}

function expectAllThere({ context }: OpenRun, wanted = WANTED): void {
  const { count } = readRun(context.directory)
  expect(count('select count(*) from completion')).toBe(wanted)
  expect(count('select count(distinct issue) from completion')).toBe(wanted)
  expect(count("select count(*) from completion where finish_reason = 'failed'")).toBe(0)
  expect(count('select count(*) from verdict')).toBe(wanted)
}

test('a slow verifier slows admission and drops nothing', async ({ onTestFinished }) => {
  const run = await open(onTestFinished)
  const { verifier } = run.context
  let held = true
  const slow = {
    ...verifier,
    async verify(...asked: Parameters<typeof verifier.verify>) {
      while (held) await sleep(10)
      return await verifier.verify(...asked)
    },
  }
  const drawing = drawAll(run, { verifier: slow })
  const stored = (): number => readRun(run.context.directory).count('select count(*) from completion')
  // The server could answer all of them; it is asked for no more than may wait.
  await vi.waitFor(() => expect(stored()).toBe(WAITING + IN_FLIGHT), { timeout: 60_000, interval: 100 })
  await sleep(300)
  expect(stored()).toBe(WAITING + IN_FLIGHT)
  held = false
  expect(await drawing).toBeLessThan(WAITING + IN_FLIGHT)
  expectAllThere(run)
})

/** Takes the database for itself again and again, as a disk that stalls. */
const STALLING = `
const db = require('better-sqlite3')(process.argv[1], { timeout: 60000 })
const wait = (ms) => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms)
process.stdout.write('stalling')
for (;;) { db.exec('begin immediate'); wait(150); db.exec('commit'); wait(150) }
`

test('a disk that stalls again and again slows admission and drops nothing', async ({ onTestFinished }) => {
  const run = await open(onTestFinished)
  const stalling = spawn(process.execPath, ['-e', STALLING, run.context.store.path], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  onTestFinished(() => void stalling.kill('SIGKILL'))
  await once(stalling.stdout, 'data')
  expect(await drawAll(run)).toBeLessThan(WAITING + IN_FLIGHT)
  expectAllThere(run)
})

test('a place that is given back while requests are under way is taken at once', async ({ onTestFinished }) => {
  const run = await open(onTestFinished)
  // Without the tick of every tenth of a second nobody else looks.
  vi.useFakeTimers({ toFake: ['setInterval'] })
  onTestFinished(() => void vi.useRealTimers())
  const { sampler } = run.context
  const listeners = new Set<() => void>()
  const [begun, secondBegins] = [[] as number[], Promise.withResolvers<void>()]
  let places = 1
  const growing: Sampler = {
    async sample(request, signal) {
      begun.push(request.issue)
      if (request.issue === 1) secondBegins.resolve()
      if (request.issue > 0) return await sampler.sample(request, signal)
      await Promise.resolve()
      places = 2
      for (const listener of listeners) listener()
      await secondBegins.promise
      return await sampler.sample(request, signal)
    },
    get concurrency() {
      return places
    },
    onRoom(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    close: () => Promise.resolve(),
  }
  await drawAll(run, { sampler: growing }, 20)
  expect(begun.slice(0, 2)).toEqual([0, 1])
  expect(listeners.size).toBe(0)
  expectAllThere(run, 20)
})
