/** What turns rows into the bytes of a file, and how they may be compressed. */

import type { ExportRow } from './formats.ts'

export const COMPRESSIONS = ['none', 'gzip', 'zstd'] as const

export type Compression = (typeof COMPRESSIONS)[number]

/** Turns rows into bytes. */
export interface Encoder {
  add(row: ExportRow): void
  end(): void
}

/** Takes bytes in pieces of about a megabyte, and is done with them when it returns. */
export type Sink = (bytes: Uint8Array) => void
