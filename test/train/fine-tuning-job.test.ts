/** What a fine-tuning job of an API becomes on this side, whatever the API answers. */

import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { TrainerAway, TrainerError } from '../../src/core/errors.ts'
import type {
  FineTuningApi,
  FineTuningEvent,
  FineTuningJob,
  FineTuningRequest,
  FineTuningState,
} from '../../src/core/fine-tuning.ts'
import type { TrainJob } from '../../src/core/trainer.ts'
import { createOpenAiTrainer, type OpenAiTrainerOptions } from '../../src/train/openai-trainer.ts'
import { leaveCheckpoint, trainingJob } from './training-job.ts'

const HANDLE = { engine: 'openai', id: 'ft-1' }

const seen = (changes: Partial<FineTuningJob> = {}): FineTuningJob => ({
  id: 'ft-1',
  state: 'succeeded',
  model: 'ft:model',
  trainedTokens: 900,
  createdAt: 1_000,
  finishedAt: 1_060,
  error: undefined,
  metadata: {},
  ...changes,
})

const told = (message: string, step?: number, steps?: number, loss?: number): FineTuningEvent => ({
  ...{ id: message, message, step, steps, loss },
})

/** An API in memory: what it was sent, and what it answers. */
function createApi(answer: Partial<FineTuningJob> = {}, events: readonly FineTuningEvent[] = []) {
  const sent = {
    uploads: [] as [string, string][],
    created: [] as FineTuningRequest[],
    cancelled: [] as string[],
    recent: 0,
  }
  const state = { job: seen(answer), events: [...events], jobs: [] as FineTuningJob[] }
  const api: FineTuningApi = {
    upload: async (name, text) => {
      sent.uploads.push([name, text])
      return 'file-1'
    },
    create: async (request) => {
      sent.created.push(request)
      return seen({ state: 'queued', metadata: request.metadata })
    },
    get: async () => state.job,
    recent: async (most) => {
      sent.recent = most
      return state.jobs
    },
    events: async () => [...state.events],
    cancel: async (id) => void sent.cancelled.push(id),
  }
  return { api, sent, state }
}

function trainerOf(api: FineTuningApi, changes: Partial<OpenAiTrainerOptions> = {}) {
  return createOpenAiTrainer({
    api,
    suffix: 'sums',
    lr: 4e-6,
    learningRateMultiplier: 2,
    pollSeconds: 7,
    unreachableSeconds: 9,
    runMarker: '/runs/one',
    ...changes,
  })
}

const metricsOf = (job: TrainJob) => JSON.parse(readFileSync(join(job.output, 'metrics.json'), 'utf8'))

test('it is asked in seconds, and outlives a run that is stopped', () => {
  expect(trainerOf(createApi().api)).toMatchObject({ pollMs: 7_000, patienceMs: 9_000, outlivesRun: true })
})

describe('a job that is submitted', () => {
  test('brings its rows as chats, a line each, whatever empty lines stand between them', async () => {
    const job = trainingJob()
    const row = (n: number) => ({
      prompt: [
        { role: 'system', content: 'S' },
        { role: 'user', content: `${n}?` },
      ],
      completion: [{ role: 'assistant', content: `A: ${n}\n` }],
    })
    writeFileSync(job.dataset, `${JSON.stringify(row(1))}\n\n${JSON.stringify(row(2))}\n`)
    const { api, sent } = createApi()
    expect(await trainerOf(api).submit(job)).toEqual(HANDLE)
    const chats = [1, 2].map((n) => `${JSON.stringify({ messages: [...row(n).prompt, ...row(n).completion] })}\n`)
    expect(sent.uploads).toEqual([['3-1.jsonl', chats.join('')]])
  })

  test('asks for what the job is told of its optimisation, at its part of the rate', async () => {
    const job = trainingJob()
    const { api, sent } = createApi()
    await trainerOf(api).submit(job)
    expect(sent.created).toEqual([
      {
        model: job.base,
        fileId: 'file-1',
        suffix: 'sums',
        seed: 11,
        epochs: 1,
        batch: 32,
        learningRateMultiplier: 0.5,
        metadata: { spendwise_job: expect.stringMatching(/^[0-9a-f]{40}$/), dataset_sha256: job.datasetSha256 },
      },
    ])
    const steps = { ...job, optimization: { ...job.optimization, epochs: undefined, steps: 4 } }
    await trainerOf(api, { learningRateMultiplier: undefined }).submit(steps)
    expect(sent.created[1]).toMatchObject({ epochs: 1, learningRateMultiplier: undefined })
    await trainerOf(api).submit({ ...job, optimization: { ...job.optimization, epochs: 3 } })
    expect(sent.created[2]?.epochs).toBe(3)
  })

  test('is cancelled by its id', async () => {
    const { api, sent } = createApi()
    await trainerOf(api).cancel(HANDLE, trainingJob(), 0)
    expect(sent.cancelled).toEqual(['ft-1'])
  })
})

describe('a job that is looked for', () => {
  async function find(states: readonly FineTuningState[], change: Partial<TrainJob> = {}) {
    const job = trainingJob()
    const { api, sent, state } = createApi()
    await trainerOf(api).submit(job)
    const metadata = sent.created[0]?.metadata ?? {}
    state.jobs = [
      seen({ id: 'of somebody else', metadata: {} }),
      ...states.map((one, i) => seen({ id: `ft-${i}`, state: one, metadata })),
    ]
    return trainerOf(api).find({ ...job, ...change })
  }

  test('is found by its key among the newest, in every state but failed and cancelled', async () => {
    for (const state of ['validating_files', 'queued', 'running', 'paused', 'succeeded'] as const)
      expect(await find([state])).toEqual({ engine: 'openai', id: 'ft-0' })
    for (const state of ['failed', 'cancelled'] as const) {
      expect(await find([state])).toBeUndefined()
      expect(await find([state, 'running'])).toEqual({ engine: 'openai', id: 'ft-1' })
    }
  })

  test('is another one of another key or another dataset', async () => {
    expect(await find(['running'], { key: '3-2' })).toBeUndefined()
    expect(await find(['running'], { datasetSha256: 'beef' })).toBeUndefined()
    expect(await find([])).toBeUndefined()
  })
})

describe('a job that is asked about', () => {
  test.each<[FineTuningState, string, string]>([
    ['validating_files', 'pending', 'job ft-1 is validating files'],
    ['queued', 'pending', 'job ft-1 is queued'],
    ['paused', 'pending', 'job ft-1 is paused'],
    ['running', 'running', ''],
    ['succeeded', 'succeeded', ''],
    ['failed', 'failed', 'job ft-1 failed at the API: it does not say why'],
    ['cancelled', 'cancelled', 'somebody cancelled job ft-1'],
  ])('and is %s is %s', async (state, expected, reason) => {
    const job = trainingJob()
    const status = await trainerOf(createApi({ state }).api).status(HANDLE, job)
    expect(status).toEqual({ state: expected, exitCode: undefined, reason })
    expect(existsSync(job.output)).toBe(state === 'succeeded')
  })

  test('has failed for the reason that the API gives', async () => {
    const { api } = createApi({ state: 'failed', error: 'The file is empty.' })
    expect((await trainerOf(api).status(HANDLE, trainingJob())).reason).toBe(
      'job ft-1 failed at the API: The file is empty.',
    )
  })

  test('writes each of its words into the log once, its steps as any trainer does', async () => {
    const job = trainingJob()
    const { api, state } = createApi({ state: 'running' })
    const trainer = trainerOf(api)
    await trainer.status(HANDLE, job)
    expect(existsSync(job.log)).toBe(false)
    state.events.push(told('Created job.'), told('Step 1/8', 1, 8, 2.5))
    await trainer.status(HANDLE, job)
    await trainer.status(HANDLE, job)
    state.events.push(
      told('no loss', 2, 8),
      told('no steps', 2, undefined, 1),
      told('no step', undefined, 8, 1),
      told('Done.'),
    )
    await trainer.status(HANDLE, job)
    expect(readFileSync(job.log, 'utf8')).toBe(
      'Created job.\n@@sft {"event":"progress","step":1,"steps":8,"loss":2.5}\nno loss\nno steps\nno step\nDone.\n',
    )
    // Another job begins at its own first word.
    await trainer.status({ ...HANDLE, id: 'ft-2' }, job)
    expect(readFileSync(job.log, 'utf8').match(/Created/g)).toHaveLength(2)
  })

  test('of an API that gives no answer is unknown, and any other fault is told', async () => {
    const { api } = createApi()
    const failing = (error: Error) =>
      trainerOf({ ...api, get: () => Promise.reject(error) }).status(HANDLE, trainingJob())
    expect(await failing(new TrainerAway('it is overloaded'))).toEqual({
      state: 'unknown',
      exitCode: undefined,
      reason: 'it is overloaded',
    })
    await expect(failing(new TrainerError('the key is refused'))).rejects.toThrow('the key is refused')
  })
})

describe('a job that has succeeded', () => {
  async function published(
    answer: Partial<FineTuningJob>,
    events: readonly FineTuningEvent[] = [],
    job = trainingJob(),
  ) {
    await trainerOf(createApi(answer, events).api).status(HANDLE, job)
    return metricsOf(job)
  }

  test('leaves a directory that stands for its checkpoint', async () => {
    const job = trainingJob()
    const events = [told('Created.'), told('a', 1, 9, 3), told('c', 9, 9, 1), told('d', 4, 9, 2), told('Done.')]
    expect(await published({}, events, job)).toEqual({
      schema: 1,
      dataset: { sha256: job.datasetSha256, rows: 64 },
      steps: 9,
      tokens: 900,
      seconds: 60,
      loss: { first: 3, last: 2 },
      seed: 11,
      checkpoint: { sha256: expect.stringMatching(/^[0-9a-f]{64}$/) },
      servedName: 'ft:model',
      job: 'ft-1',
    })
    expect(readdirSync(job.output)).toEqual(['metrics.json'])
    expect(existsSync(`${job.output}.tmp`)).toBe(false)
  })

  test('makes the folders above it', async () => {
    const job = trainingJob()
    expect(await published({}, [], { ...job, output: join(job.output, '..', 'checkpoints', '03') })).toMatchObject({
      seed: 11,
    })
  })

  test('may tell neither tokens nor when it ended nor a loss', async () => {
    expect(await published({ trainedTokens: undefined, finishedAt: undefined })).toMatchObject({
      tokens: 0,
      seconds: 0,
      steps: 0,
      loss: { first: null, last: null },
    })
    expect(await published({ finishedAt: 900 })).toMatchObject({ seconds: 0 })
    expect(await published({}, [told('a', 1, 2, 0)])).toMatchObject({ loss: { first: 0, last: 0 }, steps: 1 })
  })

  test('is as different as its name', async () => {
    const of = async (model: string) => (await published({ model })).checkpoint.sha256
    expect(await of('ft:a')).toBe(await of('ft:a'))
    expect(await of('ft:a')).not.toBe(await of('ft:b'))
  })

  test('is published once, over what a killed run has left of it', async () => {
    const job = trainingJob()
    mkdirSync(join(`${job.output}.tmp`, 'half'), { recursive: true })
    await published({}, [], job)
    expect(readdirSync(job.output)).toEqual(['metrics.json'])
    const other = trainingJob()
    leaveCheckpoint(other, { seed: 99 })
    expect(await published({}, [], other)).toMatchObject({ seed: 99 })
  })

  test('and names no model is an error in one sentence', async () => {
    const job = trainingJob()
    await expect(published({ model: undefined }, [], job)).rejects.toThrow(/Job ft-1 has succeeded and names no/)
    expect(existsSync(job.output)).toBe(false)
  })
})
