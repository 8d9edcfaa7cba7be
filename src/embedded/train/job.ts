/** One training job of the toy model, from its arguments to its checkpoint directory; continues where it was stopped. */

import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { ConfigError, TrainerError } from '../../core/errors.ts'
import { stepCount } from '../model/batches.ts'
import { hashCheckpoint, type ModelCheckpoint, readCheckpoint } from '../model/checkpoint.ts'
import type { PackedTexts } from '../model/packed-texts.ts'
import type { ReplicaReport, TrainingState } from '../model/replica.ts'
import { createTokenizer } from '../model/tokenizer.ts'
import type { TrainArguments } from './arguments.ts'
import { readTexts } from './dataset.ts'
import { isPublished, publish } from './publish.ts'
import { startTraining, type TrainingSetup } from './training.ts'
import { loadWork, type Progress, removeWork, saveWork } from './work-state.ts'

export type TrainEvent =
  | { readonly event: 'start'; readonly step: number; readonly steps: number; readonly rows: number }
  | ({ readonly event: 'progress' } & StepProgress)
  | { readonly event: 'checkpoint' | 'preempted'; readonly step: number; readonly steps: number }
  | { readonly event: 'done'; readonly checkpoint: string; readonly already: boolean }

interface StepProgress {
  /** Steps done. */
  readonly step: number
  readonly steps: number
  readonly loss: number
  readonly lr: number
  readonly tokensPerSecond: number
}

export type JobOutcome = 'done' | 'stopped'

/** Milliseconds between progress events. */
const PROGRESS_MS = 500

/**
 * Runs the job. A signal that is aborted stops it after the step it is in, with its state saved.
 * @throws ConfigError for bad input, TrainerError when the loss is no longer a number
 */
export async function runTrainJob(
  args: TrainArguments,
  emit: (event: TrainEvent) => void,
  signal: AbortSignal,
): Promise<JobOutcome> {
  const { bytes, sha256 } = readDataset(args)
  if (isPublished(args.output, sha256)) {
    emit({ event: 'done', checkpoint: args.output, already: true })
    return 'done'
  }
  const base = readCheckpoint(args.base)
  const tokenizer = createTokenizer(base.vocabulary)
  const texts = readTexts(bytes.toString('utf8'), args.dataset, tokenizer, base.shape.context)
  const work = `${args.output}.work`
  const binding = bindingOf(args, sha256)
  const saved = loadWork(work, binding, base.parameters.length)
  const setup = setUp(args, base, texts, saved?.state)
  const { steps } = setup.schedule
  const rows = texts.ends.length
  emit({ event: 'start', step: setup.from.step, steps, rows })
  const run = await train(setup, args.threads, saved?.progress, emit, signal, (state, progress) => {
    saveWork(work, binding, state, progress)
  })
  if (run.state.step < steps) {
    emit({ event: 'preempted', step: run.state.step, steps })
    return 'stopped'
  }
  const { parameters, optimizer } = run.state
  const { tokens, seconds, firstLoss, lastLoss } = run.progress
  const loss = { first: firstLoss, last: lastLoss }
  const dataset = { sha256, rows }
  publish(args.output, { ...base, parameters, optimizer }, { dataset, steps, tokens, seconds, loss, seed: args.seed })
  removeWork(work)
  emit({ event: 'done', checkpoint: args.output, already: false })
  return 'done'
}

function readDataset({ dataset, expectedSha256 }: TrainArguments): { bytes: Buffer; sha256: string } {
  let bytes: Buffer
  try {
    bytes = readFileSync(dataset)
  } catch (cause) {
    throw new ConfigError(`${dataset}  cannot be read; give the JSONL file of accepted traces.`, { cause })
  }
  const sha256 = createHash('sha256').update(bytes).digest('hex')
  if (expectedSha256 !== undefined && expectedSha256.toLowerCase() !== sha256) {
    throw new ConfigError(`${dataset}  has sha256 ${sha256}, not the expected ${expectedSha256}; export it again.`)
  }
  return { bytes, sha256 }
}

/** What a saved state must agree with, so that continuing gives the weights of an undisturbed job. */
function bindingOf(args: TrainArguments, datasetSha256: string): string {
  const { length, batch, lrStart, lrEnd, warmupSteps, optimizerState, seed } = args
  const job = { length, batch, lrStart, lrEnd, warmupSteps, optimizerState, seed, datasetSha256 }
  const text = JSON.stringify({ ...job, base: hashCheckpoint(args.base) })
  return createHash('sha256').update(text).digest('hex')
}

function setUp(
  args: TrainArguments,
  base: ModelCheckpoint,
  texts: PackedTexts,
  saved: TrainingState | undefined,
): TrainingSetup {
  const { batch, seed, length, warmupSteps, lrStart, lrEnd } = args
  const plan = { rows: texts.ends.length, batch, seed, length }
  const optimizer = args.optimizerState === 'keep' ? base.optimizer : undefined
  return {
    shape: base.shape,
    from: saved ?? { step: 0, parameters: base.parameters, optimizer },
    texts,
    plan,
    schedule: { steps: stepCount(plan), warmupSteps, lrStart, lrEnd },
    saveMs: args.saveMs,
  }
}

async function train(
  setup: TrainingSetup,
  threads: number,
  before: Progress | undefined,
  emit: (event: TrainEvent) => void,
  signal: AbortSignal,
  save: (state: TrainingState, progress: Progress) => void,
): Promise<{ state: TrainingState; progress: Progress }> {
  const { steps } = setup.schedule
  const startedAt = performance.now()
  let progress: Progress = before ?? { tokens: 0, seconds: 0, firstLoss: Number.NaN, lastLoss: Number.NaN }
  let state = setup.from
  let diverged: number | undefined
  let shownAt = Number.NEGATIVE_INFINITY
  const onReport = (report: ReplicaReport): void => {
    if (report.kind === 'diverged') diverged = report.step
    else if (report.kind === 'state') {
      state = report.state
      if (report.why === 'finished') return
      save(state, progress)
      emit({ event: 'checkpoint', step: state.step, steps })
    } else {
      const elapsed = (performance.now() - startedAt) / 1000
      const firstLoss = report.step === 0 ? report.loss : progress.firstLoss
      const tokens = progress.tokens + report.tokens
      progress = { tokens, seconds: (before?.seconds ?? 0) + elapsed, firstLoss, lastLoss: report.loss }
      const done = report.step + 1
      if (performance.now() - shownAt < PROGRESS_MS && done < steps) return
      shownAt = performance.now()
      const tokensPerSecond = Math.round((tokens - (before?.tokens ?? 0)) / elapsed)
      emit({ event: 'progress', step: done, steps, loss: report.loss, lr: report.rate, tokensPerSecond })
    }
  }
  const training = startTraining(setup, threads, onReport)
  signal.addEventListener('abort', training.stop, { once: true })
  if (signal.aborted) training.stop()
  try {
    await training.done
  } finally {
    // The trainer keeps the signals of its jobs, and a listener keeps all that its training has made.
    signal.removeEventListener('abort', training.stop)
  }
  if (diverged !== undefined) {
    throw new TrainerError(
      `The loss is no longer a number at step ${diverged + 1} of ${steps}; lower the learning rate.`,
    )
  }
  return { state, progress }
}
