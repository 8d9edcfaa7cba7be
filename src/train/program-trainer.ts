/** A trainer that is any program keeping the recipe contract (docs/trainers.md): flags in, a directory out, exit codes that mean something. */

import { EngineAway, EXIT, JobError, TrainerAway, TrainerError } from '../core/errors.ts'
import type { JobStatus } from '../core/job.ts'
import { fillPlaceholders } from '../core/placeholders.ts'
import type { Trainer, TrainJob } from '../core/trainer.ts'
import { type Job, type JobEngine, type JobResources, stateOnly } from '../jobs/contract.ts'
import type { AddedVariables } from '../process/environment.ts'
import { commandPlaceholders } from './command-placeholders.ts'
import { exitFileOf, trainingStatus } from './exit-code.ts'
import { readMetrics } from './metrics.ts'

export interface ProgramOptions {
  /** The program and its arguments, with placeholders of `commandPlaceholders`. */
  readonly command: readonly string[]
  readonly env: AddedVariables
  /** Variables that hold keys; see `Job.keys`. */
  readonly keys: readonly string[]
  /** Working directory: where run.yaml lies, so that relative paths in the command mean what they say there. */
  readonly cwd: string
  /** Run folder, absolute, so that two runs' jobs are told apart. */
  readonly directory: string
  readonly resources?: JobResources
  /** How long an ended job's checkpoint may take to appear here, on a disk that several machines share; 0 where left out. */
  readonly settleSeconds?: number
}

/** @example createProgramTrainer(createLocalEngine(), { command: ['python3', 'recipes/train_sft.py', '--dataset', '{dataset}', …], … }) */
export function createProgramTrainer(engine: JobEngine, options: ProgramOptions): Trainer {
  const settleMs = (options.settleSeconds ?? 0) * 1000
  /** When a job was first seen to have ended well, by id. */
  const succeededAt = new Map<string, number>()

  const isSettling = (id: string): boolean => {
    const since = succeededAt.get(id) ?? performance.now()
    succeededAt.set(id, since)
    return performance.now() - since < settleMs
  }
  const ask = async <T>(question: () => Promise<T>): Promise<T> => {
    try {
      return await question()
    } catch (error) {
      throw asTrainerError(error)
    }
  }

  return {
    pollMs: engine.pollMs,
    patienceMs: engine.patienceMs,
    submit: (job) => ask(() => engine.submit(jobOf(job, options))),
    find: (job) => ask(() => engine.find(jobOf(job, options))),
    cancel: (handle, job, graceMs) => ask(() => engine.cancel(handle, jobOf(job, options), graceMs)),
    withdraw: (job, graceMs) => ask(() => engine.withdraw(jobOf(job, options), graceMs)),
    async status(handle, job): Promise<JobStatus> {
      const told = await ask(() => engine.status(handle, jobOf(job, options)))
      if (told.state === 'succeeded' && !readMetrics(job) && isSettling(handle.id)) return stateOnly('running', '')
      return trainingStatus(told, job)
    },
  }
}

/** The training job as its engine gets it. */
export function jobOf(job: TrainJob, options: ProgramOptions): Job {
  return {
    directory: options.directory,
    purpose: 'train',
    key: job.key,
    argv: fillPlaceholders(options.command, commandPlaceholders(job)),
    env: options.env,
    keys: options.keys,
    cwd: options.cwd,
    log: job.log,
    exitFile: exitFileOf(job),
    resources: options.resources ?? {},
    stopSeconds: job.recipe.stopSeconds,
  }
}

/** What an engine's refusal or silence is to the loop; anything else as it is. */
export function asTrainerError(error: unknown): unknown {
  if (error instanceof EngineAway) return new TrainerAway(error.message, { cause: error })
  if (!(error instanceof JobError)) return error
  return new TrainerError(error.message, { cause: error.cause, unreachable: error.exitCode === EXIT.unreachable })
}
