/** A job is followed to its end: its progress is shown, its silence noticed, and Ctrl-C lets it save its work. */

import { appendFileSync, mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect, onTestFinished, test, vi } from 'vitest'
import { TrainerAway } from '../../../src/core/errors.ts'
import type { JobStatus } from '../../../src/core/job.ts'
import type { Trainer, TrainJob } from '../../../src/core/trainer.ts'
import { followJob } from '../../../src/loop/train/follow-job.ts'
import { type Script, scriptRun } from '../scripted-run.ts'
import { type Course, scriptTrainer } from './scripted-trainer.ts'

const TRAIN = (keys: string): string =>
  `train: { kind: command, command: [train, "{base}", "{dataset}", "{output}"], stopSeconds: 7, ${keys} }`

/** A clock that goes on by so many milliseconds with each look at a job, and by nothing else. */
function enterSteps(ms: number): () => void {
  let now = 1_000_000
  vi.spyOn(performance, 'now').mockImplementation(() => now)
  onTestFinished(() => void vi.restoreAllMocks())
  return () => (now += ms)
}

interface More extends Partial<Trainer> {
  /** Seconds between two looks, on a clock of the test's own. */
  readonly step?: number
  /** Called before each look, with its number from 0. */
  readonly onLook?: (nth: number) => void
}

function stage(course: Course, { step, onLook, ...options }: More = {}, script: Script = {}) {
  const pass = step === undefined ? undefined : enterSteps(1000 * step)
  const run = scriptRun({ yaml: TRAIN('hangSeconds: null'), ...script })
  const row = run.begin(2)
  const { directory } = run.context
  const job = {
    key: '0-0',
    iteration: 0,
    log: join(directory, 'train.log'),
    output: join(directory, 'checkpoints', '00'),
    datasetSha256: 'd',
    rows: 2,
    seed: 1,
  } as TrainJob
  const trainer = scriptTrainer([course], options)
  const { status } = trainer
  let looks = 0
  Object.assign(trainer, {
    status: (...asked: Parameters<typeof status>) => {
      pass?.()
      onLook?.(looks)
      looks++
      return status(...asked)
    },
  })
  const follow = () => followJob(run.context, trainer, { engine: 'scripted', id: '1' }, row, job)
  const say = (text: string): void => {
    mkdirSync(dirname(job.log), { recursive: true })
    appendFileSync(job.log, text)
  }
  return { ...run, row, job, trainer, follow, say, looks: () => looks }
}

const waiting = (reason: string): JobStatus => ({ state: 'pending', exitCode: undefined, reason })
const silent = (reason: string): JobStatus => ({ state: 'unknown', exitCode: undefined, reason })

test.each(['succeeded', 'failed', 'cancelled', 'preempted', 'lost'] as const)(
  'the end is told as it was: %s',
  async (state) => {
    const { follow } = stage(['pending', 'running', 'running', state])
    expect(await follow()).toMatchObject({ state, reason: `it is ${state}` })
  },
)

test('progress and warnings are told as the log grows', async () => {
  const { follow, say, events, notes, job } = stage(['running', 'running', 'succeeded'], { pollMs: 60 })
  say('noise\n@@sft {"event":"progress","step":1,"steps":4,"loss":0.75}\n')
  say('@@sft {"event":"warning","message":"One row was dropped."}\n')
  await follow()
  expect(events.filter(({ kind }) => kind === 'training')).toMatchObject([
    { iteration: 0, step: 1, steps: 4, loss: 0.75 },
  ])
  const [told] = events.filter((event) => event.kind === 'training')
  expect(told?.elapsedMs).toBeGreaterThanOrEqual(0)
  expect(told?.elapsedMs).toBeLessThan(60_000)
  expect(notes()).toEqual(['One row was dropped.'])
  expect(job.log).toMatch(/train\.log$/)
})

test('why a job waits is told, each time that it changes', async () => {
  const { follow, notes } = stage([
    waiting(''),
    waiting('Priority'),
    waiting('Priority'),
    'running',
    waiting('Priority'),
    waiting('Resources'),
    silent('squeue gives no answer.'),
    silent('squeue gives no answer.'),
    'succeeded',
  ])
  await follow()
  expect(notes()).toEqual([
    'The training job waits in the queue (Priority).',
    'The training job waits in the queue (Priority).',
    'The training job waits in the queue (Resources).',
    'squeue gives no answer. It is asked again; a job that it has continues.',
  ])
})

test('an engine that gives no answer is asked for as long as its patience, which an answer renews', async () => {
  const gone = stage([silent('no answer.')], { patienceMs: 60_000, step: 20 })
  await expect(gone.follow()).rejects.toThrow(
    'no answer. It was asked for 60 s (train.unreachableSeconds); run again when it answers, a job that it has is found.',
  )
  expect(gone.looks()).toBe(4)
  const course = [
    ...Array(3).fill(silent('no answer.')),
    'running',
    ...Array(3).fill(silent('no answer.')),
    'succeeded',
  ]
  const again = stage(course, { patienceMs: 60_000, step: 20 }, { yaml: TRAIN('hangSeconds: null') })
  expect(await again.follow()).toMatchObject({ state: 'succeeded' })
})

test('a job that writes nothing for too long is stopped and counts as lost', async () => {
  const { follow, trainer, looks } = stage(['running'], { step: 10 }, { yaml: TRAIN('hangSeconds: 30') })
  expect(await follow()).toEqual({
    state: 'lost',
    exitCode: undefined,
    reason: 'it wrote nothing for 30 s (train.hangSeconds) and was stopped',
  })
  expect(looks()).toBe(5)
  expect(trainer.cancelled).toEqual([['0-0', 7000]])
})

test('one that writes now and then is not', async () => {
  const running = stage(
    [...Array(20).fill('running'), 'succeeded'],
    { step: 10, onLook: (nth) => void (nth % 3 === 0 && running.say('.')) },
    { yaml: TRAIN('hangSeconds: 30') },
  )
  expect(await running.follow()).toMatchObject({ state: 'succeeded' })
  expect(running.trainer.cancelled).toEqual([])
})

test('silence is counted from when the job is seen to run', async () => {
  const late = stage(['running', 'succeeded'], { step: 100 }, { yaml: TRAIN('hangSeconds: 30') })
  late.say('.')
  expect(await late.follow()).toMatchObject({ state: 'succeeded' })
  const course = [
    ...Array(10).fill(waiting('')),
    'running',
    'running',
    ...Array(10).fill(waiting('')),
    'running',
    'succeeded',
  ]
  const queued = stage(course, { step: 10 }, { yaml: TRAIN('hangSeconds: 30, timeoutSeconds: 30') })
  expect(await queued.follow()).toMatchObject({ state: 'succeeded' })
})

test('a job that takes too long is cancelled, its time in the queue not counted', async () => {
  const { follow, trainer, looks } = stage(
    [...Array(10).fill(waiting('')), 'running'],
    { step: 10 },
    { yaml: TRAIN('hangSeconds: null, timeoutSeconds: 30') },
  )
  expect(await follow()).toMatchObject({ state: 'cancelled', reason: 'it took longer than train.timeoutSeconds (30)' })
  expect(looks()).toBe(15)
  expect(trainer.cancelled).toEqual([['0-0', 7000]])
})

function stopped(options: Partial<Trainer> = {}) {
  const stop = new AbortController()
  const run = stage(['running'], options, { context: { signal: stop.signal } })
  run.context.store.iterations.intend(0, run.job)
  run.context.store.iterations.setHandle(0, 0, { engine: 'scripted', id: '1' })
  stop.abort(new Error('stopped'))
  return { ...run, handle: () => run.context.store.iterations.job(0, 0)?.handle }
}

test('Ctrl-C lets the job save, and the next start submits it again', async () => {
  const { follow, trainer, handle, notes } = stopped()
  await expect(follow()).rejects.toThrow('stopped')
  expect(trainer.cancelled).toEqual([['0-0', 7000]])
  expect(handle()).toBeUndefined()
  expect(notes()).toEqual([])
})

test('a job that would lose its work is left alone, and found again', async () => {
  const { follow, trainer, handle, notes } = stopped({ outlivesRun: true })
  await expect(follow()).rejects.toThrow('stopped')
  expect(trainer.cancelled).toEqual([])
  expect(handle()).toEqual({ engine: 'scripted', id: '1' })
  expect(notes()).toEqual(['The training job continues, and is found again when the run is resumed.'])
})

test('and so is one whose engine gives no answer', async () => {
  const { follow, handle, notes } = stopped({ cancel: () => Promise.reject(new TrainerAway('no answer.')) })
  await expect(follow()).rejects.toThrow('stopped')
  expect(handle()).toEqual({ engine: 'scripted', id: '1' })
  expect(notes()).toEqual(['no answer. The training job continues, and is found again.'])
  const broken = stopped({ cancel: () => Promise.reject(new Error('broken')) })
  await expect(broken.follow()).rejects.toThrow('broken')
})

test('a log that lies there from before is no progress of another job', async () => {
  const { follow, job, events } = stage(['succeeded'])
  writeFileSync(job.log, 'nothing of it\n')
  await follow()
  expect(events.filter(({ kind }) => kind === 'training')).toEqual([])
})
