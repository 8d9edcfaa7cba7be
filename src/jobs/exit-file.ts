/** A job's own word for how it ended, where a launcher puts another in its place or nobody was there to hear it. */

import { existsSync, readFileSync, rmSync } from 'node:fs'

/**
 * Environment variable that names a file for the job's own exit code. torchrun and accelerate end with 1 whatever their workers
 * ended with; a recipe that starts under them removes this file first and writes its code there last.
 */
export const EXIT_FILE_VARIABLE = 'SPENDWISE_EXIT_FILE'

/** Before a job starts: what an earlier one said is not its word. */
export function forgetExit(exitFile: string): void {
  rmSync(exitFile, { force: true })
}

/** The exit code that the job itself wrote down, if it did. */
export function saidCode(exitFile: string): number | undefined {
  const text = existsSync(exitFile) ? readFileSync(exitFile, 'utf8').trim() : ''
  return /^\d{1,3}$/.test(text) ? Number(text) : undefined
}
