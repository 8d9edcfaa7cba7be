/** What the end of a job means to a trainer: its exit code by the recipe contract, and the checkpoint that it has left. */

import { existsSync } from 'node:fs'
import type { JobStatus } from '../core/job.ts'
import type { TrainJob } from '../core/trainer.ts'
import { saidCode } from '../jobs/exit-file.ts'
import { readMetrics } from './metrics.ts'

/** Exit codes of the recipe contract; all others are the machine's doing and worth another try. */
const EXIT_STATES: Readonly<Record<number, Pick<JobStatus, 'state' | 'reason'>>> = {
  2: { state: 'failed', reason: 'it refused its input (exit 2)' },
  3: { state: 'failed', reason: 'training failed (exit 3)' },
  75: { state: 'preempted', reason: 'it was stopped with its work saved (exit 75)' },
}

/** Where a recipe under a launcher writes its own exit code, see `EXIT_FILE_VARIABLE`. */
export function exitFileOf(job: Pick<TrainJob, 'log'>): string {
  return `${job.log}.exit`
}

/**
 * The status of a training job, from what its engine says.
 * @throws TrainerError for a checkpoint that breaks the contract, see readMetrics
 */
export function trainingStatus(told: JobStatus, job: TrainJob): JobStatus {
  if (told.exitCode !== undefined) return statusOfCode(told.exitCode, job)
  // Whatever ended it: a whole checkpoint is what was asked for.
  if (told.state === 'lost' && readMetrics(job)) return { state: 'succeeded', exitCode: undefined, reason: '' }
  return told
}

function statusOfCode(code: number, job: TrainJob): JobStatus {
  const own = code === 0 || EXIT_STATES[code] ? code : (saidCode(exitFileOf(job)) ?? code)
  if (own !== 0) {
    const known = EXIT_STATES[own] ?? { state: 'lost', reason: `it ended with exit code ${own}` }
    return { ...known, exitCode: own }
  }
  if (readMetrics(job)) return { state: 'succeeded', exitCode: 0, reason: '' }
  const what = existsSync(job.output) ? `${job.output} has no metrics.json` : `${job.output} is not there`
  return { state: 'failed', exitCode: 0, reason: `it ended with exit code 0 but ${what}` }
}
