/** What a run reports, as server-sent events: the lines of its events.jsonl as they are written, from another process. */

import { closeSync, existsSync, openSync, readSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { FOLDER } from '../run/folder.ts'
import { databaseFile } from '../store/place/place.ts'

/** One event of the stream: a line of the file with the place behind it, or a sign that the database has changed. */
export type Pulse =
  | { readonly kind: 'line'; readonly line: string; readonly offset: number }
  | { readonly kind: 'changed' }
  | { readonly kind: 'beat' }

const POLL_MS = 400
const BEAT_MS = 15_000
/** Bytes that are read at once; a longer line is passed on in the next round. */
const CHUNK = 1 << 20
/** Lines from before that a new listener gets. */
const BEFORE_BYTES = 32_768

/**
 * Looks at the files rather than waiting for the system to tell: watches do not work on network file systems.
 * @param from byte to continue from (Last-Event-ID); undefined for the last lines of the file
 */
export async function* pulses(
  directory: string,
  from: number | undefined,
  signal: AbortSignal,
): AsyncGenerator<Pulse, void, void> {
  const path = join(directory, FOLDER.events)
  let offset = from ?? startOf(path)
  let stamp = ''
  let beatAt = Date.now()
  while (!signal.aborted) {
    const read = readLines(path, offset)
    for (const { line, end } of read) yield { kind: 'line', line, offset: end }
    offset = read.at(-1)?.end ?? Math.min(offset, sizeOf(path))
    const now = stampOf(directory)
    if (now !== stamp && stamp !== '') yield { kind: 'changed' }
    stamp = now
    if (Date.now() - beatAt > BEAT_MS) {
      beatAt = Date.now()
      yield { kind: 'beat' }
    }
    await sleep(POLL_MS, undefined, { signal }).catch(() => undefined)
  }
}

interface Line {
  readonly line: string
  /** Byte behind its line break. */
  readonly end: number
}

/** Whole lines only: the last one may still be being written. */
function readLines(path: string, offset: number): Line[] {
  const length = Math.min(CHUNK, sizeOf(path) - offset)
  if (length <= 0) return []
  const file = openSync(path, 'r')
  try {
    const bytes = Buffer.alloc(length)
    const read = readSync(file, bytes, 0, length, offset)
    const out: Line[] = []
    for (let start = 0; ; ) {
      const end = bytes.subarray(0, read).indexOf(10, start)
      if (end < 0) return out
      if (end > start) out.push({ line: bytes.toString('utf8', start, end), end: offset + end + 1 })
      start = end + 1
    }
  } finally {
    closeSync(file)
  }
}

/** Behind the first line break of the last bytes. */
function startOf(path: string): number {
  const size = sizeOf(path)
  if (size <= BEFORE_BYTES) return 0
  const [first] = readLines(path, size - BEFORE_BYTES)
  return first?.end ?? size
}

function sizeOf(path: string): number {
  return existsSync(path) ? statSync(path).size : 0
}

/** Changes when the database is written: its size and time, and those of the log next to it. */
export function stampOf(directory: string): string {
  const path = databaseFile(directory)
  return [path, `${path}-wal`]
    .map((each) => statSync(each, { throwIfNoEntry: false }))
    .map((found) => (found ? `${found.size}/${found.mtimeMs}` : '-'))
    .join(' ')
}
