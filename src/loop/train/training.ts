/** Training of one iteration: dataset, intent, job, checkpoint. Reconciled on every start, so that nothing trains twice. */

import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { dataWindow, type RunConfig } from '../../config/schema.ts'
import { optimizationOf } from '../../core/budget/optimization.ts'
import type { CheckpointKind } from '../../core/checkpoint.ts'
import { codeOf, TrainerError } from '../../core/errors.ts'
import { requestSeed } from '../../core/seed.ts'
import type { Trainer, TrainJob, TrainMetrics } from '../../core/trainer.ts'
import { type WrittenDataset, writeDataset } from '../../export/write-dataset.ts'
import { crashPoint } from '../../process/crash-point.ts'
import { refuseAltered } from '../../run/altered.ts'
import { absolutePath, checkpointDirectory, iterationDirectory, storedPath } from '../../run/folder.ts'
import { expectedCounts } from '../../run/outlook.ts'
import { acceptedRows } from '../../run/rows.ts'
import type { CheckpointRow, IterationRow } from '../../store/iterations.ts'
import { knowsCheckTokens } from '../../train/check-tokens.ts'
import type { RunContext } from '../context.ts'
import { removeLeftovers } from './move-output-aside.ts'
import { recipeSettings } from './recipe-settings.ts'
import { runJob } from './resume-job.ts'

/** What is sampled as a chat is trained on as one, and a text as a text: a base model has no chat template. */
export function datasetFormat(api: 'chat' | 'completions'): 'prompt-completion' | 'prompt-completion-text' {
  return api === 'chat' ? 'prompt-completion' : 'prompt-completion-text'
}

/** The dataset file of an iteration: written once, the same bytes whenever it is written again. */
export function writeIterationDataset(context: RunContext, iteration: number): WrittenDataset {
  const iterations = trainingIterations(context, iteration)
  if (!context.allowAltered) refuseAltered(context.store, iterations, 'train')
  const directory = iterationDirectory(context.directory, iteration)
  mkdirSync(directory, { recursive: true })
  const { sample, train } = context.config
  // The toy's trainer writes its chats itself.
  const format = train.kind === 'embedded' ? 'prompt-completion' : datasetFormat(sample.api)
  const rows = acceptedRows(context.store, iterations, writesTokenIds(train))
  const dataset = writeDataset(join(directory, 'dataset.jsonl'), format, rows)
  writeFileSync(join(directory, 'dataset.sha256'), `${dataset.sha256}  dataset.jsonl\n`)
  return dataset
}

/** Programs of other people may read no ids, and an API takes none. */
function writesTokenIds(train: RunConfig['train']): boolean {
  if (!('command' in train)) return false
  return train.tokenIds === 'auto' ? knowsCheckTokens(train.command) : train.tokenIds === 'on'
}

/** Trains the iteration's present attempt to its end and stores its checkpoint. */
export async function trainIteration(
  context: RunContext,
  trainer: Trainer,
  row: IterationRow,
  from: CheckpointRow,
): Promise<CheckpointRow> {
  const job = intendedJob(context, row, from)
  crashPoint('intent-written')
  const metrics = await runJob(context, trainer, row, job)
  crashPoint('job-ended')
  const { store } = context
  refuseKnownWeights(context, row, job, metrics)
  let checkpoint: CheckpointRow | undefined
  store.iterations.together(() => {
    store.iterations.endJob(row.iteration, row.attempt, 'succeeded', metrics)
    checkpoint = store.iterations.addCheckpoint({
      iteration: row.iteration,
      attempt: row.attempt,
      ...weightsOf(context, job, metrics),
    })
    store.iterations.setState(row.iteration, 'serving')
  })
  removeLeftovers(job)
  crashPoint('checkpoint-stored')
  context.spending.addTrained(metrics.tokens)
  context.emit({
    kind: 'trained',
    iteration: row.iteration,
    checkpoint: metrics.servedName ?? storedPath(context.directory, job.output),
    steps: metrics.steps,
    seconds: metrics.seconds,
    loss: metrics.loss.last,
  })
  if (!checkpoint) throw new Error('the checkpoint was not stored')
  return checkpoint
}

/** What the checkpoint is: a directory of ours, or the name that the trainer's own side serves it under. */
function weightsOf(context: RunContext, job: TrainJob, { checkpoint, servedName }: TrainMetrics) {
  if (servedName !== undefined) {
    return { kind: 'name', path: servedName, hash: `name:${servedName}`, served: servedName } as const
  }
  const path = storedPath(context.directory, job.output)
  return { kind: kindOf(context, job.output), path, hash: `sha256:${checkpoint.sha256}` }
}

/** An adapter is no whole model: it has no config.json of its own. */
function kindOf({ handOver }: RunContext, output: string): CheckpointKind {
  return handOver.takesAdapters && !existsSync(join(output, 'config.json')) ? 'lora' : 'full'
}

/** The job as intended: from the store where an earlier process wrote it, else made now and written before anything starts. */
function intendedJob(context: RunContext, row: IterationRow, from: CheckpointRow): TrainJob {
  const { store } = context
  const job = nextJob(context, row, from)
  const stored = store.iterations.job(row.iteration, row.attempt)?.job
  // What is expected of the rest of the run may have moved since; what was submitted has not.
  if (stored) return { ...job, optimization: stored.optimization }
  store.iterations.intend(row.attempt, job)
  return job
}

/** The job of the iteration's present attempt; its dataset is written, nothing is started. */
export function nextJob(context: RunContext, row: IterationRow, from: CheckpointRow): TrainJob {
  const { config, directory } = context
  const key = `${row.iteration}-${row.attempt}`
  const dataset = currentDataset(context, row.iteration)
  crashPoint('dataset-written')
  return {
    key,
    iteration: row.iteration,
    base: from.kind === 'name' ? from.path : absolutePath(directory, from.path),
    dataset: dataset.path,
    datasetSha256: dataset.sha256,
    rows: dataset.rows,
    output: checkpointDirectory(directory, row.iteration, row.attempt),
    log: join(
      iterationDirectory(directory, row.iteration),
      row.attempt === 0 ? 'train.log' : `train-attempt${row.attempt}.log`,
    ),
    seed: requestSeed(config.seed, {
      purpose: 'train',
      iteration: row.iteration,
      problem: 'trainer',
      index: row.attempt,
    }),
    optimization: optimizationOf(config.train, {
      iteration: row.iteration,
      rows: dataset.rows,
      targets: expectedCounts(config, context.store, row.iteration),
      startsAt: rateBefore(context, row.iteration),
      lrFactor: config.gate.lrFactor ** row.attempt,
    }),
    recipe: recipeSettings(config),
  }
}

/** Share of the peak rate that the iteration before ended at; undefined where the run's length is known and needs no keeping up with. */
function rateBefore({ config, store }: RunContext, iteration: number): number | undefined {
  const before = store.iterations.get(iteration - 1)
  if (config.budget.cost === null || !before) return undefined
  const job = store.iterations.job(before.iteration, before.attempt)?.job
  return job && job.optimization.lrEnd / (config.train.lr * config.gate.lrFactor ** before.attempt)
}

/** The dataset file as it lies there when it is whole and unchanged, else written (again). */
function currentDataset(context: RunContext, iteration: number): WrittenDataset {
  const directory = iterationDirectory(context.directory, iteration)
  const path = join(directory, 'dataset.jsonl')
  try {
    const bytes = readFileSync(path)
    const sha256 = createHash('sha256').update(bytes).digest('hex')
    if (readFileSync(join(directory, 'dataset.sha256'), 'utf8').startsWith(sha256)) {
      return { path, sha256, rows: bytes.reduce((lines, byte) => lines + (byte === 10 ? 1 : 0), 0) }
    }
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') throw error
  }
  return writeIterationDataset(context, iteration)
}

/** The iterations that `train.data` names: this one, all so far, or the last k. */
function trainingIterations(context: RunContext, iteration: number): number[] {
  const first = Math.max(0, iteration - dataWindow(context.config.train.data) + 1)
  return Array.from({ length: iteration - first + 1 }, (_, i) => first + i)
}

/** @throws TrainerError when the weights are those of an earlier checkpoint: nothing was learnt, or another job's were copied */
function refuseKnownWeights(
  { store, directory }: RunContext,
  row: IterationRow,
  job: TrainJob,
  metrics: TrainMetrics,
): void {
  const { sha256 } = metrics.checkpoint
  const isOther = (it: CheckpointRow): boolean => it.iteration !== row.iteration || it.attempt !== row.attempt
  const same = store.iterations.checkpoints().find((it) => isOther(it) && it.hash === `sha256:${sha256}`)
  if (!same && metrics.base?.sha256 !== sha256) return
  if (metrics.master && metrics.update && metrics.update.meanAbs > 0) {
    throw new TrainerError(
      `Training of iteration ${row.iteration} moved a weight by ${metrics.update.meanAbs.toExponential(1)} on average, less than half a step of the 16-bit weights that are served: the next samples would come from the model of ${same ? storedPath(directory, same.path) : job.base} again. Its update is whole in ${join(job.output, 'master')}; start a run with a higher train.lr or a smaller train.batch (docs/presets.md), or from a base in fp32.`,
    )
  }
  throw new TrainerError(
    `The trainer returned weights that were there before (${sha256.slice(0, 12)}…, of ${same ? storedPath(directory, same.path) : job.base}); see ${job.log}, fix the trainer, remove ${job.output} and run again.`,
  )
}
