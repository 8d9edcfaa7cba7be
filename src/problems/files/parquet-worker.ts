/** Reads one Parquet file in a thread of its own, because its reader is asynchronous and its caller is not. */

import { readFileSync } from 'node:fs'
import { type MessagePort, workerData } from 'node:worker_threads'
import { brotliDecompressSync, gunzipSync, zstdDecompressSync } from 'node:zlib'
import { parquetReadObjects } from 'hyparquet'
import { messageOf } from '../../core/errors.ts'

interface Task {
  readonly path: string
  readonly port: MessagePort
  /** Becomes 1 when the answer is in the port. */
  readonly done: Int32Array
}

const { path, port, done } = workerData as Task
port.postMessage(await readRows())
Atomics.store(done, 0, 1)
Atomics.notify(done, 0)

async function readRows(): Promise<{ readonly rows?: unknown; readonly error?: string }> {
  try {
    const bytes = readFileSync(path)
    const file = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength)
    const rows = await parquetReadObjects({
      file: { byteLength: file.byteLength, slice: (start, end) => file.slice(start, end) },
      compressors: {
        GZIP: (data) => new Uint8Array(gunzipSync(data)),
        BROTLI: (data) => new Uint8Array(brotliDecompressSync(data)),
        ZSTD: (data) => new Uint8Array(zstdDecompressSync(data)),
      },
    })
    return { rows }
  } catch (error) {
    return { error: messageOf(error) }
  }
}
