/** events.jsonl: what the run told, a line an event. For people and tools; the truth is in the database. */

import { closeSync, existsSync, openSync, readSync, statSync, writeSync } from 'node:fs'
import type { RunEvent } from '../core/events.ts'

export interface EventLog {
  append(event: RunEvent): void
  close(): void
}

/** Ticks come ten times a second: they are for the terminal. */
const NOT_LOGGED: ReadonlySet<RunEvent['kind']> = new Set(['sampling', 'training'])

export function openEventLog(path: string): EventLog {
  const startsMidLine = existsSync(path) && !endsWithLineBreak(path)
  const file = openSync(path, 'a')
  // A process that was killed while writing may have left half a line.
  if (startsMidLine) writeSync(file, '\n')
  return {
    append(event) {
      if (NOT_LOGGED.has(event.kind)) return
      writeSync(file, `${JSON.stringify({ at: new Date().toISOString(), ...event })}\n`)
    },
    close: () => closeSync(file),
  }
}

function endsWithLineBreak(path: string): boolean {
  const { size } = statSync(path)
  if (size === 0) return true
  const file = openSync(path, 'r')
  try {
    const last = Buffer.alloc(1)
    readSync(file, last, 0, 1, size - 1)
    return last[0] === 10
  } finally {
    closeSync(file)
  }
}
