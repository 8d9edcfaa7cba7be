/** A job of an engine (this machine, Slurm, Ray, an API) as it is stored and told of, whatever it is for. */

export const JOB_STATES = [
  'pending',
  'running',
  'succeeded',
  'failed',
  'cancelled',
  'preempted',
  'lost',
  'unknown',
] as const
/**
 * `preempted`: stopped with its work saved (exit 75), submit again to continue. `lost`: the engine knows nothing of it, or its machine
 * failed. `unknown`: the engine cannot be reached; never the same as failed.
 */
export type JobState = (typeof JOB_STATES)[number]

/** What identifies a submitted job to its engine; stored, so that a later process can find it again. */
export interface JobHandle {
  readonly engine: string
  readonly id: string
}

export interface JobStatus {
  readonly state: JobState
  readonly exitCode: number | undefined
  /** For people; empty when there is nothing to say. */
  readonly reason: string
}
