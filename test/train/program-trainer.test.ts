/** A trainer over any engine: what the engine gets of a training job, and what its answers mean. */

import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { EngineAway, JobError, TrainerAway, TrainerError } from '../../src/core/errors.ts'
import type { JobHandle, JobStatus } from '../../src/core/job.ts'
import { exited, type Job, type JobEngine, stateOnly } from '../../src/jobs/contract.ts'
import { asTrainerError, createProgramTrainer, jobOf, type ProgramOptions } from '../../src/train/program-trainer.ts'
import { leaveCheckpoint, trainingJob } from './training-job.ts'

const HANDLE: JobHandle = { engine: 'noted', id: '7' }
const OPTIONS: ProgramOptions = {
  command: ['train', '--in', '{dataset}', '--out={output}', '{lr}'],
  env: { WANDB_MODE: 'offline' },
  keys: ['HF_TOKEN'],
  cwd: '/where/run.yaml/lies',
  directory: '/runs/small',
}

/** An engine that notes what it is asked, and answers as it is told. */
function createEngine(answers: Partial<JobEngine> = {}) {
  const asked: unknown[][] = []
  const engine: JobEngine = {
    pollMs: 123,
    patienceMs: 456,
    submit: async (job) => {
      asked.push(['submit', job])
      return HANDLE
    },
    find: async (job) => {
      asked.push(['find', job])
      return HANDLE
    },
    status: async (handle, job) => {
      asked.push(['status', handle, job])
      return stateOnly('running', '')
    },
    cancel: async (...all) => void asked.push(['cancel', ...all]),
    withdraw: async (...all) => void asked.push(['withdraw', ...all]),
    ...answers,
  }
  return { engine, asked }
}

describe('the job that the engine gets', () => {
  test('has the command with its placeholders filled, and all that was set for it', () => {
    const job = trainingJob()
    const resources = { gpus: 8 }
    expect(jobOf(job, { ...OPTIONS, resources })).toEqual<Job>({
      directory: '/runs/small',
      purpose: 'train',
      key: '3-1',
      argv: ['train', '--in', job.dataset, `--out=${job.output}`, '0.000001'],
      env: { WANDB_MODE: 'offline' },
      keys: ['HF_TOKEN'],
      cwd: '/where/run.yaml/lies',
      log: job.log,
      exitFile: `${job.log}.exit`,
      resources,
      stopSeconds: 20,
    })
    expect(jobOf(job, OPTIONS).resources).toEqual({})
  })

  test('is the same whatever the engine is asked, and its answers are handed on', async () => {
    const job = trainingJob()
    const { engine, asked } = createEngine()
    const trainer = createProgramTrainer(engine, OPTIONS)
    expect([trainer.pollMs, trainer.patienceMs, trainer.outlivesRun]).toEqual([123, 456, undefined])
    expect(await trainer.submit(job)).toEqual(HANDLE)
    expect(await trainer.find(job)).toEqual(HANDLE)
    expect(await trainer.status(HANDLE, job)).toEqual(stateOnly('running', ''))
    await trainer.cancel(HANDLE, job, 5)
    await trainer.withdraw?.(job, 6)
    const own = jobOf(job, OPTIONS)
    expect(asked).toEqual([
      ['submit', own],
      ['find', own],
      ['status', HANDLE, own],
      ['cancel', HANDLE, own, 5],
      ['withdraw', own, 6],
    ])
    expect(await createProgramTrainer(createEngine({ find: async () => undefined }).engine, OPTIONS).find(job)).toBe(
      undefined,
    )
  })
})

describe('an engine that gives no answer or refuses', () => {
  const away = new EngineAway('the head does not answer')
  const refused = new JobError('no such partition', { cause: 'sbatch' })
  const missing = new JobError('no sbatch here', { unreachable: true })

  test('is a trainer that is away, refuses or cannot be reached', () => {
    expect(asTrainerError(away)).toBeInstanceOf(TrainerAway)
    expect(asTrainerError(away)).toMatchObject({ message: away.message, cause: away, exitCode: 3 })
    expect(asTrainerError(refused)).toBeInstanceOf(TrainerError)
    expect(asTrainerError(refused)).not.toBeInstanceOf(TrainerAway)
    expect(asTrainerError(refused)).toMatchObject({ message: refused.message, cause: 'sbatch', exitCode: 1 })
    expect(asTrainerError(missing)).toBeInstanceOf(TrainerError)
    expect(asTrainerError(missing)).not.toBeInstanceOf(TrainerAway)
    expect(asTrainerError(missing)).toMatchObject({ message: missing.message, exitCode: 3 })
    const other = new TypeError('a fault')
    expect(asTrainerError(other)).toBe(other)
  })

  test('is one whatever it was asked', async () => {
    const job = trainingJob()
    const fail = () => Promise.reject(away)
    const { engine } = createEngine({ submit: fail, find: fail, status: fail, cancel: fail, withdraw: fail })
    const trainer = createProgramTrainer(engine, OPTIONS)
    const asking = [
      () => trainer.submit(job),
      () => trainer.find(job),
      () => trainer.status(HANDLE, job),
      () => trainer.cancel(HANDLE, job, 0),
      async () => trainer.withdraw?.(job, 0),
    ]
    for (const ask of asking) await expect(ask()).rejects.toThrow(TrainerAway)
  })
})

test('how a job has ended is told by its exit code and its checkpoint', async () => {
  const job = trainingJob()
  const of = (told: JobStatus) =>
    createProgramTrainer(createEngine({ status: async () => told }).engine, OPTIONS).status(HANDLE, job)
  expect(await of(exited(75))).toMatchObject({ state: 'preempted', exitCode: 75 })
  expect(await of(exited(0))).toMatchObject({ state: 'failed', exitCode: 0 })
  leaveCheckpoint(job)
  expect(await of(exited(0))).toEqual({ state: 'succeeded', exitCode: 0, reason: '' })
  expect(await of(stateOnly('lost', ''))).toMatchObject({ state: 'succeeded' })
})

describe('a checkpoint on a disk that several machines share', () => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ['performance'] }))
  afterEach(() => void vi.useRealTimers())
  const RUNNING = { state: 'running', exitCode: undefined, reason: '' }

  function settling(told: JobStatus) {
    const { engine } = createEngine({ status: async () => told })
    const job = trainingJob()
    const trainer = createProgramTrainer(engine, { ...OPTIONS, settleSeconds: 30 })
    return { job, status: (id = '7') => trainer.status({ engine: 'noted', id }, job) }
  }

  test('is waited for since the job was first seen to have ended, and then it has failed', async () => {
    const { status } = settling(exited(0))
    expect(await status()).toEqual(RUNNING)
    vi.advanceTimersByTime(29_999)
    expect(await status()).toEqual(RUNNING)
    vi.advanceTimersByTime(1)
    expect(await status()).toMatchObject({ state: 'failed', exitCode: 0 })
    vi.advanceTimersByTime(100_000)
    expect(await status()).toMatchObject({ state: 'failed', exitCode: 0 })
    // Another job has a time of its own.
    expect(await status('8')).toEqual(RUNNING)
  })

  test('is what the job has made as soon as it appears', async () => {
    const { job, status } = settling(exited(0))
    expect(await status()).toEqual(RUNNING)
    leaveCheckpoint(job)
    expect(await status()).toEqual({ state: 'succeeded', exitCode: 0, reason: '' })
  })

  test('is not waited for where the job did not end well', async () => {
    expect(await settling(exited(3)).status()).toMatchObject({ state: 'failed', exitCode: 3 })
    expect(await settling(stateOnly('lost', 'gone')).status()).toEqual(stateOnly('lost', 'gone'))
  })
})
