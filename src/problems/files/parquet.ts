/** Parquet files as rows. */

import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { deserialize } from 'node:v8'
import { ConfigError } from '../../core/errors.ts'
import type { JsonRow } from './json-lines.ts'
import { requireSize } from './text-file.ts'

/** A file that takes longer is refused. */
const DEADLINE_MS = 300_000
/** Heap of the program that reads. Rows that repeat are passed over in a small one; it is tried in the large one where that fails. */
const SMALL_MEGABYTES = 320
const MOST_MEGABYTES = 4_000

/** Which rows of a file are wanted, where not all. */
export interface RowsWanted {
  /** Fields that will be looked at. */
  readonly fields: readonly string[]
  /** Only the first row with its text in this field. */
  readonly distinct: string
}

/**
 * Reads a whole Parquet file; whole numbers beyond 2^53 and dates become texts.
 * @param wanted rows that repeat a text are passed over while reading, in bounded memory
 * @throws ConfigError when it cannot be read, is too large, holds no row, or is not a Parquet file
 */
export function readParquet(path: string, wanted?: RowsWanted): JsonRow[] {
  requireSize(path)
  const first = wanted === undefined ? undefined : readInProgram({ path, ...wanted }, SMALL_MEGABYTES)
  const { rows, error } = first?.rows === undefined ? readInProgram({ path, ...wanted }, MOST_MEGABYTES) : first
  if (rows === undefined) throw new ConfigError(`${path}  cannot be read as Parquet: ${error}.`)
  if (rows.length === 0) throw new ConfigError(`${path}  holds no problems; give a file with rows.`)
  return rows.map(({ number, value }) => ({
    number,
    place: `${path} row ${number + 1}`,
    value: Object.fromEntries(Object.entries(value).map(([name, field]) => [name, plain(field)])),
  }))
}

interface Answer {
  readonly rows?: readonly { readonly number: number; readonly value: Readonly<Record<string, unknown>> }[]
  readonly error?: string
}

/** Waits for the program: the importers answer at once or not at all, as their callers expect. */
function readInProgram(request: { readonly path: string } & Partial<RowsWanted>, megabytes: number): Answer {
  const program = fileURLToPath(new URL(`./parquet-program${import.meta.url.slice(-3)}`, import.meta.url))
  const heap = [`--max-old-space-size=${megabytes}`, '--max-semi-space-size=8']
  const { status, signal, stdout, stderr, error } = spawnSync(
    process.execPath,
    [...heap, program, JSON.stringify(request)],
    {
      timeout: DEADLINE_MS,
      maxBuffer: MOST_MEGABYTES * 1e6,
    },
  )
  if (status === 0) return deserialize(stdout) as Answer
  if (error !== undefined && 'code' in error && error.code === 'ETIMEDOUT')
    return { error: 'it takes longer than five minutes; split it into smaller files' }
  if (signal === 'SIGKILL' || stderr.includes('heap out of memory'))
    return {
      error: 'it needs more memory than there is; --dedupe passes over rows that repeat, and parts can be read apart',
    }
  const [reason = signal ?? `it ended with ${status}`] = stderr
    .toString()
    .split('\n')
    .filter((line) => /Error/.test(line))
  return { error: error?.message ?? reason.slice(0, 200) }
}

function plain(value: unknown): unknown {
  if (typeof value === 'bigint') return Number.isSafeInteger(Number(value)) ? Number(value) : String(value)
  if (value instanceof Date) return value.toISOString()
  if (Array.isArray(value)) return value.map(plain)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([name, field]) => [name, plain(field)]))
}
