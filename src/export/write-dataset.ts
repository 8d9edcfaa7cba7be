/** Writes a dataset: streamed, hashed while written, and there only when it is whole. */

import { join } from 'node:path'
import { StoreError } from '../core/errors.ts'
import { type DatasetFile, endingOf, type FileKind, openDatasetFile, PLAIN, type WrittenFile } from './dataset-file.ts'
import type { ExportFormat, ExportRow } from './formats.ts'

export interface WrittenDataset {
  readonly path: string
  readonly rows: number
  /** Of the file's bytes, hexadecimal. */
  readonly sha256: string
}

/** A file of a dataset folder. */
export interface Shard extends WrittenFile {
  readonly name: string
}

/**
 * Writes rows to `path`, by one rename; JSON lines unless `kind` says otherwise.
 * @throws StoreError when the disk refuses, and whatever `rows` throws; what was at `path` before stays as it was
 */
export function writeDataset(
  path: string,
  format: ExportFormat,
  rows: Iterable<ExportRow>,
  kind: FileKind = PLAIN,
): WrittenDataset {
  return sayingWhere(path, () => {
    const file = openDatasetFile(`${path}.tmp`, format, kind)
    try {
      for (const row of rows) file.add(row)
      const { rows: count, sha256 } = file.end()
      file.publish(path)
      return { path, rows: count, sha256 }
    } catch (error) {
      file.discard()
      throw error
    }
  })
}

export interface ShardOptions {
  readonly format: ExportFormat
  readonly kind: FileKind
  /** First part of the names. */
  readonly stem: string
  /** Most rows of a file; undefined for one file. */
  readonly shardRows: number | undefined
}

/**
 * Writes rows to files in a folder that is nobody's yet: `train.jsonl`, or `train-00000-of-00003.jsonl` and so on.
 * How many there are is known at the end, so the names are given then.
 * @throws StoreError when the disk refuses, and whatever `rows` throws
 */
export function writeShards(folder: string, options: ShardOptions, rows: Iterable<ExportRow>): Shard[] {
  const { format, kind, stem, shardRows = Number.POSITIVE_INFINITY } = options
  return sayingWhere(folder, () => {
    const ended: { readonly file: DatasetFile; readonly written: WrittenFile }[] = []
    const open = (): DatasetFile => openDatasetFile(join(folder, `${stem}-${ended.length}.tmp`), format, kind)
    const end = (file: DatasetFile): void => void ended.push({ file, written: file.end() })
    let file = open()
    try {
      for (const row of rows) {
        if (file.rows >= shardRows) {
          end(file)
          file = open()
        }
        file.add(row)
      }
      end(file)
    } catch (error) {
      file.discard()
      throw error
    }
    return ended.map(({ file: one, written }, place) => {
      const name = shardName(stem, kind, place, options.shardRows === undefined ? undefined : ended.length)
      one.publish(join(folder, name))
      return { name, ...written }
    })
  })
}

function shardName(stem: string, kind: FileKind, place: number, count: number | undefined): string {
  const digits = (number: number): string => String(number).padStart(5, '0')
  const part = count === undefined ? '' : `-${digits(place)}-of-${digits(count)}`
  return `${stem}${part}${endingOf(kind)}`
}

/** The system's errors as a sentence that names the place; SQLite's errors have codes as well, only the system's name a call. */
export function sayingWhere<T>(path: string, work: () => T): T {
  try {
    return work()
  } catch (error) {
    if (!(error instanceof Error && 'syscall' in error)) throw error
    throw new StoreError(`${path} cannot be written: ${error.message}; free some space or name another place.`, {
      cause: error,
    })
  }
}
