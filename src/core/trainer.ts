/** The trainer's contract: a job goes in under a key, a checkpoint directory comes out. Engines differ, the contract does not. */

import type { JobHandle, JobStatus } from './job.ts'

export const LR_SCHEDULES = ['iteration-decay', 'run-constant', 'run-decay', 'run-inverse-time'] as const
/**
 * - `iteration-decay`: from the peak linearly to 0 within the iteration
 * - `run-constant`: the peak throughout
 * - `run-decay`: from the peak linearly to 0 over the whole run; an iteration gets the stretch between its start and end
 * - `run-inverse-time`: the peak over 1 + t / tau in iteration t, which needs no length of the run
 */
export type LrSchedule = (typeof LR_SCHEDULES)[number]

export const OPTIMIZER_STATES = ['reset', 'keep'] as const
export type OptimizerState = (typeof OPTIMIZER_STATES)[number]

/** Optimisation as spelled out for one job; every trainer is told all of it. */
export interface Optimization {
  /** Passes over the dataset; undefined where `steps` is given. */
  readonly epochs: number | undefined
  /** Optimizer steps; undefined where `epochs` is given. With `steps` alone, batch = rows / steps. */
  readonly steps: number | undefined
  readonly batch: number
  /** Learning rate at the first step after warm-up. */
  readonly lrStart: number
  /** Learning rate that the last step reaches, linearly. */
  readonly lrEnd: number
  readonly warmupSteps: number
  readonly optimizerState: OptimizerState
}

/** Whether the dataset brings the server's own token ids of completions; `auto`: for programs that are known to read them. */
export const TOKEN_ID_CHOICES = ['auto', 'on', 'off'] as const

export const SHARDS = ['auto', 'none', 'full'] as const
/** Whether weights, gradients and optimizer are split over a job's processes (FSDP2); `auto`: where a copy each does not fit. */
export type Shard = (typeof SHARDS)[number]

/** What a recipe is told next to data and optimisation. */
export interface RecipeSettings {
  readonly shard: Shard
  /** Whether fp32 weights are to lie next to 16-bit ones: of use only where the next job starts from this one. */
  readonly master: 'keep' | 'none'
  /** Arguments of the chat template, as the server gets them. */
  readonly templateKwargs: Readonly<Record<string, unknown>>
  /** Seconds that a job may take to save and stop. */
  readonly stopSeconds: number
}

export interface TrainJob {
  /** Unique in the run: `iteration-attempt`; submitting the same key twice must not train twice. */
  readonly key: string
  readonly iteration: number
  /** Directory (or name) of the weights to start from. */
  readonly base: string
  /** Absolute path of the dataset file, prompt-completion JSONL. */
  readonly dataset: string
  readonly datasetSha256: string
  readonly rows: number
  /** Absolute path of the checkpoint directory, which appears by one rename. */
  readonly output: string
  /** Absolute path of the file that gets the job's stdout and stderr. */
  readonly log: string
  readonly seed: number
  readonly optimization: Optimization
  readonly recipe: RecipeSettings
}

export interface Trainer {
  /** Milliseconds between two looks at a job. */
  readonly pollMs: number
  /** Milliseconds for which an engine that gives no answer is waited for. */
  readonly patienceMs: number
  /** A job that is stopped loses its work, so one that is under way is left alone when the run is stopped, and found again. */
  readonly outlivesRun?: boolean
  /**
   * Starts the job and returns at once.
   * @throws TrainerAway when it may have been submitted or not; TrainerError when it was refused
   */
  submit(job: TrainJob): Promise<JobHandle>
  /**
   * The handle of a job that was submitted under this key and has not ended.
   * @throws TrainerAway when the engine gives no answer
   */
  find(job: TrainJob): Promise<JobHandle | undefined>
  /** Never throws for an engine that gives no answer: that is the state `unknown`. */
  status(handle: JobHandle, job: TrainJob): Promise<JobStatus>
  /**
   * Asks it to save and stop; kills it after the grace.
   * @throws TrainerAway when the engine gives no answer
   */
  cancel(handle: JobHandle, job: TrainJob, graceMs: number): Promise<void>
  /**
   * Takes back a job whose submission got no answer: whenever its engine comes to it, it starts nothing. Left out where jobs outlive the run.
   * @throws TrainerAway when one may be under way that cannot be ended yet
   */
  withdraw?(job: TrainJob, graceMs: number): Promise<void>
}

/** `metrics.json` of a checkpoint; more fields are allowed. */
export interface TrainMetrics {
  readonly schema: 1
  /** `dropped`: rows left out because they are longer than the model takes. */
  readonly dataset: { readonly sha256: string; readonly rows: number; readonly dropped?: number | undefined }
  /** Of the weights it started from, where the trainer says so; `master`: of the fp32 ones next to them. */
  readonly base?: { readonly sha256: string; readonly master?: string | undefined } | undefined
  readonly steps: number
  readonly tokens: number
  readonly seconds: number
  /** null where the trainer does not say. */
  readonly loss: { readonly first: number | null; readonly last: number | null }
  readonly seed: number
  readonly checkpoint: { readonly sha256: string }
  /** The fp32 weights next to 16-bit ones, which the next job starts from. */
  readonly master?: { readonly sha256: string; readonly bytes: number } | undefined
  readonly update?: WeightUpdate | undefined
  /** Name that somebody else serves the new weights under, where they are out of reach. */
  readonly servedName?: string | undefined
}

/** A job that keeps less of its update than this rounds most of its work away. */
export const KEPT_LEAST = 0.8

/** What a job did to the weights; shares are measured along the change itself, so 1 is all of it. */
export interface WeightUpdate {
  /** Mean absolute change of a weight. */
  readonly meanAbs: number
  /** Share that the next job starts from. */
  readonly kept: number
  /** Share that the served weights show: small where a change is small against a 16-bit step. */
  readonly served: number
}
