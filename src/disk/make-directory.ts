/** Makes a folder that the user has named, with its parents. */

import { existsSync, mkdirSync } from 'node:fs'
import { dirname, resolve } from 'node:path'

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
