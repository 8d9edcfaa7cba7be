/** Whole runs that train through a real Ray head on loopback: killed, stopped, withdrawn, cut off from the head, and the head restarted. */

import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { ENGINE_POINTS, SUBMISSION_POINTS } from '../../src/process/crash-point.ts'
import { startCommand } from '../loop/command.ts'
import { type ClusterRuns, createClusterRuns, testAway, testKillsAndStops, WAIT } from './cluster-runs.ts'
import { rayPython } from './python.ts'
import { type RayHead, startRay } from './ray-head.ts'

const python = rayPython()
const missing = python.kind === 'missing' ? python.why : undefined

let head: RayHead
let runs: ClusterRuns

describe.skipIf(missing !== undefined)(`Ray${missing === undefined ? '' : ` (skipped: ${missing})`}`, () => {
  beforeAll(async () => {
    if (python.kind === 'missing') return
    head = await startRay(python.program)
    runs = await createClusterRuns({
      env: head.env,
      train: `kind: ray, address: "${head.address}", tokenEnv: RAY_AUTH_TOKEN, cpus: 1, pollSeconds: 0.5, requestSeconds: 20, stopSeconds: 30`,
      statesOf: async (directory) => (await head.jobs(directory)).map(({ status }) => status),
      words: { whole: 'SUCCEEDED', failed: 'FAILED', stopped: 'STOPPED' },
      goAway: async () => head.freeze(),
      comeBack: async () => head.thaw(),
      awayNote: 'Ray gives no answer',
    })
  })
  afterAll(async () => {
    await head?.close()
    await runs?.close()
  })

  test('doctor reports the version and what a job sees', async () => {
    const { code, stdout } = await startCommand(['doctor', 'run.yaml'], { cwd: runs.place.folder, env: head.env }).ended
    expect(stdout).toContain('Ray 2.60.0 answers at')
    expect(stdout).toMatch(/A job runs on \S+: no GPU \(nvidia-smi\), Python 3\.11\.\d+, \d+ GB free/)
    expect(code).toBe(0)
    const refused = await startCommand(['doctor', 'run.yaml'], {
      cwd: runs.place.folder,
      env: { RAY_AUTH_TOKEN: 'f'.repeat(32) },
    }).ended
    expect(refused).toMatchObject({ code: 3, stdout: expect.stringContaining('without the right token') })
  })

  testKillsAndStops([...SUBMISSION_POINTS, ...ENGINE_POINTS], () => runs)

  test.concurrent('a job that somebody stops has saved its work, and is submitted again', async () => {
    const { run, place, statesOf, isTraining, expectCalmEnd } = runs
    const running = run('slow.yaml', 'stopped')
    await isTraining('stopped')
    const [{ id } = {}] = await head.jobs(place.at('stopped/runs/small'))
    expect(await head.stopJob(id ?? '')).toBe(200)
    expect(await running).toMatchObject({ code: 0, stderr: '' })
    expect(await statesOf('stopped')).toEqual(['STOPPED', 'SUCCEEDED'])
    expectCalmEnd('stopped')
  })

  test('Ctrl-C withdraws a job that waits: when Ray starts it later it does nothing', async () => {
    const { start, run, statesOf, startsOf, isTraining, expectCalmEnd } = runs
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

  test('Ctrl-C while a submission has no answer withdraws it: when the head comes to it, nothing trains', async () => {
    const { start, run, statesOf, startsOf, expectCalmEnd, place } = runs
    head.freeze()
    let isTold = false
    const late = startCommand(
      ['run', 'run.yaml', '--dir', 'late/runs/small', '--json', '--set', 'train.requestSeconds=3'],
      {
        cwd: place.folder,
        env: head.env,
        onLine: (line) => {
          if (line.includes('It is asked again')) isTold = true
        },
      },
    )
    await vi.waitFor(() => expect(isTold).toBe(true), WAIT)
    late.child.kill('SIGINT')
    expect(await late.ended).toMatchObject({ code: 130 })
    head.thaw()
    // Whether the head comes to what it was asked meanwhile is its own affair; another job's way through it shows that it has had the time.
    expect(await start('run.yaml', 'after').ended).toMatchObject({ code: 0, stderr: '' })
    await vi.waitFor(async () => expect((await statesOf('late')).filter(isUnderWay)).toEqual([]), WAIT)
    expect(await statesOf('late')).not.toContain('SUCCEEDED')
    expect(startsOf('late')).toBe(0)
    expect(await run('run.yaml', 'late')).toMatchObject({ code: 0, stderr: '' })
    expect((await statesOf('late')).at(-1)).toBe('SUCCEEDED')
    expect(startsOf('late')).toBe(1)
    expectCalmEnd('late')
  })

  testAway(() => runs)

  test('a head that is restarted knows no job any longer: a job that died with it resumes from its saved work in another', async () => {
    const { start, run, statesOf, startsOf, isTraining, expectCalmEnd } = runs
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
    expect(states.filter(isUnderWay)).toEqual([])
  })
})

const isUnderWay = (status: string): boolean => status === 'PENDING' || status === 'RUNNING'
