/** What Slurm says of a job, as a state of the engines' contract. */

import type { JobStatus } from '../core/job.ts'
import { exited, stateOnly } from './contract.ts'
import { saidCode } from './exit-file.ts'

/** A job as `scontrol show job --oneliner` or `sacct` tells of it. */
export interface SlurmJob {
  /** In Slurm's own words, for example COMPLETED. */
  readonly state: string
  /** Exit code of the batch script. */
  readonly code: number
  /** Signal that ended it; 0 for none. */
  readonly signal: number
  readonly reason: string
  /** How often Slurm has put it back into the queue. */
  readonly restarts: number
}

/** Slurm's states (squeue, "JOB STATE CODES") that need no look at the exit code. */
const STATES: Readonly<Record<string, Pick<JobStatus, 'state' | 'reason'>>> = {
  CONFIGURING: { state: 'pending', reason: '' },
  PENDING: { state: 'pending', reason: '' },
  REQUEUED: { state: 'pending', reason: '' },
  REQUEUE_FED: { state: 'pending', reason: '' },
  REQUEUE_HOLD: { state: 'pending', reason: '' },
  RESV_DEL_HOLD: { state: 'pending', reason: '' },
  SPECIAL_EXIT: { state: 'pending', reason: '' },
  SUSPENDED: { state: 'pending', reason: 'suspended' },
  STOPPED: { state: 'pending', reason: 'stopped' },
  RUNNING: { state: 'running', reason: '' },
  COMPLETING: { state: 'running', reason: '' },
  RESIZING: { state: 'running', reason: '' },
  SIGNALING: { state: 'running', reason: '' },
  STAGE_OUT: { state: 'running', reason: '' },
  CANCELLED: { state: 'cancelled', reason: 'somebody cancelled it (CANCELLED)' },
  PREEMPTED: { state: 'preempted', reason: 'Slurm gave its place to another job (PREEMPTED)' },
  TIMEOUT: {
    state: 'lost',
    reason: 'it ran into its time limit before it had saved (TIMEOUT); raise its `time` in run.yaml',
  },
  OUT_OF_MEMORY: { state: 'failed', reason: 'it ran out of memory (OUT_OF_MEMORY); raise its `memory` in run.yaml' },
  DEADLINE: { state: 'failed', reason: 'it could not end before its deadline (DEADLINE)' },
  NODE_FAIL: { state: 'lost', reason: 'its node failed (NODE_FAIL)' },
  BOOT_FAIL: { state: 'lost', reason: 'its node did not boot (BOOT_FAIL)' },
  LAUNCH_FAILED: { state: 'lost', reason: 'it could not be launched (LAUNCH_FAILED)' },
  REVOKED: { state: 'lost', reason: 'another cluster has it (REVOKED)' },
}

/** Whether it waits, runs, or is being put back into the queue. */
export function isUnderWay(slurmState: string): boolean {
  const state = STATES[slurmState]?.state
  return state === 'pending' || state === 'running'
}

/** @param exitFile where the job may have written its own exit code */
export function statusOfSlurmJob(slurm: SlurmJob, exitFile: string): JobStatus {
  if (slurm.state === 'COMPLETED') return exited(0)
  if (slurm.state === 'FAILED') {
    return slurm.code === 0 ? stateOnly('lost', `it was ended by signal ${slurm.signal}`) : exited(slurm.code)
  }
  const known = STATES[slurm.state]
  if (!known) return stateOnly('unknown', `Slurm calls its state ${slurm.state}`)
  // It had saved its work when its time was over, and Slurm's word for the end came on top.
  if (slurm.state === 'TIMEOUT' && (slurm.code === 75 || saidCode(exitFile) === 75)) return exited(75)
  if (known.state === 'pending') return stateOnly('pending', known.reason || waitingFor(slurm))
  return stateOnly(known.state, known.reason)
}

/** One line of `scontrol show job --oneliner`; undefined when it is something else. */
export function readScontrol(line: string): SlurmJob | undefined {
  const field = (name: string): string | undefined => line.match(new RegExp(`(?:^|\\s)${name}=(\\S*)`))?.[1]
  const state = field('JobState')
  if (state === undefined) return undefined
  return {
    state,
    ...exitOf(field('ExitCode')),
    reason: field('Reason') ?? '',
    restarts: Number(field('Restarts') ?? 0),
  }
}

/** First line of `sacct --parsable2 --noheader --allocations --format=State,ExitCode`; undefined when it knows nothing. */
export function readSacct(text: string): SlurmJob | undefined {
  const [state, exit] = text.split('\n')[0]?.split('|') ?? []
  // "CANCELLED by 1000"
  const word = state?.split(' ')[0]
  return word ? { state: word, ...exitOf(exit), reason: '', restarts: 0 } : undefined
}

function exitOf(text: string | undefined): Pick<SlurmJob, 'code' | 'signal'> {
  const [code, signal] = (text ?? '').split(':').map(Number)
  return { code: code || 0, signal: signal || 0 }
}

function waitingFor({ reason, restarts }: SlurmJob): string {
  const why = reason === 'None' ? '' : reason
  return restarts === 0 ? why : `back in the queue, start ${restarts + 1}${why === '' ? '' : `, ${why}`}`
}
