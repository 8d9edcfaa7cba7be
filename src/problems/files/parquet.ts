/** Parquet files as rows. */

import { MessageChannel, receiveMessageOnPort, Worker } from 'node:worker_threads'
import { ConfigError } from '../../core/errors.ts'
import type { JsonRow } from './json-lines.ts'
import { requireSize } from './text-file.ts'

/** A file that takes longer is refused. */
const DEADLINE_MS = 120_000

/**
 * Reads a whole Parquet file; whole numbers beyond 2^53 and dates become texts.
 * @throws ConfigError when it cannot be read, is too large, or is no Parquet file
 */
export function readParquet(path: string): JsonRow[] {
  requireSize(path)
  const { rows, error } = readInThread(path)
  if (rows === undefined) {
    throw new ConfigError(`${path}  cannot be read as Parquet (${error}); give a file that pandas or datasets wrote.`)
  }
  return rows.map((value, number) => ({
    number,
    place: `${path} row ${number + 1}`,
    value: Object.fromEntries(Object.entries(value).map(([name, field]) => [name, plain(field)])),
  }))
}

interface Answer {
  readonly rows?: readonly Readonly<Record<string, unknown>>[]
  readonly error?: string
}

/** Waits for the thread: the importers answer at once or not at all, as their callers expect. */
function readInThread(path: string): Answer {
  const done = new Int32Array(new SharedArrayBuffer(4))
  const { port1, port2 } = new MessageChannel()
  const file = new URL(`./parquet-worker${import.meta.url.slice(-3)}`, import.meta.url)
  const worker = new Worker(file, { workerData: { path, port: port2, done }, transferList: [port2] })
  const waited = Atomics.wait(done, 0, 0, DEADLINE_MS)
  const answer = receiveMessageOnPort(port1)?.message as Answer | undefined
  void worker.terminate()
  port1.close()
  return waited === 'timed-out' || answer === undefined ? { error: 'no answer within two minutes' } : answer
}

function plain(value: unknown): unknown {
  if (typeof value === 'bigint') return Number.isSafeInteger(Number(value)) ? Number(value) : String(value)
  if (value instanceof Date) return value.toISOString()
  if (Array.isArray(value)) return value.map(plain)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([name, field]) => [name, plain(field)]))
}
