/** JSONL files, row by row, with errors that name file and line. */

import { ConfigError } from '../../core/errors.ts'
import { readTextFile } from './text-file.ts'

export interface JsonRow {
  /** Number of the row, from 0; blank lines are not counted. */
  readonly number: number
  /** `file:line`, lines counted from 1. */
  readonly place: string
  readonly value: Readonly<Record<string, unknown>>
}

/**
 * Reads a whole JSONL file.
 * @throws ConfigError when the file cannot be read, is too large, holds no row, or a line is not one JSON object
 */
export function readJsonLines(path: string | undefined): JsonRow[] {
  const rows: JsonRow[] = []
  for (const [index, line] of readTextFile(path).split('\n').entries()) {
    if (line.trim() === '') continue
    const place = `${path}:${index + 1}`
    rows.push({ number: rows.length, place, value: parseObject(line, place) })
  }
  if (rows.length === 0) throw new ConfigError(`${path}  holds no problems; give a file with one JSON object a line.`)
  return rows
}

/**
 * A text of a row, as it stands.
 * @throws ConfigError when it is missing, empty or no text
 */
export function textField(row: JsonRow, field: string): string {
  const value = row.value[field]
  if (typeof value === 'string' && value.trim() !== '') return value
  const found = value === undefined ? 'is missing' : typeof value === 'string' ? 'is empty' : 'is not a text'
  throw new ConfigError(`${row.place}  "${field}" ${found}; fix the row or map the field under fields.`)
}

/** Six digits, so that ids sort as their rows do. */
export function rowNumber(number: number): string {
  return String(number).padStart(6, '0')
}

function parseObject(line: string, place: string): Readonly<Record<string, unknown>> {
  let value: unknown
  try {
    value = JSON.parse(line)
  } catch (cause) {
    throw new ConfigError(
      `${place}  is not valid JSON (${(cause as Error).message}); each line must be one JSON object.`,
      { cause },
    )
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>
  throw new ConfigError(
    `${place}  is not a JSON object; each line must be one, like {"id":"a","question":"…","answer":"…"}.`,
  )
}
