/** What a job's exit code means, also where a launcher has put one of its own in its place. */

import { existsSync, readFileSync, rmSync } from 'node:fs'
import type { JobStatus, TrainJob } from '../core/trainer.ts'
import { readMetrics } from './metrics.ts'

/**
 * Environment variable that names a file for the job's own exit code. torchrun and accelerate end with 1 whatever their workers
 * ended with; a recipe that starts under them removes this file first and writes its code there last.
 */
export const EXIT_FILE_VARIABLE = 'SPENDWISE_EXIT_FILE'

/** Exit codes of the recipe contract; all others are the machine's doing and worth another try. */
const EXIT_STATES: Readonly<Record<number, Pick<JobStatus, 'state' | 'reason'>>> = {
  2: { state: 'failed', reason: 'it refused its input (exit 2)' },
  3: { state: 'failed', reason: 'training failed (exit 3)' },
  75: { state: 'preempted', reason: 'it was stopped with its work saved (exit 75)' },
}

export function exitFileOf(job: Pick<TrainJob, 'log'>): string {
  return `${job.log}.exit`
}

/** Before a job starts: what an earlier one said is not its word. */
export function forgetExit(job: Pick<TrainJob, 'log'>): void {
  rmSync(exitFileOf(job), { force: true })
}

/** The exit code that the job itself wrote down, if it did. */
export function saidCode(job: Pick<TrainJob, 'log'>): number | undefined {
  const path = exitFileOf(job)
  const text = existsSync(path) ? readFileSync(path, 'utf8').trim() : ''
  return /^\d{1,3}$/.test(text) ? Number(text) : undefined
}

/** @throws TrainerError for a checkpoint that breaks the contract, see readMetrics */
export function statusOfCode(code: number, job: TrainJob): JobStatus {
  const own = code === 0 || EXIT_STATES[code] ? code : (saidCode(job) ?? code)
  if (own !== 0) {
    const known = EXIT_STATES[own] ?? { state: 'lost', reason: `it ended with exit code ${own}` }
    return { ...known, exitCode: own }
  }
  if (readMetrics(job)) return { state: 'succeeded', exitCode: 0, reason: '' }
  const what = existsSync(job.output) ? `${job.output} has no metrics.json` : `${job.output} is not there`
  return { state: 'failed', exitCode: 0, reason: `it ended with exit code 0 but ${what}` }
}
