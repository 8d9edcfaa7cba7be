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
 * @throws StoreError when the disk refuses; nothing half-written is left under `path`
 */
export function writeDataset(path: string, format: ExportFormat, rows: Iterable<ExportRow>): WrittenDataset {
  const partial = `${path}.tmp`
  const hash = createHash('sha256')
  let count = 0
  try {
    const file = openSync(partial, 'w')
    try {
      let pending = ''
      const flush = (): void => {
        const bytes = Buffer.from(pending, 'utf8')
        pending = ''
        hash.update(bytes)
        for (let done = 0; done < bytes.length; ) done += writeSync(file, bytes, done)
      }
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
    renameSync(partial, path)
  } catch (error) {
    rmSync(partial, { force: true })
    if (!(error instanceof Error && 'code' in error)) throw error
    throw new StoreError(`${path} cannot be written: ${error.message}; free some space or name another place.`, {
      cause: error,
    })
  }
  return { path, rows: count, sha256: hash.digest('hex') }
}
