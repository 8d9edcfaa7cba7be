/** Makes a folder that the user has named, with its parents. */

import { existsSync, mkdirSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { messageOf, StoreError } from '../core/errors.ts'

/**
 * Level by level: where the system says of a folder that is there that it is not (/proc), Node's own recursion never ends.
 * @throws the system's error
 */
export function makeDirectory(path: string): void {
  const absolute = resolve(path)
  if (existsSync(absolute)) return
  makeDirectory(dirname(absolute))
  // Another process may have been faster.
  if (!existsSync(absolute)) mkdirSync(absolute)
}

/** What says that the disk is at its end, and not that the place is a wrong one. */
const AT_ITS_END: ReadonlySet<unknown> = new Set(['ENOSPC', 'EDQUOT', 'EIO'])

/**
 * The same for a folder that is said to be another one where it cannot be made.
 * @param what how the sentence names it, with its path: `The run folder /x`
 * @param advice how another place is named
 * @throws StoreError; of usage (exit 2) where there can be no folder, and not where the disk is full or broken
 */
export function makeNamedDirectory(path: string, what: string, advice: string): void {
  try {
    makeDirectory(path)
  } catch (error) {
    const sentence = `${what} cannot be made (${messageOf(error)}); ${advice}.`
    const isDisk = error instanceof Error && 'code' in error && AT_ITS_END.has(error.code)
    throw new StoreError(sentence, { cause: error, usage: !isDisk })
  }
}
