/** Text files of problems: read whole, up to a stated size, as strict UTF-8. */

import { readFileSync, statSync } from 'node:fs'
import { ConfigError } from '../../core/errors.ts'

/** Larger files are refused: they are read whole, and a text of JavaScript cannot be much longer. */
export const LARGEST_MEGABYTES = 400

/**
 * The text of a file, without a byte order mark.
 * @throws ConfigError when there is no such file, it is too large, or it is not UTF-8
 */
export function readTextFile(path: string | undefined): string {
  const file = requirePath(path)
  requireSize(file)
  const bytes = readBytes(file)
  if ((bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff)) {
    throw new ConfigError(`${file}  is UTF-16; convert it: iconv -f UTF-16 -t UTF-8.`)
  }
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch (cause) {
    throw new ConfigError(
      `${file}:${firstBadLine(bytes)}  is not UTF-8; convert the file, for example: iconv -f LATIN1 -t UTF-8.`,
      { cause },
    )
  }
}

/** @throws ConfigError where a source names no file */
export function requirePath(path: string | undefined): string {
  if (path === undefined) throw new ConfigError('A source of problems has no path; say which file it reads.')
  return path
}

/** @throws ConfigError when there is no such file or it is too large to be read whole */
export function requireSize(file: string): void {
  let bytes: number
  try {
    bytes = statSync(file).size
  } catch (cause) {
    throw unreadable(file, cause)
  }
  if (bytes <= LARGEST_MEGABYTES * 1e6) return
  const size = (bytes / 1e6).toFixed(0)
  throw new ConfigError(
    `${file}  has ${size} MB, above the ${LARGEST_MEGABYTES} MB that are read; split it into smaller files.`,
  )
}

function readBytes(file: string): Buffer {
  try {
    return readFileSync(file)
  } catch (cause) {
    throw unreadable(file, cause)
  }
}

/** What to say when the system refuses a file. */
export function unreadable(file: string, cause: unknown): ConfigError {
  const reason = (cause as NodeJS.ErrnoException).code === 'ENOENT' ? 'does not exist' : 'cannot be read'
  return new ConfigError(`${file}  ${reason}; paths are relative to run.yaml, or to where a command runs.`, { cause })
}

function firstBadLine(bytes: Buffer): number {
  let line = 1
  let start = 0
  while (start < bytes.length) {
    const newline = bytes.indexOf(10, start)
    const end = newline < 0 ? bytes.length : newline
    const part = bytes.subarray(start, end)
    if (!Buffer.from(part.toString('utf8'), 'utf8').equals(part)) return line
    line++
    start = end + 1
  }
  return line
}
