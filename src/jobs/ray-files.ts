/**
 * What stands next to a job's log so that it runs once: the id that counts, written before it is submitted, and whether that one is
 * withdrawn. The launcher on the cluster's machine reads it before it starts anything (recipes/ray-job.py).
 */

import { readFileSync } from 'node:fs'
import { basename } from 'node:path'
import { z } from 'zod'
import { codeOf, JobError } from '../core/errors.ts'
import { writeWhole } from '../disk/whole-file.ts'
import type { Job } from './contract.ts'
import { nameOf } from './names.ts'

const ticketSchema = z.object({ id: z.string(), withdrawn: z.boolean() })
export type Ticket = z.infer<typeof ticketSchema>

export function ticketFileOf(job: Pick<Job, 'log'>): string {
  return `${job.log}.ray.json`
}

/** The id that was submitted, or was about to be; undefined where there was none. */
export function readTicket(job: Pick<Job, 'log'>): Ticket | undefined {
  const path = ticketFileOf(job)
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined
    throw error
  }
  try {
    return ticketSchema.parse(JSON.parse(text))
  } catch (error) {
    throw new JobError(`${path} is damaged; see in Ray's dashboard that no job of this run is left, and remove it.`, {
      cause: error,
    })
  }
}

/** By one rename, and on the disk before it returns: from then on no other id of this job starts anything. */
export function writeTicket(job: Pick<Job, 'log'>, ticket: Ticket): void {
  writeWhole(ticketFileOf(job), `${JSON.stringify(ticket)}\n`)
}

/** The next id of a job: Ray takes none twice. */
export function nextId(job: Job, before: string | undefined): string {
  const name = nameOf(job)
  const count = before?.startsWith(`${name}-`) ? Number(before.slice(name.length + 1)) : 0
  return `${name}-${count + 1}`
}

/** @returns the copy of the launcher that a job's machine finds next to its log */
export function launcherOf(job: Pick<Job, 'log'>, launcher: string): string {
  return `${job.log}.${basename(launcher)}`
}
