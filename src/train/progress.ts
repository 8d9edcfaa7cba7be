/** A trainer's progress, read from its log while it grows: lines `@@sft {json}`; all else is noise. */

import { closeSync, openSync, readSync, statSync } from 'node:fs'
import { z } from 'zod'
import { codeOf } from '../core/errors.ts'

const progressSchema = z
  .object({ event: z.literal('progress'), step: z.number(), steps: z.number(), loss: z.number() })
  .transform(({ step, steps, loss }) => ({ step, steps, loss }))

export interface TrainProgress {
  readonly step: number
  readonly steps: number
  readonly loss: number
}

const warningSchema = z.object({ event: z.literal('warning'), message: z.string() })

/** What a log has said since it was looked at last. */
export interface LogNews {
  /** The newest of its kind. */
  readonly progress: TrainProgress | undefined
  /** Sentences for people, in order. */
  readonly warnings: readonly string[]
}

const PREFIX = '@@sft '
const CHUNK_BYTES = 65_536
/** Progress bars for terminals return to the start of their line and never end it. */
const LINE_BREAK = /[\r\n]+/

/** Follows a log file: each call gives what it has said since the last one. */
export function followProgress(log: string): () => LogNews {
  let position = 0
  let rest = ''
  return () => {
    let progress: TrainProgress | undefined
    const warnings: string[] = []
    for (const chunk of chunksFrom(log, position)) {
      position += chunk.length
      const lines = (rest + chunk.toString('utf8')).split(LINE_BREAK)
      rest = lines.pop() ?? ''
      for (const line of lines) {
        const event = parseEvent(line)
        progress = progressSchema.safeParse(event).data ?? progress
        warnings.push(...(warningSchema.safeParse(event).data?.message.split('\n', 1) ?? []))
      }
    }
    return { progress, warnings }
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

/** The event of a line; undefined for noise. */
function parseEvent(line: string): unknown {
  // Behind the prefix, wherever it is: stderr goes to the same file and may have left its line open.
  const start = line.lastIndexOf(PREFIX)
  if (start < 0) return undefined
  try {
    return JSON.parse(line.slice(start + PREFIX.length))
  } catch {
    // A line that is cut off or is somebody else's: noise.
    return undefined
  }
}
