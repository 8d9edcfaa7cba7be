/** A page that a flag has named a file for. */

import { writeFileSync } from 'node:fs'
import { ConfigError, messageOf } from '../core/errors.ts'

/** @throws ConfigError where the file cannot be written */
export function writePage(file: string, page: string): void {
  try {
    writeFileSync(file, page)
  } catch (cause) {
    const why = messageOf(cause)
    throw new ConfigError(`--html ${file} cannot be written (${why}).`, { cause })
  }
}
