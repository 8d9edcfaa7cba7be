/** Logs of the programs that were started: how long they are, and their last lines. */

import { closeSync, openSync, readSync, statSync } from 'node:fs'
import { codeOf } from '../core/errors.ts'

const CHUNK_BYTES = 65_536
/** Progress bars for terminals return to the start of their line and never end it. */
export const LINE_BREAK = /[\r\n]+/

/** Bytes that a log has by now. */
export function logSize(log: string): number {
  return statSync(log, { throwIfNoEntry: false })?.size ?? 0
}

/**
 * The last lines of a log, for an error message; empty where there is none.
 * @param since what an earlier job wrote, up to this byte, is left out
 */
export function lastLines(log: string, count: number, since = 0): string {
  const start = Math.max(since, logSize(log) - CHUNK_BYTES)
  const end = Buffer.concat([...chunksFrom(log, start)])
  return end.toString('utf8').trimEnd().split(LINE_BREAK).slice(-count).join('\n')
}

/** Lines of a log's end in which the reason of a death is looked for. */
const LOOK_BACK = 200
/** Characters of a line that are shown. */
const SHOWN = 300
/** `ValueError: …`, as Python and Node end a traceback; the first one is the reason, and others only pass it on. */
const ERROR_LINE = /\b[A-Za-z.]*(?:Error|Exception|Interrupt): \S/

/**
 * Why a program has ended, in its own words on one line: its first error, or else its last line; empty where it said nothing.
 * @param since what an earlier program wrote, up to this byte, is left out
 */
export function lastWords(log: string, since = 0): string {
  const lines = lastLines(log, LOOK_BACK, since)
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
  const words = lines.find((line) => ERROR_LINE.test(line)) ?? lines.at(-1) ?? ''
  return words.length > SHOWN ? `${words.slice(0, SHOWN)}…` : words
}

/** What a log holds from a byte on, in pieces; nothing where there is none yet. */
export function* chunksFrom(path: string, start: number): Generator<Buffer> {
  let file: number
  try {
    file = openSync(path, 'r')
  } catch (error) {
    // The log appears with the job's first word.
    if (codeOf(error) === 'ENOENT') return
    throw error
  }
  try {
    for (let position = start; ; ) {
      const buffer = Buffer.alloc(CHUNK_BYTES)
      const read = readSync(file, buffer, 0, CHUNK_BYTES, position)
      if (read === 0) return
      position += read
      yield buffer.subarray(0, read)
    }
  } finally {
    closeSync(file)
  }
}
