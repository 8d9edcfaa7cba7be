/** What Ray says of a job, as a state of the engines' contract. */

import type { JobState, JobStatus } from '../core/job.ts'
import { exited, stateOnly } from './contract.ts'
import type { RayJob } from './ray-api.ts'
import { NO_FOLDER } from './ray-submission.ts'

export interface Beside {
  readonly id: string
  /** Whether another id of this job counts by now, or none. */
  readonly isWithdrawn: boolean
  /** The exit code in the job's exit file. */
  readonly said: number | undefined
}

/** A program that was ended by a signal leaves 128 and the signal's number: that is not its own word. */
const SIGNALS_FROM = 128

/** `error_type` of failures that are not the program's. */
const ERRORS: Readonly<Record<string, { readonly state: JobState; readonly reason: string }>> = {
  // Ray gives up on a job that waits: 15 minutes unless the head is told otherwise.
  JOB_SUPERVISOR_ACTOR_START_TIMEOUT: {
    state: 'preempted',
    reason: 'Ray found no place for it in time (RAY_JOB_START_TIMEOUT_SECONDS on its head)',
  },
  RUNTIME_ENV_SETUP_FAILURE: { state: 'failed', reason: 'its runtime environment could not be made' },
  JOB_SUPERVISOR_ACTOR_UNSCHEDULABLE: { state: 'lost', reason: 'Ray could not place it' },
  JOB_SUPERVISOR_ACTOR_DIED: { state: 'lost', reason: 'its machine or its supervisor died' },
}

/** @param job undefined where the head does not know it (any longer): it forgets all jobs when it is restarted */
export function statusOfRayJob(job: RayJob | undefined, { id, isWithdrawn, said }: Beside): JobStatus {
  if (!job) return said === undefined ? stateOnly('lost', `Ray does not know job ${id}`) : exited(said)
  switch (job.status) {
    case 'PENDING':
      return isWithdrawn
        ? stateOnly('cancelled', 'it was withdrawn')
        : stateOnly('pending', 'Ray has not started it yet')
    case 'RUNNING':
      return stateOnly('running', '')
    case 'SUCCEEDED':
      return exited(0)
    case 'STOPPED':
      return said !== undefined && said < SIGNALS_FROM ? exited(said) : stateOnly('cancelled', 'somebody stopped it')
    case 'FAILED':
      return statusOfFailed(job, isWithdrawn)
  }
}

function statusOfFailed(job: RayJob, isWithdrawn: boolean): JobStatus {
  if (job.driver_exit_code === NO_FOLDER) {
    return stateOnly(
      'failed',
      "the cluster's machine does not see the run folder; put it on a disk that all of them share, under the same path",
    )
  }
  if (isWithdrawn) return stateOnly('cancelled', 'it was withdrawn')
  if (typeof job.driver_exit_code === 'number') return exited(job.driver_exit_code)
  const { state, reason } = ERRORS[job.error_type ?? ''] ?? { state: 'lost', reason: 'Ray could not run it' }
  const words = (job.message ?? '').trim().split('\n').at(-1) ?? ''
  return stateOnly(state, words === '' ? reason : `${reason}: ${words.slice(0, 300)}`)
}
