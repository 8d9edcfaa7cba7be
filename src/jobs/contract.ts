/**
 * The contract of job engines: a program goes in under a key, and is found again by it. Trainers and fleets of servers use the same
 * engines; what a job's exit code means is theirs to say. The log is always a file of the run folder: whoever wants a job's
 * words reads `job.log`, wherever it runs.
 */

import type { JobHandle, JobStatus } from '../core/job.ts'
import type { AddedVariables } from '../process/environment.ts'

export const PURPOSES = ['train', 'serve', 'probe'] as const
/** What a job is for: part of its name, and of sentences about it. */
export type Purpose = (typeof PURPOSES)[number]

/** What a job asks of its engine; left out, the engine's own defaults count. This machine gives what it has. */
export interface JobResources {
  /** Machines. */
  readonly nodes?: number | undefined
  /** Of the whole job; Slurm takes a kind as well (`a100:8`). */
  readonly gpus?: number | string | undefined
  readonly cpus?: number | undefined
  /** On each machine, as the engine writes it (`64G`). */
  readonly memory?: string | undefined
  /** Time limit, as the engine writes it. */
  readonly time?: number | string | undefined
  /** Resources by the names that a cluster has given them (Ray). */
  readonly custom?: Readonly<Record<string, number>> | undefined
}

export interface Job {
  /** Run folder, absolute: with purpose and key it makes a job the only one of its kind on earth. */
  readonly directory: string
  readonly purpose: Purpose
  /** Unique in the run and the purpose: letters, digits, `.`, `_`, `-`. Submitting it twice must not run it twice at a time. */
  readonly key: string
  readonly argv: readonly string[]
  /** Added to the environment of the engine's choice: ours on this machine and through Slurm, the cluster's own through Ray. */
  readonly env: AddedVariables
  /** Variables of ours that hold keys: no job gets them that does not name them in `env`. */
  readonly keys: readonly string[]
  /** Absolute, as every path here; a cluster's machines see the same paths. */
  readonly cwd: string
  /** Gets stdout and stderr, appended. */
  readonly log: string
  /** The job may write its own exit code there, see `EXIT_FILE_VARIABLE`. */
  readonly exitFile: string
  readonly resources: JobResources
  /** Grace between TERM and KILL, also before a time limit. */
  readonly stopSeconds: number
}

export interface JobEngine {
  /** Milliseconds between two looks at a job. */
  readonly pollMs: number
  /** Milliseconds for which an engine that gives no answer is waited for. */
  readonly patienceMs: number
  /**
   * Starts the job and returns at once.
   * @throws EngineAway when it may have been submitted or not, which `find` answers; JobError when it was refused or cannot be started
   */
  submit(job: Job): Promise<JobHandle>
  /**
   * The handle of a job that was submitted under this key, by whichever process, and has not ended.
   * @throws EngineAway when the engine gives no answer
   */
  find(job: Job): Promise<JobHandle | undefined>
  /**
   * `succeeded` and `failed` are exit codes, 0 and others; `failed` without one is the engine's word that trying again is of no use,
   * `lost` that it may be. Never throws for an engine that gives no answer: that is `unknown`.
   */
  status(handle: JobHandle, job: Job): Promise<JobStatus>
  /**
   * Sends TERM, and KILL after the grace; takes a waiting job back. Returns when it has ended; an unknown job has.
   * @throws EngineAway when the engine gives no answer
   */
  cancel(handle: JobHandle, job: Job, graceMs: number): Promise<void>
  /**
   * Takes back what may have been submitted under this key and has no handle: one that is under way is ended, one that the engine comes to
   * later starts nothing. A later `submit` makes the key good again.
   * @throws EngineAway when one may be under way that cannot be ended yet; one that has not started never will
   */
  withdraw(job: Job, graceMs: number): Promise<void>
}

/** The status of a job whose exit code is known. */
export function exited(code: number): JobStatus {
  return { state: code === 0 ? 'succeeded' : 'failed', exitCode: code, reason: `it ended with exit code ${code}` }
}

/** The status of a job without an exit code. */
export function stateOnly(state: JobStatus['state'], reason: string): JobStatus {
  return { state, exitCode: undefined, reason }
}
