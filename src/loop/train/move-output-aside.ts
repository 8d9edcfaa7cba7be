/** What a job that kept no contract has left where its checkpoint was to appear: out of the way of the next try, and there to be looked at. */

import { existsSync, renameSync, rmSync } from 'node:fs'
import type { TrainJob } from '../../core/trainer.ts'
import { readMetrics } from '../../train/metrics.ts'

/**
 * Gives the next submission a path where nothing is. Only the newest leftovers of a job are kept.
 * @returns where they are now; undefined where there were none
 * @throws TrainerError where a checkpoint is there that speaks of something else, see readMetrics
 */
export function moveAside(job: Pick<TrainJob, 'output' | 'datasetSha256'>): string | undefined {
  if (!existsSync(job.output) || readMetrics(job) !== undefined) return undefined
  removeLeftovers(job)
  renameSync(job.output, leftoversOf(job))
  return leftoversOf(job)
}

/** When the job has come to its end: nobody needs them any more. */
export function removeLeftovers(job: Pick<TrainJob, 'output'>): void {
  rmSync(leftoversOf(job), { recursive: true, force: true })
}

function leftoversOf({ output }: Pick<TrainJob, 'output'>): string {
  return `${output}.left`
}
