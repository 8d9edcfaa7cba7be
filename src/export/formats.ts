/** Dataset formats: how one accepted trace is written as one JSON line. */

import type { Message } from '../core/message.ts'

/** What an export needs of a trace: the training prompt as rendered, and the completion as sampled. */
export interface ExportRow {
  readonly prompt: readonly Message[]
  readonly completion: string
}

/** Format name to the object of one line; the names are those of `export --format`. */
export const FORMATS = {
  /** TRL's and OpenAI's conversational format: the whole dialogue. */
  messages: (row: ExportRow) => ({ messages: [...row.prompt, assistant(row.completion)] }),
  /** Prompt and completion apart, so that a trainer knows what the loss is on. */
  'prompt-completion': (row: ExportRow) => ({ prompt: row.prompt, completion: [assistant(row.completion)] }),
} as const satisfies Record<string, (row: ExportRow) => object>

export type ExportFormat = keyof typeof FORMATS
export const EXPORT_FORMATS = Object.keys(FORMATS) as readonly ExportFormat[]

/** One line of a dataset file, without its line break. The completion stands in it byte for byte. */
export function exportLine(format: ExportFormat, row: ExportRow): string {
  return JSON.stringify(FORMATS[format](row))
}

function assistant(content: string): Message {
  return { role: 'assistant', content }
}
