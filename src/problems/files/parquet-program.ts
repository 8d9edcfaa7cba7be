/**
 * Reads one Parquet file as a program of its own: its reader is asynchronous and its caller is not, and a file that needs more memory
 * than there is must end nothing but this. The request comes as JSON on the command line, the rows go to standard output, serialized.
 */

import { openSync, readSync, statSync, writeSync } from 'node:fs'
import { serialize } from 'node:v8'
import { brotliDecompressSync, gunzipSync, zstdDecompressSync } from 'node:zlib'
import { type AsyncBuffer, type Compressors, parquetMetadataAsync, parquetReadObjects } from 'hyparquet'
import { compressors as more } from 'hyparquet-compressors'
import { messageOf } from '../../core/errors.ts'
import { readDistinctRows } from './parquet-distinct.ts'

interface Request {
  readonly path: string
  /** Fields that are wanted; all where it is left out. */
  readonly fields?: readonly string[]
  /** Only the first row with its text in this field. */
  readonly distinct?: string
}

const COMPRESSORS: Compressors = {
  LZ4: more.LZ4,
  LZ4_RAW: more.LZ4_RAW,
  GZIP: (data) => new Uint8Array(gunzipSync(data)),
  BROTLI: (data) => new Uint8Array(brotliDecompressSync(data)),
  ZSTD: (data) => new Uint8Array(zstdDecompressSync(data)),
}

const answer = serialize(await readRows(JSON.parse(process.argv[2] ?? '{}') as Request))
for (let sent = 0; sent < answer.length; ) sent += writeSync(1, answer, sent)

async function readRows({ path, fields, distinct }: Request): Promise<unknown> {
  try {
    const file = openFile(path)
    const metadata = await parquetMetadataAsync(file)
    const total = Number(metadata.num_rows)
    if (fields !== undefined && distinct !== undefined) {
      const rows = await readDistinctRows({ file, metadata, compressors: COMPRESSORS, fields, distinct })
      if (rows !== undefined) return { rows, total }
    }
    const rows = await parquetReadObjects({ file, metadata, compressors: COMPRESSORS })
    return { rows: rows.map((value, number) => ({ number, value })), total }
  } catch (error) {
    return { error: messageOf(error) }
  }
}

/** Reads what is asked for, when it is asked for. */
function openFile(path: string): AsyncBuffer {
  const file = openSync(path, 'r')
  const byteLength = statSync(path).size
  return {
    byteLength,
    slice: (start, end = byteLength) => {
      const bytes = new Uint8Array(Math.max(0, end - start))
      const got = readSync(file, bytes, 0, bytes.length, start)
      return bytes.buffer.slice(0, got)
    },
  }
}
