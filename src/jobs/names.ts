/** What a job is called: the same for whoever submits it and whoever looks for it. */

import { createHash } from 'node:crypto'
import { basename } from 'node:path'
import type { Job } from './contract.ts'

/** In the environment of a job's processes, see `process/owned.ts`. */
export function markerOf({ directory, purpose, key }: Job): string {
  return `${directory}#${purpose}-${key}`
}

/**
 * In a queue: nothing in it needs quoting, or would split the list that `squeue --name` takes. What makes it unique comes first, for
 * sites and displays that cut names.
 * @example nameOf({ directory: '/data/runs/gsm8k', purpose: 'train', key: '3-1', … }) // spendwise-1f0c93ab42-train-3-1-gsm8k
 */
export function nameOf(job: Job): string {
  return `${uniqueNameOf(job)}${plain(basename(job.directory))}`
}

/** The part of a job's name that no other job's begins with. */
export function uniqueNameOf({ directory, purpose, key }: Job): string {
  return `spendwise-${hashOf(directory)}-${purpose}-${key}-`
}

/** The name that version 0.1.0 gave to a training job. */
export function formerNameOf({ directory, key }: Job): string {
  return `spendwise-${plain(basename(directory))}-${key}-${hashOf(directory)}`
}

function hashOf(directory: string): string {
  return createHash('sha256').update(directory).digest('hex').slice(0, 10)
}

function plain(text: string): string {
  return text.replaceAll(/[^A-Za-z0-9._-]/g, '_')
}
