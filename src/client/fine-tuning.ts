/** Fine-tuning jobs through the OpenAI client, of any server that has these routes. */

import type OpenAI from 'openai'
import { type Endpoint, NobodyAnswers } from '../core/endpoint.ts'
import { ServerError, TrainerAway, TrainerError } from '../core/errors.ts'
import {
  FINE_TUNING_STATES,
  type FineTuningApi,
  type FineTuningEvent,
  type FineTuningJob,
  type FineTuningState,
} from '../core/fine-tuning.ts'
import { asking, createClient, rootOf, statusOf } from './client.ts'

const TIMEOUT_MS = 120_000
const RETRIES = 2
const JOBS = '/fine_tuning/jobs'
const PAGE = 100
/** A server that is busy or being restarted; the same question later may be answered. */
const AWAY = new Set([408, 429, 500, 502, 503, 504])

type WireJob = OpenAI.FineTuning.FineTuningJob
type WireEvent = OpenAI.FineTuning.FineTuningJobEvent

export function createFineTuning(endpoint: Endpoint): FineTuningApi {
  let connected: Promise<OpenAI> | undefined
  const ask = async <T>(path: string, question: (client: OpenAI) => Promise<T>): Promise<T> => {
    connected ??= createClient(endpoint, { timeoutMs: TIMEOUT_MS, retries: RETRIES })
    const client = await connected
    try {
      return await asking(endpoint, path, undefined, () => question(client))
    } catch (error) {
      throw await asTrainerError(error)
    }
  }

  return {
    upload: (name, text) =>
      ask('/files', async (client) => {
        const { toFile } = await import('openai')
        const file = await toFile(Buffer.from(text), name, { type: 'application/jsonl' })
        return (await client.files.create({ file, purpose: 'fine-tune' })).id
      }),
    create: (request) =>
      ask(JOBS, async ({ fineTuning: { jobs } }) => {
        const { learningRateMultiplier } = request
        const hyperparameters = {
          n_epochs: request.epochs,
          batch_size: request.batch,
          ...(learningRateMultiplier !== undefined && { learning_rate_multiplier: learningRateMultiplier }),
        }
        const job = await jobs.create({
          model: request.model,
          training_file: request.fileId,
          suffix: request.suffix,
          seed: request.seed,
          method: { type: 'supervised', supervised: { hyperparameters } },
          metadata: { ...request.metadata },
        })
        return readJob(job)
      }),
    get: (id) => ask(`${JOBS}/${id}`, async ({ fineTuning: { jobs } }) => readJob(await jobs.retrieve(id))),
    recent: (most) =>
      ask(JOBS, async ({ fineTuning: { jobs } }) => {
        const found: FineTuningJob[] = []
        for await (const job of jobs.list({ limit: Math.min(most, PAGE) })) {
          found.push(readJob(job))
          if (found.length >= most) break
        }
        return found
      }),
    events: (id) =>
      ask(`${JOBS}/${id}/events`, async ({ fineTuning: { jobs } }) => {
        const newestFirst: FineTuningEvent[] = []
        for await (const event of jobs.listEvents(id, { limit: PAGE })) newestFirst.push(readEvent(event))
        return newestFirst.reverse()
      }),
    cancel: (id) =>
      ask(`${JOBS}/${id}/cancel`, async ({ fineTuning: { jobs } }) => {
        await jobs.cancel(id)
      }),
  }
}

function readJob(job: WireJob): FineTuningJob {
  const state: FineTuningState | undefined = FINE_TUNING_STATES.find((known) => known === job.status)
  if (state === undefined) throw new Error(`a job of status ${JSON.stringify(job.status)}`)
  return {
    id: job.id,
    state,
    model: job.fine_tuned_model ?? undefined,
    trainedTokens: job.trained_tokens ?? undefined,
    createdAt: job.created_at,
    finishedAt: job.finished_at ?? undefined,
    error: job.error?.message ?? undefined,
    metadata: job.metadata ?? {},
  }
}

function readEvent({ id, message, data }: WireEvent): FineTuningEvent {
  const fields = typeof data === 'object' && data !== null ? { ...data } : {}
  const number = (name: string): number | undefined => {
    const value: unknown = Reflect.get(fields, name)
    return typeof value === 'number' && Number.isFinite(value) ? value : undefined
  }
  return { id, message, step: number('step'), steps: number('total_steps'), loss: number('train_loss') }
}

async function asTrainerError(error: unknown): Promise<unknown> {
  if (error instanceof NobodyAnswers) return new TrainerAway(error.message, { cause: error })
  if (!(error instanceof ServerError)) return error
  const isAway = AWAY.has((await statusOf(rootOf(error))) ?? 0)
  return isAway ? new TrainerAway(error.message, { cause: error }) : new TrainerError(error.message, { cause: error })
}
