/** Whole runs that train through a real Ray head on loopback: killed, stopped, withdrawn, cut off from the head, and the head restarted. */

import { existsSync, readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import type { RunEvent } from '../../src/core/events.ts'
import { CRASH_VARIABLE, ENGINE_POINTS, SUBMISSION_POINTS } from '../../src/process/crash-point.ts'
import { type Ended, type Started, startCommand } from '../loop/command.ts'
import { faultsOf, NO_FAULTS, outcomeOf } from '../loop/killing.ts'
import { createWorkplace, makeProblems, toRows, trainCommand, type Workplace, writeBase } from '../loop/workplace.ts'
import { createTestServer, type TestServer } from '../server/openai-server.ts'
import { rayPython } from './python.ts'
import { type RayHead, startRay } from './ray-head.ts'

/** Stops once with its work "saved", as a preempted job does; from then on it is the program it was given. */
const PREEMPTED_ONCE = `
import { spawnSync } from 'node:child_process'
import { existsSync, writeFileSync } from 'node:fs'
const [output, program, ...args] = process.argv.slice(2)
if (!existsSync(output + '.preempted')) { writeFileSync(output + '.preempted', ''); process.exit(75) }
process.exit(spawnSync(program, args, { stdio: 'inherit' }).status ?? 1)
`
const AWAY_MS = 120_000
const WAIT = { timeout: 300_000, interval: 200 }

const python = rayPython()
const missing = python.kind === 'missing' ? python.why : undefined

let head: RayHead
let place: Workplace
let server: TestServer
let calm: object

interface RunOptions {
  readonly crashAt?: string
  readonly sets?: readonly string[]
}

function start(yaml: string, folder: string, { crashAt, sets = [] }: RunOptions = {}): Started {
  const args = ['run', yaml, '--dir', `${folder}/runs/small`, '--json', ...sets.flatMap((set) => ['--set', set])]
  const crash: Record<string, string> = crashAt === undefined ? {} : { [CRASH_VARIABLE]: crashAt }
  return startCommand(args, { cwd: place.folder, env: { ...head.env, ...crash } })
}

function run(yaml: string, folder: string, options?: RunOptions): Promise<Ended> {
  return start(yaml, folder, options).ended
}

/** What became of every job that a run has submitted, in order. */
async function statesOf(folder: string): Promise<string[]> {
  return (await head.jobs(place.at(folder, 'runs/small'))).map(({ status }) => status)
}

function logOf(folder: string): string {
  const path = place.at(folder, 'runs/small/iterations/00/train.log')
  return existsSync(path) ? readFileSync(path, 'utf8') : ''
}

const isTraining = (folder: string, times = 1): Promise<void> =>
  vi.waitFor(() => expect(startsOf(folder)).toBe(times), WAIT)

/** How often the recipe began to train. */
const startsOf = (folder: string): number => logOf(folder).match(/"event":"start"/g)?.length ?? 0

function eventsOf({ stdout }: Ended): RunEvent[] {
  return stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line))
}

function expectCalmEnd(folder: string): void {
  expect(faultsOf(place.at(folder))).toEqual(NO_FAULTS)
  expect(outcomeOf(place.at(folder))).toEqual(calm)
}

/** A run of one iteration that trains by this command. */
function writeRun(name: string, command: readonly string[], more = ''): void {
  const keys = `address: "${head.address}", tokenEnv: RAY_AUTH_TOKEN, cpus: 1, pollSeconds: 0.5, requestSeconds: 20, settleSeconds: 5, stopSeconds: 30`
  place.write(
    name,
    `name: small
base: base
problems: { train: [{ dataset: jsonl, path: train.jsonl }] }
sample: { endpoints: [{ baseURL: "${server.baseURL}", model: base }] }
budget: { policy: { kind: constant, initial: 30 }, iterations: 1 }
train: { kind: ray, ${keys}${more}, command: ${JSON.stringify(command)} }
serve: external
`,
  )
}

describe.skipIf(missing !== undefined)(`Ray${missing === undefined ? '' : ` (skipped: ${missing})`}`, () => {
  beforeAll(async () => {
    if (python.kind === 'missing') return
    head = await startRay(python.program)
    place = createWorkplace()
    place.write('train.jsonl', toRows(makeProblems(120)))
    place.write('preempted-once.mjs', PREEMPTED_ONCE)
    writeBase(place, 0.8)
    server = await createTestServer({ problems: makeProblems(120), modelNames: ['base'], skill: 0.8 })
    writeRun('run.yaml', trainCommand(['--delay-ms', '1000']))
    writeRun('twice.yaml', [process.execPath, 'preempted-once.mjs', '{output}', ...trainCommand(['--delay-ms', '500'])])
    writeRun('slow.yaml', trainCommand(['--delay-ms', '15000']))
    const ended = await run('run.yaml', 'calm')
    expect(ended).toMatchObject({ code: 0, stderr: '' })
    calm = outcomeOf(place.at('calm'))
  })
  afterAll(async () => {
    await head?.close()
    await server?.close()
    place?.remove()
  })

  test('doctor reports the version and what a job sees', async () => {
    const { code, stdout } = await startCommand(['doctor', 'run.yaml'], { cwd: place.folder, env: head.env }).ended
    expect(stdout).toContain('Ray 2.60.0 answers at')
    expect(stdout).toMatch(/A job runs on \S+: no GPU \(nvidia-smi\), Python 3\.11\.\d+, \d+ GB free/)
    expect(code).toBe(0)
    const refused = await startCommand(['doctor', 'run.yaml'], {
      cwd: place.folder,
      env: { RAY_AUTH_TOKEN: 'f'.repeat(32) },
    }).ended
    expect(refused).toMatchObject({ code: 3, stdout: expect.stringContaining('without the right token') })
  })

  test.concurrent.each([...SUBMISSION_POINTS, ...ENGINE_POINTS])(
    'killed at %s it resumes, and nothing trains twice',
    async (point) => {
      expect(await run('twice.yaml', point, { crashAt: point })).toMatchObject({ signal: 'SIGKILL' })
      expect(await run('twice.yaml', point)).toMatchObject({ code: 0, stderr: '' })
      expect(await statesOf(point)).toEqual(['FAILED', 'SUCCEEDED'])
      expect(startsOf(point)).toBe(1)
      expectCalmEnd(point)
    },
  )

  test.concurrent('Ctrl-C lets the job save its work, and the run resumes from there by another job', async () => {
    const started = start('slow.yaml', 'interrupted')
    await isTraining('interrupted')
    started.child.kill('SIGINT')
    expect(await started.ended).toMatchObject({ code: 130 })
    expect(logOf('interrupted')).toContain('"event":"preempted"')
    expect(await run('slow.yaml', 'interrupted')).toMatchObject({ code: 0, stderr: '' })
    expect(await statesOf('interrupted')).toEqual(['STOPPED', 'SUCCEEDED'])
    expectCalmEnd('interrupted')
  })

  test.concurrent('a job that somebody stops has saved its work, and is submitted again', async () => {
    const running = run('slow.yaml', 'stopped')
    await isTraining('stopped')
    const [{ id } = {}] = await head.jobs(place.at('stopped/runs/small'))
    expect(await head.stopJob(id ?? '')).toBe(200)
    expect(await running).toMatchObject({ code: 0, stderr: '' })
    expect(await statesOf('stopped')).toEqual(['STOPPED', 'SUCCEEDED'])
    expectCalmEnd('stopped')
  })

  test('Ctrl-C withdraws a job that waits: when Ray starts it later it does nothing', async () => {
    const first = start('slow.yaml', 'holding', { sets: ['train.cpus=4'] })
    await isTraining('holding')
    const waiting = start('run.yaml', 'waiting', { sets: ['train.cpus=3'] })
    await vi.waitFor(async () => expect(await statesOf('waiting')).toEqual(['PENDING']), WAIT)
    await sleep(1000)
    waiting.child.kill('SIGINT')
    expect(await waiting.ended).toMatchObject({ code: 130 })
    expect(await first.ended).toMatchObject({ code: 0, stderr: '' })
    await vi.waitFor(async () => expect(await statesOf('waiting')).not.toContain('PENDING'), WAIT)
    expect(startsOf('waiting')).toBe(0)
    expect(await run('run.yaml', 'waiting')).toMatchObject({ code: 0, stderr: '' })
    expect((await statesOf('waiting')).at(-1)).toBe('SUCCEEDED')
    expect(startsOf('waiting')).toBe(1)
    expectCalmEnd('waiting')
  })

  test('a head that gives no answer for two minutes costs the wait: neither a running job nor one to be submitted fails', async () => {
    const running = run('slow.yaml', 'away-running')
    await isTraining('away-running')
    head.freeze()
    const submitting = run('run.yaml', 'away-submitting')
    await sleep(AWAY_MS)
    head.thaw()
    for (const ended of await Promise.all([running, submitting])) {
      expect(ended).toMatchObject({ code: 0, stderr: '' })
      expect(eventsOf(ended)).toContainEqual({ kind: 'note', text: expect.stringContaining('Ray gives no answer') })
    }
    for (const folder of ['away-running', 'away-submitting']) {
      expect(startsOf(folder)).toBe(1)
      expectCalmEnd(folder)
    }
  })

  test('a head that is restarted knows no job any longer: a job that died with it resumes from its saved work in another', async () => {
    const killed = start('slow.yaml', 'restarted')
    await isTraining('restarted')
    killed.child.kill('SIGKILL')
    await head.restart()
    expect(await run('slow.yaml', 'restarted')).toMatchObject({ code: 0, stderr: '' })
    // A head that has just started may take its first job so slowly that the answer is given up, and the id withdrawn.
    expect((await statesOf('restarted')).at(-1)).toBe('SUCCEEDED')
    expect(startsOf('restarted')).toBe(2)
    expectCalmEnd('restarted')
  })

  test('nothing is left: no job that waits or runs', async () => {
    const states = (await head.jobs()).map(({ status }) => status)
    expect(states.filter((status) => status === 'PENDING' || status === 'RUNNING')).toEqual([])
  })
})
