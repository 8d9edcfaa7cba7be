/** A training job in a folder of its own, for the test recipe. */

import { createHash } from 'node:crypto'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import type { JobHandle, JobStatus } from '../../src/core/job.ts'
import { recipeFlags } from '../../src/core/placeholders.ts'
import type { Trainer, TrainJob } from '../../src/core/trainer.ts'
import { createLocalEngine } from '../../src/jobs/local.ts'
import { createProgramTrainer, type ProgramOptions } from '../../src/train/program-trainer.ts'

const RECIPE = join(import.meta.dirname, '../server/train-recipe.ts')

export function trainingJob(): TrainJob {
  const folder = mkdtempSync(join(tmpdir(), 'spendwise-train-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const row = { prompt: [{ role: 'user', content: '1+1?' }], completion: [{ role: 'assistant', content: '2' }] }
  const text = `${JSON.stringify(row)}\n`.repeat(64)
  const dataset = join(folder, 'dataset.jsonl')
  writeFileSync(dataset, text)
  mkdirSync(join(folder, 'base'))
  writeFileSync(join(folder, 'base', 'skill.json'), '{"skill":0.5}')
  return {
    key: '3-1',
    iteration: 3,
    base: join(folder, 'base'),
    dataset,
    datasetSha256: createHash('sha256').update(text).digest('hex'),
    rows: 64,
    output: join(folder, 'checkpoint'),
    log: join(folder, 'train.log'),
    seed: 11,
    optimization: {
      epochs: 1,
      steps: undefined,
      batch: 32,
      lrStart: 1e-6,
      lrEnd: 5e-7,
      warmupSteps: 0,
      optimizerState: 'reset',
    },
    recipe: { shard: 'auto', master: 'keep', templateKwargs: {}, stopSeconds: 20 },
  }
}

/** What a trainer leaves at the end of this job: a checkpoint directory with metrics of its dataset. */
export function leaveCheckpoint(job: TrainJob, changes: object = {}): void {
  mkdirSync(job.output, { recursive: true })
  const metrics = {
    schema: 1,
    dataset: { sha256: job.datasetSha256, rows: job.rows },
    steps: 2,
    tokens: 128,
    seconds: 1,
    loss: { first: 2, last: 1 },
    seed: job.seed,
    checkpoint: { sha256: 'ef'.repeat(32) },
    ...changes,
  }
  writeFileSync(join(job.output, 'metrics.json'), JSON.stringify(metrics))
}

/** The test recipe with its flags filled in by the trainer, and more of them. */
export function recipe(...flags: readonly string[]): string[] {
  const filled = recipeFlags('base', 'dataset', 'sha256', 'output', 'seed', 'lr', 'batch', 'epochs')
  return [process.execPath, RECIPE, ...filled, ...flags]
}

/** A command that is a Node program given as text. */
export function script(text: string): string[] {
  return [process.execPath, '-e', text]
}

export function trainerOptions(job: TrainJob, command: readonly string[]): ProgramOptions {
  return { command, env: {}, keys: [], cwd: join(job.output, '..'), directory: job.output }
}

/** A trainer of processes of this machine. */
export function localTrainer(options: ProgramOptions): Trainer {
  return createProgramTrainer(createLocalEngine(), options)
}

/** A trainer whose job is ended with the test. */
export async function submitted(
  job: TrainJob,
  command: readonly string[],
): Promise<{ trainer: Trainer; handle: JobHandle }> {
  const trainer = localTrainer(trainerOptions(job, command))
  const handle = await trainer.submit(job)
  onTestFinished(() => trainer.cancel(handle, job, 0))
  return { trainer, handle }
}

/** Follows a job until it no longer runs. */
export async function ended(trainer: Trainer, handle: JobHandle, job: TrainJob): Promise<JobStatus> {
  for (;;) {
    const status = await trainer.status(handle, job)
    if (status.state !== 'running') return status
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
}
