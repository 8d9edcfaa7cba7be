/** Reads the named columns of a row into a problem; a column that is not there is said with those that are. */

import { ConfigError } from '../core/errors.ts'
import type { ImportedRow, ImportRequest } from './importer.ts'
import { type JsonRow, rowNumber } from './json-lines.ts'
import type { TableFields } from './source.ts'

/** @throws ConfigError when a column is missing, empty or no text and no number */
export function rowProblem(
  row: JsonRow,
  source: string,
  request: ImportRequest,
  fields: TableFields = {},
): ImportedRow {
  const { question = 'question', answer = 'answer', id = 'id', level = 'level', subject = 'subject' } = fields
  const asked = (field: string, isMapped: boolean) => (isMapped ? required(row, field) : optional(row, field))
  const subjectText = asked(subject, fields.subject !== undefined)
  const parentQuestion = optional(row, 'parentQuestion')
  return {
    place: row.place,
    ...(parentQuestion === undefined ? {} : { parentQuestion }),
    problem: {
      id: asked(id, fields.id !== undefined) ?? `${source}/${rowNumber(row.number)}`,
      split: request.split,
      source,
      level: asked(level, fields.level !== undefined),
      question: required(row, question),
      answer: required(row, answer),
    },
    ...(subjectText === undefined ? {} : { more: { subject: subjectText } }),
  }
}

/** A text as it stands, or a number as its shortest decimal text. @throws ConfigError */
export function required(row: JsonRow, field: string): string {
  const value = valueAt(row, field)
  const text = asText(row, field, value)
  if (text !== undefined) return text
  if (typeof value === 'string')
    throw new ConfigError(`${row.place}  "${field}" is empty; mend the row or map another field under fields.`)
  const present = Object.keys(row.value).slice(0, 12).join(', ')
  const found = value === undefined || value === null ? 'is missing' : 'is not a text or a number'
  throw new ConfigError(
    `${row.place}  "${field}" ${found}; the row has ${present}: mend it or map the field under fields.`,
  )
}

/** Undefined where the column is missing or empty. @throws ConfigError */
export function optional(row: JsonRow, field: string): string | undefined {
  return asText(row, field, valueAt(row, field))
}

/** `reward_model.ground_truth` reaches into a field, unless a column has that very name. */
function valueAt({ value }: JsonRow, field: string): unknown {
  if (field in value) return value[field]
  let inner: unknown = value
  for (const part of field.split('.')) {
    inner = typeof inner === 'object' && inner !== null ? (inner as Record<string, unknown>)[part] : undefined
  }
  return inner
}

function asText(row: JsonRow, field: string, value: unknown): string | undefined {
  if (typeof value === 'string') return value.trim() === '' ? undefined : value
  if (typeof value !== 'number') return undefined
  if (Number.isFinite(value) && Math.abs(value) <= Number.MAX_SAFE_INTEGER) return String(value)
  throw new ConfigError(
    `${row.place}  "${field}" is a number too large to be kept exactly; write it as a text, in quotes.`,
  )
}
