/** A trainer's progress, read from its log while it grows: lines `@@sft {json}`; all else is noise. */

import { closeSync, openSync, readSync, statSync } from 'node:fs'
import { z } from 'zod'

const progressSchema = z.object({
  event: z.literal('progress'),
  step: z.number(),
  steps: z.number(),
  loss: z.number(),
})

export interface TrainProgress {
  readonly step: number
  readonly steps: number
  readonly loss: number
}

const PREFIX = '@@sft '
const CHUNK_BYTES = 65_536
/** Progress bars for terminals return to the start of their line and never end it. */
const LINE_BREAK = /[\r\n]+/

/** Follows a log file: each call gives the newest progress line since the last call, if there was one. */
export function followProgress(log: string): () => TrainProgress | undefined {
  let position = 0
  let rest = ''
  return () => {
    let newest: TrainProgress | undefined
    for (const chunk of chunksFrom(log, position)) {
      position += chunk.length
      const lines = (rest + chunk.toString('utf8')).split(LINE_BREAK)
      rest = lines.pop() ?? ''
      for (const line of lines) newest = parseProgress(line) ?? newest
    }
    return newest
  }
}

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

function* chunksFrom(path: string, start: number): Generator<Buffer> {
  let file: number
  try {
    file = openSync(path, 'r')
  } catch (error) {
    // The log appears with the job's first word.
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return
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

function parseProgress(line: string): TrainProgress | undefined {
  // Behind the prefix, wherever it is: stderr goes to the same file and may have left its line open.
  const start = line.lastIndexOf(PREFIX)
  if (start < 0) return undefined
  try {
    const parsed = progressSchema.safeParse(JSON.parse(line.slice(start + PREFIX.length)))
    if (!parsed.success) return undefined
    const { step, steps, loss } = parsed.data
    return { step, steps, loss }
  } catch {
    // A line cut by a crash is noise like any other.
    return undefined
  }
}
