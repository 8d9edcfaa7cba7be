/** Fine-tuning jobs of an API, through the OpenAI client, against a strict server of that API. */

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { createFineTuning } from '../../src/client/fine-tuning.ts'
import { TrainerAway } from '../../src/core/errors.ts'
import type { JobHandle, JobStatus } from '../../src/core/job.ts'
import type { Trainer, TrainJob } from '../../src/core/trainer.ts'
import { readMetrics } from '../../src/train/metrics.ts'
import { createOpenAiTrainer } from '../../src/train/openai-trainer.ts'
import { followProgress } from '../../src/train/progress.ts'
import { type FineTuningServerOptions, startFineTuningServer } from '../server/fine-tuning-server.ts'
import { trainingJob } from './training-job.ts'

async function start(more: Partial<FineTuningServerOptions> = {}, apiKey = 'secret') {
  const server = await startFineTuningServer({ apiKey: 'secret', models: ['base-model'], ...more })
  onTestFinished(() => server.close())
  const api = createFineTuning({ baseURL: server.baseURL, apiKey, apiKeyEnv: 'THE_KEY' })
  const make = (runMarker = '/runs/one'): Trainer =>
    createOpenAiTrainer({
      api,
      suffix: 'gsm8k',
      lr: 2e-6,
      learningRateMultiplier: 0.5,
      pollSeconds: 1,
      unreachableSeconds: 60,
      runMarker,
    })
  return { server, make }
}

const jobFrom = (base = 'base-model'): TrainJob => ({ ...trainingJob(), base })

async function ended(trainer: Trainer, handle: JobHandle, job: TrainJob): Promise<JobStatus> {
  for (;;) {
    const status = await trainer.status(handle, job)
    if (status.state !== 'pending' && status.state !== 'running') return status
  }
}

test('a job is uploaded as chats, created, followed step by step and ends as a name', async () => {
  const { server, make } = await start()
  const [trainer, job] = [make(), jobFrom()]
  const handle = await trainer.submit(job)
  const next = followProgress(job.log)
  const seen = new Set<string>()
  const steps: (number | undefined)[] = []
  for (;;) {
    const { state } = await trainer.status(handle, job)
    seen.add(state)
    const { progress } = next()
    if (progress) steps.push(progress.step)
    if (state === 'succeeded') break
  }
  expect([...seen]).toEqual(['pending', 'running', 'succeeded'])
  expect(steps).toEqual([4, 8])
  expect(readMetrics(job)).toMatchObject({
    dataset: { sha256: job.datasetSha256, rows: 64 },
    steps: 8,
    tokens: 1234,
    seconds: 60,
    loss: { first: 2, last: 0.25 },
    servedName: 'ft:base-model:org:gsm8k:ftjob-1',
  })
  const [chat] = [...server.files.values()].map((text) => JSON.parse(text.split('\n')[0] ?? ''))
  expect(chat).toEqual({
    messages: [
      { role: 'user', content: '1+1?' },
      { role: 'assistant', content: '2' },
    ],
  })
  // The gate's lower rate (1e-6 of 2e-6) halves the multiplier.
  expect(server.jobs[0]?.body).toMatchObject({
    suffix: 'gsm8k',
    method: {
      type: 'supervised',
      supervised: { hyperparameters: { n_epochs: 1, batch_size: 32, learning_rate_multiplier: 0.25 } },
    },
  })
})

test('the next job starts from the name that the last one made', async () => {
  const { server, make } = await start()
  const trainer = make()
  const first = jobFrom()
  expect(await ended(trainer, await trainer.submit(first), first)).toMatchObject({ state: 'succeeded' })
  const second = { ...jobFrom(readMetrics(first)?.servedName), key: '4-0' }
  expect(await ended(trainer, await trainer.submit(second), second)).toMatchObject({ state: 'succeeded' })
  expect(server.jobs[1]?.model).toBe('ft:base-model:org:gsm8k:ftjob-1')
})

test('a job whose handle was lost is found by its key, and another run does not find it', async () => {
  const { make } = await start()
  const job = jobFrom()
  const handle = await make().submit(job)
  expect(await make().find(job)).toEqual(handle)
  expect(await make('/runs/two').find(job)).toBeUndefined()
  expect(await make().find({ ...job, key: '3-2' })).toBeUndefined()
})

test('a job that failed or was cancelled says so, and is not found again', async () => {
  const failing = await start({ end: 'failed' })
  const job = jobFrom()
  const trainer = failing.make()
  expect(await ended(trainer, await trainer.submit(job), job)).toEqual({
    state: 'failed',
    exitCode: undefined,
    reason: 'job ftjob-1 failed at the API: The job ran out of luck.',
  })
  const again = await trainer.submit(job)
  await trainer.cancel(again, job, 0)
  expect(await trainer.status(again, job)).toMatchObject({ state: 'cancelled' })
  expect(await trainer.find(job)).toBeUndefined()
})

test('an API that gives no answer is away, whatever it was asked', async () => {
  const { server, make } = await start()
  const [trainer, job] = [make(), jobFrom()]
  const handle = await trainer.submit(job)
  // The client itself asks three times.
  server.breakDown(3)
  expect(await trainer.status(handle, job)).toMatchObject({
    state: 'unknown',
    reason: expect.stringContaining('overloaded'),
  })
  expect(await ended(trainer, handle, job)).toMatchObject({ state: 'succeeded' })
  await server.close()
  await expect(trainer.find(job)).rejects.toThrow(TrainerAway)
})

test.each([
  ['a key that is refused', 'wrong', 'base-model', /refuses the key .*THE_KEY/],
  ['a model that cannot be trained', 'secret', 'other', /Model other is not available for fine-tuning/],
])('%s is one sentence', async (_, key, base, sentence) => {
  const { make } = await start({}, key)
  const submitting = make().submit(jobFrom(base))
  await expect(submitting).rejects.toThrow(sentence)
  await expect(submitting).rejects.not.toBeInstanceOf(TrainerAway)
})

test('without a word of its loss it is null, and nothing is made up', async () => {
  const { make } = await start({ tellsLoss: false })
  const [trainer, job] = [make(), jobFrom()]
  expect(await ended(trainer, await trainer.submit(job), job)).toMatchObject({ state: 'succeeded' })
  expect(readMetrics(job)).toMatchObject({ loss: { first: null, last: null }, steps: 0 })
  expect(JSON.parse(readFileSync(join(job.output, 'metrics.json'), 'utf8')).job).toBe('ftjob-1')
})
