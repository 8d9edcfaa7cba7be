/** Problems as anyone can write them: rows {"id", "question", "answer", "level"}, columns renamed by `fields`. */

import { basename, extname } from 'node:path'
import { ConfigError } from '../core/errors.ts'
import type { ImportedRow, Importer } from './importer.ts'
import { type JsonRow, readJsonLines, rowNumber, textField } from './json-lines.ts'

/** An id that is missing becomes NAME/000123 by the order of the lines; NAME is by default the file's base name. */
export const jsonlImporter: Importer = {
  keys: ['path', 'take', 'level', 'fields'],
  read: ({ spec, split, path }): ImportedRow[] => {
    const source = spec.name ?? basename(path ?? '', extname(path ?? ''))
    const { question = 'question', answer = 'answer', id = 'id', level = 'level' } = spec.fields ?? {}
    return readJsonLines(path).map((row) => ({
      place: row.place,
      problem: {
        id: labelField(row, id) ?? `${source}/${rowNumber(row.number)}`,
        split,
        source,
        level: labelField(row, level),
        question: textField(row, question),
        answer: typeof row.value[answer] === 'number' ? numberText(row, answer) : textField(row, answer),
      },
    }))
  },
}

/** A number as its shortest decimal text, unless reading the file has already lost digits. */
function numberText(row: JsonRow, field: string): string {
  const value = Number(row.value[field])
  if (Number.isFinite(value) && Math.abs(value) <= Number.MAX_SAFE_INTEGER) return String(value)
  throw new ConfigError(
    `${row.place}  "${field}" is a number too large to be kept exactly; write it as a text, in quotes.`,
  )
}

/** An optional id or level: a text or a number. */
function labelField(row: JsonRow, field: string): string | undefined {
  const value = row.value[field]
  if (value === undefined || value === null) return undefined
  return typeof value === 'number' ? String(value) : textField(row, field)
}
