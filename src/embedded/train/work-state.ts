/** The work folder of a job under way: its last saved state, bound to the job's arguments and data. */

import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { writeWhole } from '../../disk/whole-file.ts'
import { bytesOf } from '../model/checkpoint.ts'
import type { TrainingState } from '../model/replica.ts'

const headerSchema = z.object({
  binding: z.string(),
  step: z.int(),
  optimizerSteps: z.int(),
  /** What the job has measured so far. */
  progress: z.object({ tokens: z.number(), seconds: z.number(), firstLoss: z.number(), lastLoss: z.number() }),
})

export type Progress = z.infer<typeof headerSchema>['progress']

/** Saves by one rename, so that a kill at any moment leaves the old state or the new one. */
export function saveWork(
  folder: string,
  binding: string,
  { step, parameters, optimizer }: TrainingState,
  progress: Progress,
): void {
  const header = JSON.stringify({ binding, step, optimizerSteps: optimizer?.steps ?? 0, progress })
  const empty = new Float32Array(parameters.length)
  const floats = [parameters, optimizer?.first ?? empty, optimizer?.second ?? empty].map(bytesOf)
  mkdirSync(folder, { recursive: true })
  writeWhole(join(folder, 'state'), Buffer.concat([Buffer.from(`${header}\n`), ...floats]))
}

/** The saved state of this very job; undefined when there is none, or only one of other arguments or data. */
export function loadWork(
  folder: string,
  binding: string,
  total: number,
): { state: TrainingState; progress: Progress } | undefined {
  const path = join(folder, 'state')
  if (!existsSync(path)) return undefined
  const bytes = readFileSync(path)
  const end = bytes.indexOf('\n')
  const header = headerSchema.safeParse(parseHeader(bytes.subarray(0, end).toString('utf8')))
  // A state that a crash of the machine left damaged is as good as none: the job begins again.
  if (!header.success || header.data.binding !== binding || bytes.length !== end + 1 + 12 * total) return undefined
  const { step, optimizerSteps, progress } = header.data
  const floats = new Float32Array(Uint8Array.from(bytes.subarray(end + 1)).buffer)
  const optimizer = { steps: optimizerSteps, first: floats.slice(total, 2 * total), second: floats.slice(2 * total) }
  return { state: { step, parameters: floats.slice(0, total), optimizer }, progress }
}

function parseHeader(line: string): unknown {
  try {
    return JSON.parse(line)
  } catch {
    return undefined
  }
}

export function removeWork(folder: string): void {
  rmSync(folder, { recursive: true, force: true })
}
