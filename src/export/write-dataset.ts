/** Writes a dataset file: streamed, hashed while written, and there only when it is whole. */

import { createHash } from 'node:crypto'
import { closeSync, fsyncSync, openSync, renameSync, rmSync, writeSync } from 'node:fs'
import { StoreError } from '../core/errors.ts'
import { type ExportFormat, type ExportRow, exportLine } from './formats.ts'

export interface WrittenDataset {
  readonly path: string
  readonly rows: number
  /** Of the file's bytes, hexadecimal. */
  readonly sha256: string
}

const FLUSH_CHARACTERS = 1 << 20

/**
 * Writes rows as JSON lines to `path`, by one rename.
 * @throws StoreError when the disk refuses, and whatever `rows` throws; what was at `path` before stays as it was
 */
export function writeDataset(path: string, format: ExportFormat, rows: Iterable<ExportRow>): WrittenDataset {
  const partial = `${path}.tmp`
  try {
    const file = openSync(partial, 'w')
    try {
      const written = writeRows(file, format, rows)
      renameSync(partial, path)
      return { path, ...written }
    } catch (error) {
      rmSync(partial, { force: true })
      throw error
    }
  } catch (error) {
    // SQLite's errors have codes as well; only the system's name a call.
    if (!(error instanceof Error && 'syscall' in error)) throw error
    throw new StoreError(`${path} cannot be written: ${error.message}; free some space or name another place.`, {
      cause: error,
    })
  }
}

/** Writes and closes the file. */
function writeRows(file: number, format: ExportFormat, rows: Iterable<ExportRow>): Omit<WrittenDataset, 'path'> {
  const hash = createHash('sha256')
  let count = 0
  let pending = ''
  const flush = (): void => {
    const bytes = Buffer.from(pending, 'utf8')
    pending = ''
    hash.update(bytes)
    for (let done = 0; done < bytes.length; ) done += writeSync(file, bytes, done)
  }
  try {
    for (const row of rows) {
      pending += `${exportLine(format, row)}\n`
      count++
      if (pending.length >= FLUSH_CHARACTERS) flush()
    }
    flush()
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
  return { rows: count, sha256: hash.digest('hex') }
}
