/** One file of a dataset while it grows: hashed as it is written, compressed where asked, there under its name only when whole. */

import { createHash } from 'node:crypto'
import { gzipSync } from 'node:zlib'
import { openGrowingFile } from '../disk/whole-file.ts'
import type { Compression, Encoder, Sink } from './encoder.ts'
import type { ExportFormat, ExportRow } from './formats.ts'
import { createLines } from './json-lines.ts'
import { createParquet } from './parquet.ts'

export const CONTAINERS = ['jsonl', 'parquet'] as const
export type Container = (typeof CONTAINERS)[number]

export interface FileKind {
  readonly container: Container
  /** Of a JSONL file as a whole, never zstd; of Parquet's pages, where `none` is Parquet's usual snappy. */
  readonly compression: Compression
  /** Every row says whether it was drawn with the answer as a hint. */
  readonly marksHinted?: boolean
}

export const PLAIN: FileKind = { container: 'jsonl', compression: 'none' }

/** What a file is called behind its name: `.jsonl.gz`, `.parquet`. */
export function endingOf({ container, compression }: FileKind): string {
  if (container === 'parquet') return '.parquet'
  return compression === 'none' ? '.jsonl' : '.jsonl.gz'
}

/** The kind that a file's name promises; undefined where it promises nothing. */
export function kindOf(path: string): FileKind | undefined {
  if (path.endsWith('.parquet')) return { container: 'parquet', compression: 'none' }
  return path.endsWith('.gz') ? { container: 'jsonl', compression: 'gzip' } : undefined
}

export interface WrittenFile {
  readonly rows: number
  readonly bytes: number
  /** Of the file's bytes, hexadecimal. */
  readonly sha256: string
}

export interface DatasetFile {
  readonly rows: number
  add(row: ExportRow): void
  /** Ends the file on disk, still under its passing name. */
  end(): WrittenFile
  /** Gives it its name. */
  publish(path: string): void
  /** Removes what there is of it. */
  discard(): void
}

/** @throws the system's errors as they are */
export function openDatasetFile(partial: string, format: ExportFormat, kind: FileKind): DatasetFile {
  const file = openGrowingFile(partial)
  const hash = createHash('sha256')
  let rows = 0
  let size = 0
  const write: Sink = (bytes) => {
    hash.update(bytes)
    size += bytes.length
    file.write(bytes)
  }
  const encoder = encoderOf(format, kind, write)
  return {
    get rows() {
      return rows
    },
    add(row) {
      encoder.add(row)
      rows++
    },
    end() {
      encoder.end()
      file.end()
      return { rows, bytes: size, sha256: hash.digest('hex') }
    },
    publish: file.publish,
    discard: file.discard,
  }
}

function encoderOf(format: ExportFormat, kind: FileKind, write: Sink): Encoder {
  const { container, compression, marksHinted = false } = kind
  if (container === 'parquet') return createParquet(format, compression, write, marksHinted)
  return createLines(format, compressed(compression, write), marksHinted)
}

/**
 * Each piece is a gzip member of its own, and readers take them as one stream. Frames of zstd could be joined the same way, but
 * Python's usual reader of it stops after the first without a word.
 */
function compressed(compression: Compression, write: Sink): Sink {
  return compression === 'none' ? write : (bytes) => write(gzipSync(bytes))
}
