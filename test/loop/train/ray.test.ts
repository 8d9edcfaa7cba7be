/** Runs and doctor through a server that behaves as Ray: a run that is killed as its job is submitted, and what a job would see. */

import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { loadRunConfig } from '../../../src/config/parse.ts'
import type { RunConfig } from '../../../src/config/schema.ts'
import type { RunEvent } from '../../../src/core/events.ts'
import type { Finding } from '../../../src/core/finding.ts'
import { describeProbe } from '../../../src/loop/train/probe-job.ts'
import { checkRay } from '../../../src/loop/train/ray.ts'
import { CRASH_VARIABLE } from '../../../src/process/crash-point.ts'
import { createTestServer, type TestServer } from '../../server/openai-server.ts'
import { type RayJobsServer, startRayJobsServer } from '../../server/ray-jobs-server.ts'
import { startCommand } from '../command.ts'
import { createWorkplace, makeProblems, toRows, trainCommand, type Workplace, writeBase } from '../workplace.ts'

const LONG_WAIT = { timeout: 60_000, interval: 20 }
const hasPython = spawnSync('python3', ['-c', 'import fcntl']).status === 0

describe.skipIf(!hasPython)('a run through Ray (needs python3, which starts jobs on the cluster)', () => {
  let place: Workplace
  let ray: RayJobsServer
  let server: TestServer

  beforeAll(async () => {
    place = createWorkplace()
    place.write('train.jsonl', toRows(makeProblems(60)))
    writeBase(place, 0.8)
    ray = await startRayJobsServer()
    server = await createTestServer({ problems: makeProblems(60), modelNames: ['base'], skill: 0.8 })
    place.write(
      'run.yaml',
      `name: small
base: base
problems: { train: [{ dataset: jsonl, path: train.jsonl }] }
sample: { endpoints: [{ baseURL: "${server.baseURL}", model: base }] }
budget: { policy: { kind: constant, initial: 10 }, iterations: 1 }
train: { kind: ray, address: "${ray.address}", cpus: 1, pollSeconds: 0.1, command: ${JSON.stringify(trainCommand())} }
serve: external
`,
    )
  })
  afterAll(async () => {
    await ray.close()
    await server.close()
    place.remove()
  })

  const doctor = (change: (train: object) => object = (train) => train): Promise<Finding[]> => {
    const { config, directory: configDirectory } = loadRunConfig(place.at('run.yaml'))
    const train = change(config.train) as Extract<RunConfig['train'], { kind: 'ray' }>
    return checkRay({ config: { ...config, train }, directory: place.at('runs/small'), configDirectory }, train)
  }

  test('that is killed before its job is submitted resumes, and trains once', async () => {
    const killed = await place.run(['run', 'run.yaml'], { env: { [CRASH_VARIABLE]: 'id-stored' } })
    expect(killed).toMatchObject({ signal: 'SIGKILL' })
    expect(ray.jobs.size).toBe(0)
    expect(await place.run(['run', 'run.yaml'])).toMatchObject({ code: 0 })
    expect([...ray.jobs.keys()].map((id) => id.slice(-2))).toEqual(['-2'])
    const log = readFileSync(place.at('runs/small/iterations/00/train.log'), 'utf8')
    expect(log.match(/"event":"start"/g)).toHaveLength(1)
  })

  test('that is stopped while its submission has no answer trains nothing when the head comes to it, and resumes', async () => {
    ray.keepNext(true)
    const before = ray.jobs.size
    const notes: string[] = []
    const stopped = startCommand(['run', 'run.yaml', '--json', '--dir', 'late/runs/small'], {
      cwd: place.folder,
      onLine(line) {
        const event: RunEvent = JSON.parse(line)
        if (event.kind !== 'note') return
        notes.push(event.text)
        if (event.text.includes('It is asked again')) stopped.child.kill('SIGINT')
      },
    })
    expect(await stopped.ended).toMatchObject({ code: 130 })
    expect(notes.at(-1)).toMatch(/^Ray gives no answer .* The training job is withdrawn: /)
    ray.arrive()
    const jobs = () => [...ray.jobs.values()].slice(before)
    await vi.waitFor(() => expect(jobs()).toEqual([expect.objectContaining({ exitCode: 98 })]), LONG_WAIT)
    expect(existsSync(place.at('late/runs/small/iterations/00/train.log'))).toBe(false)
    expect(await place.run(['run', 'run.yaml', '--dir', 'late/runs/small'])).toMatchObject({ code: 0 })
    expect(jobs().map(({ status }) => status)).toEqual(['FAILED', 'SUCCEEDED'])
  })

  test('is looked at by doctor, whose probe leaves nothing behind', async () => {
    const [version, seen, sight, ...more] = await doctor()
    expect(version).toMatchObject({ level: 'ok', text: `Ray 2.60.0 answers at ${ray.address}.` })
    expect(seen).toMatchObject({
      level: 'ok',
      text: expect.stringMatching(/^A job runs on \S+: .*Python 3\.\d+\.\d+, \d+ GB free/),
    })
    expect(sight).toMatchObject({
      level: 'ok',
      text: expect.stringMatching(
        /^What is renamed here is seen by (\S+|jobs on this machine), and the other way round; so are locks\.$/,
      ),
    })
    expect(more.filter(({ level }) => level !== 'note')).toEqual([])
    expect(readdirSync(place.folder).filter((name) => name.startsWith('.spendwise-probe'))).toEqual([])
    const program = ['no-such-program', '{dataset}', '{output}']
    expect(await doctor((train) => ({ ...train, command: program }))).toContainEqual({
      level: 'problem',
      subject: 'trainer',
      text: expect.stringContaining('A job does not find no-such-program'),
    })
  })

  test('with nobody at its address is unreachable', async () => {
    const [only] = await doctor((train) => ({ ...train, address: 'http://127.0.0.1:9' }))
    expect(only).toMatchObject({ level: 'unreachable', text: expect.stringContaining('Ray gives no answer') })
  })
})

test.each([
  [{ state: 'pending', reason: 'Ray has not started it yet' }, '', 'note', 'has no place now, or never has so much'],
  [
    { state: 'failed', reason: 'it ended with exit code 1' },
    'a\nno space left\n',
    'problem',
    'it said: no space left.',
  ],
  [{ state: 'succeeded', reason: '' }, 'no line of ours', 'problem', 'it said: no line of ours.'],
] as const)('a probe that is %j and said %j is a %s', (status, words, level, text) => {
  const [finding] = describeProbe({ ...status, exitCode: undefined }, words, 'python3')
  expect(finding).toMatchObject({ level, text: expect.stringContaining(text) })
})
