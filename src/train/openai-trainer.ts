/**
 * A trainer that is a fine-tuning job of an OpenAI-compatible API. Its checkpoint is a name: the weights stay where they were
 * trained, and are served there. A job is found again by the key in its metadata.
 */

import { createHash } from 'node:crypto'
import { appendFileSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { TrainerAway, TrainerError } from '../core/errors.ts'
import type { FineTuningApi, FineTuningEvent, FineTuningJob, FineTuningState } from '../core/fine-tuning.ts'
import type { JobState, JobStatus } from '../core/job.ts'
import type { Trainer, TrainJob } from '../core/trainer.ts'
import { readMetrics } from './metrics.ts'

export interface OpenAiTrainerOptions {
  readonly api: FineTuningApi
  /** Up to 64 characters that end the new model's name. */
  readonly suffix: string
  /** `train.lr`: what a job's own rate is a part of, where the gate has asked for a lower one. */
  readonly lr: number
  /** What the API multiplies its own learning rate by; undefined leaves it to the API. */
  readonly learningRateMultiplier: number | undefined
  readonly pollSeconds: number
  readonly unreachableSeconds: number
  /** Unique to the run folder. */
  readonly runMarker: string
}

const ENGINE = 'openai'
const KEY = 'spendwise_job'
const RECENT = 200

const STATES: Readonly<Record<FineTuningState, JobState>> = {
  validating_files: 'pending',
  queued: 'pending',
  paused: 'pending',
  running: 'running',
  succeeded: 'succeeded',
  failed: 'failed',
  cancelled: 'cancelled',
}

/** @example createOpenAiTrainer({ api: createFineTuning(endpoint), suffix: 'gsm8k', … }) */
export function createOpenAiTrainer(options: OpenAiTrainerOptions): Trainer {
  const { api } = options
  const keyOf = (job: TrainJob): string =>
    createHash('sha256').update(`${options.runMarker}#${job.key}#${job.datasetSha256}`).digest('hex').slice(0, 40)
  /** Events that a job's log has already, by job id. */
  const logged = new Map<string, number>()

  const follow = async (id: string, job: TrainJob): Promise<FineTuningEvent[]> => {
    const events = await api.events(id)
    const news = events.slice(logged.get(id) ?? 0)
    if (news.length > 0) appendFileSync(job.log, news.map(logLine).join(''))
    logged.set(id, events.length)
    return events
  }

  return {
    pollMs: options.pollSeconds * 1000,
    patienceMs: options.unreachableSeconds * 1000,
    // It costs money and cannot resume: a run that is stopped finds it again.
    outlivesRun: true,
    async submit(job) {
      const fileId = await api.upload(`${job.key}.jsonl`, chatLines(readFileSync(job.dataset, 'utf8')))
      const multiplier = options.learningRateMultiplier
      const created = await api.create({
        model: job.base,
        fileId,
        suffix: options.suffix,
        seed: job.seed,
        epochs: job.optimization.epochs ?? 1,
        batch: job.optimization.batch,
        learningRateMultiplier: multiplier && (multiplier * job.optimization.lrStart) / options.lr,
        metadata: { [KEY]: keyOf(job), dataset_sha256: job.datasetSha256 },
      })
      return { engine: ENGINE, id: created.id }
    },
    async find(job) {
      const key = keyOf(job)
      const found = (await api.recent(RECENT)).find(
        ({ metadata, state }) => metadata[KEY] === key && state !== 'failed' && state !== 'cancelled',
      )
      return found && { engine: ENGINE, id: found.id }
    },
    async status({ id }, job) {
      try {
        const seen = await api.get(id)
        const events = await follow(id, job)
        if (seen.state === 'succeeded') publish(seen, events, job)
        return { state: STATES[seen.state], exitCode: undefined, reason: reasonOf(seen) }
      } catch (error) {
        if (error instanceof TrainerAway) return { state: 'unknown', exitCode: undefined, reason: error.message }
        throw error
      }
    },
    cancel: ({ id }) => api.cancel(id),
  }
}

function reasonOf({ state, error, id }: FineTuningJob): JobStatus['reason'] {
  if (state === 'failed') return `job ${id} failed at the API: ${error ?? 'it does not say why'}`
  if (state === 'cancelled') return `somebody cancelled job ${id}`
  return state === 'running' || state === 'succeeded' ? '' : `job ${id} is ${state.replaceAll('_', ' ')}`
}

/** Chats as the API takes them: prompt and completion in one list. */
function chatLines(dataset: string): string {
  return dataset
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const { prompt, completion } = JSON.parse(line)
      return `${JSON.stringify({ messages: [...prompt, ...completion] })}\n`
    })
    .join('')
}

function logLine({ message, step, steps, loss }: FineTuningEvent): string {
  if (step === undefined || steps === undefined || loss === undefined) return `${message}\n`
  return `@@sft ${JSON.stringify({ event: 'progress', step, steps, loss })}\n`
}

/**
 * Writes what stands for the checkpoint on this side: a directory with metrics.json and nothing else, by one rename.
 * @throws TrainerError for a job that names no model
 */
function publish(seen: FineTuningJob, events: readonly FineTuningEvent[], job: TrainJob): void {
  if (readMetrics(job)) return
  const { model } = seen
  if (model === undefined) throw new TrainerError(`Job ${seen.id} has succeeded and names no fine_tuned_model.`)
  const losses = events.flatMap(({ loss }) => loss ?? [])
  const steps = events.reduce((most, { step }) => Math.max(most, step ?? 0), 0)
  const metrics = {
    schema: 1,
    dataset: { sha256: job.datasetSha256, rows: job.rows },
    steps,
    tokens: seen.trainedTokens ?? 0,
    seconds: Math.max(0, (seen.finishedAt ?? seen.createdAt) - seen.createdAt),
    loss: { first: losses[0] ?? null, last: losses.at(-1) ?? null },
    seed: job.seed,
    checkpoint: { sha256: createHash('sha256').update(model).digest('hex') },
    servedName: model,
    job: seen.id,
  }
  const fresh = `${job.output}.tmp`
  rmSync(fresh, { recursive: true, force: true })
  mkdirSync(fresh, { recursive: true })
  writeFileSync(join(fresh, 'metrics.json'), `${JSON.stringify(metrics, null, 2)}\n`)
  renameSync(fresh, job.output)
}
