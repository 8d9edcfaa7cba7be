/** Reads the named columns of a row into a problem; a column that is not there is said with those that are. */

import { ConfigError } from '../../core/errors.ts'
import { type JsonRow, rowNumber } from '../files/json-lines.ts'
import type { ImportedRow, ImportRequest } from '../importer.ts'
import type { TableFields } from '../source.ts'
import { choicesOf, withChoices } from './choices.ts'

/**
 * @param idPrefix of a row that has no id: its number comes behind it
 * @throws ConfigError when a column is missing, empty or no text and no number
 */
export function rowProblem(
  row: JsonRow,
  source: string,
  idPrefix: string,
  { split, spec: { fields = {} } }: ImportRequest,
): ImportedRow {
  const { question = 'question', answer = 'answer', id = 'id', level = 'level', subject = 'subject' } = fields
  const asked = (field: string, isMapped: boolean) => (isMapped ? required(row, field) : optional(row, field))
  const subjectText = asked(subject, fields.subject !== undefined)
  const parentQuestion = optional(row, 'parentQuestion')
  const text = required(row, question, fields)
  const gold = required(row, answer, fields)
  const worked = finalLine(gold)
  const stated = { question: text, answer: worked ?? gold }
  const choices =
    fields.choices === undefined ? undefined : choicesOf(row, valueAt(row, fields.choices), fields.choices)
  const more = {
    ...(subjectText === undefined ? {} : { subject: subjectText }),
    ...(worked === undefined ? {} : { solution: gold }),
  }
  return {
    place: row.place,
    ...(parentQuestion === undefined ? {} : { parentQuestion }),
    problem: {
      id: asked(id, fields.id !== undefined) ?? `${idPrefix}/${rowNumber(row.number)}`,
      split,
      source,
      level: asked(level, fields.level !== undefined),
      ...(choices === undefined ? stated : withChoices(row, stated, choices, valueAt(row, answer))),
    },
    ...(Object.keys(more).length === 0 ? {} : { more }),
  }
}

/** What follows `####` on the last line of a worked solution that stands in place of the answer, as in GSM8K. */
function finalLine(answer: string): string | undefined {
  const [, text] = /\n#### *([^\n#]*[^\n#\s])$/.exec(answer.trimEnd()) ?? []
  return text !== undefined && /^[-$]*\d{1,3}(,\d{3})+(\.\d+)?$/.test(text) ? text.replaceAll(',', '') : text
}

/**
 * A text as it stands, or a number as its shortest decimal text; a list of one is what it holds.
 * @param mapped the fields that are mapped already, where the message may suggest others
 * @throws ConfigError
 */
export function required(row: JsonRow, field: string, mapped?: TableFields): string {
  const value = valueAt(row, field)
  const text = asText(row, field, value)
  if (text !== undefined) return text
  if (typeof value === 'string')
    throw new ConfigError(`${row.place}  "${field}" is empty; mend the row or map another field under fields.`)
  const present = Object.keys(row.value).slice(0, 12).join(', ')
  const found = value === undefined || value === null ? 'is missing' : 'is not a text or a number'
  throw new ConfigError(
    `${row.place}  "${field}" ${found}; the row has ${present}: mend it or map the field under fields${suggestion(row, mapped)}.`,
  )
}

/** Names that question and answer have elsewhere, the likelier first. */
const ALSO_CALLED = {
  question: ['question', 'problem', 'Problem', 'Question', 'sQuestion', 'input', 'prompt', 'query', 'text', 'Body'],
  answer: [
    'answer',
    'final_answer',
    'final_ans',
    'expected_answer',
    'ground_truth',
    'Answer',
    'target',
    'gold',
    'correct',
    'lSolutions',
    'label',
    'key',
    'output',
  ],
} as const

/** `, perhaps question=input and answer=target (--field question=input)`; empty where nothing is like them. */
function suggestion({ value }: JsonRow, mapped: TableFields | undefined): string {
  if (mapped === undefined) return ''
  const pairs = (['question', 'answer'] as const).flatMap((name) => {
    const other = ALSO_CALLED[name].find((candidate) => candidate in value)
    return other === undefined || other === (mapped[name] ?? name) ? [] : [`${name}=${other}`]
  })
  return pairs.length === 0 ? '' : `, perhaps ${pairs.map((pair) => `--field ${pair}`).join(' ')}`
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
  if (Array.isArray(value) && value.length === 1) return asText(row, field, value[0])
  if (typeof value === 'string') return value.trim() === '' ? undefined : value
  if (typeof value !== 'number') return undefined
  if (Number.isFinite(value) && Math.abs(value) <= Number.MAX_SAFE_INTEGER) return String(value)
  throw new ConfigError(
    `${row.place}  "${field}" is a number too large to be kept exactly; write it as a text, in quotes.`,
  )
}
