/** What a probe job says of the machine that it was given (recipes/job-probe.py). */

import { z } from 'zod'

const MARK = '@@probe '

const probeSchema = z.object({
  host: z.string(),
  python: z.string(),
  /** A line of nvidia-smi each. */
  gpus: z.array(z.string()),
  /** On the disk of the run folder. */
  freeBytes: z.number(),
  /** Absolute path of the program that was asked for; null where it is not found. */
  program: z.string().nullable(),
  /** What was renamed into the folder here, as it is seen there; null where it is not. */
  word: z.string().nullable(),
  /** Of a lock that is held here: `held`, `free`, or what the system says there; null where nothing was tried. */
  lock: z.string().nullable(),
})
export type Probe = z.infer<typeof probeSchema>

/** @param words of the probe's log; undefined where it has not said it */
export function readProbe(words: string): Probe | undefined {
  const line = words.split('\n').find((one) => one.startsWith(MARK))
  return line === undefined ? undefined : probeSchema.parse(JSON.parse(line.slice(MARK.length)))
}
