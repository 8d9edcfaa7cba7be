/** Rows as JSON lines, gathered in one buffer that is filled again and again: a million rows leave no garbage behind. */

import type { Encoder, Sink } from './encoder.ts'
import { type ExportFormat, type ExportRow, exportLine, formatOf, markingHinted } from './formats.ts'

const BUFFER_BYTES = 1 << 20
/** Bytes of UTF-8 that a UTF-16 unit may take. */
const MOST_BYTES = 3

export function createLines(format: ExportFormat, write: Sink, marksHinted = false): Encoder {
  const marked = markingHinted(formatOf(format))
  const lineOf = marksHinted ? (row: ExportRow) => JSON.stringify(marked.object(row)) : createLineWriter(format)
  let buffer = Buffer.allocUnsafe(BUFFER_BYTES)
  let used = 0
  const flush = (): void => {
    if (used > 0) write(buffer.subarray(0, used))
    used = 0
  }
  return {
    add(row) {
      const line = lineOf(row)
      const most = line.length * MOST_BYTES + 1
      if (used + most > buffer.length) flush()
      if (most > buffer.length) buffer = Buffer.allocUnsafe(most)
      used += buffer.write(line, used, 'utf8')
      buffer[used++] = LINE_BREAK
    },
    end: flush,
  }
}

const LINE_BREAK = 10
/** Stands for a completion while the line around it is written. */
const MARK = '\u0000completion\u0000'
const MARKED = JSON.stringify(MARK)

/** The traces of a problem share all of their line but the completion, which is written once for each prompt. */
function createLineWriter(format: ExportFormat): (row: ExportRow) => string {
  const frames = new WeakMap<ExportRow['prompt'], readonly string[]>()
  return (row) => {
    const isOwn = row.rejected !== undefined || row.label !== undefined || row.completionIds !== undefined
    if (isOwn || format === 'token-ids') return exportLine(format, row)
    let frame = frames.get(row.prompt)
    if (!frame) {
      frame = exportLine(format, { ...row, completion: MARK }).split(MARKED)
      frames.set(row.prompt, frame)
    }
    const [before = '', behind, more] = frame
    // In a text the completion is a part of a longer string; and a prompt may hold the very mark.
    if (behind === undefined || more !== undefined) return exportLine(format, row)
    return before + JSON.stringify(row.completion) + behind
  }
}
