/** A trainer's progress, read from its log while it grows: lines `@@sft {json}`; all else is noise. */

import { z } from 'zod'
import { chunksFrom, LINE_BREAK } from '../process/log.ts'

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
