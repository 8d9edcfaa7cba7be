/** Writes rows as JSON lines, in a stream; the file appears by one rename when it is whole. */

import { mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import { ConfigError } from '../../core/errors.ts'
import { openGrowingFile } from '../../disk/whole-file.ts'

const FLUSH_CHARACTERS = 1 << 20

/** Takes one row after the other. */
export type WriteRow = (row: object) => void

/**
 * Calls `fill` with a function that takes the rows, and makes the file.
 * @throws ConfigError when the file cannot be written, and whatever `fill` throws; what was at `path` before then stays
 */
export function writeRows<T>(path: string, fill: (write: WriteRow) => T): T {
  const file = attempt(path, () => {
    mkdirSync(dirname(path), { recursive: true })
    return openGrowingFile(`${path}.tmp`)
  })
  let pending = ''
  const flush = (): void => {
    const bytes = Buffer.from(pending, 'utf8')
    pending = ''
    attempt(path, () => {
      file.write(bytes)
    })
  }
  try {
    const result = fill((row) => {
      pending += `${JSON.stringify(row)}\n`
      if (pending.length >= FLUSH_CHARACTERS) flush()
    })
    flush()
    attempt(path, () => {
      file.end()
      file.publish(path)
    })
    return result
  } catch (error) {
    file.discard()
    throw error
  }
}

function attempt<T>(path: string, act: () => T): T {
  try {
    return act()
  } catch (cause) {
    throw new ConfigError(
      `${path}  cannot be written (${(cause as Error).message}); name another place or free some space.`,
      {
        cause,
      },
    )
  }
}
