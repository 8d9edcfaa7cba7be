/** Reads the named columns of a row into a problem; a column that is not there is said with those that are. */

import type { GoldList } from '../../core/datasets.ts'
import { ConfigError } from '../../core/errors.ts'
import { type JsonRow, rowNumber } from '../files/json-lines.ts'
import { goldOf } from '../golds.ts'
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
  { split, spec: { fields = {}, golds } }: ImportRequest,
): ImportedRow {
  const { question = 'question', answer = 'answer', id = 'id', level = 'level', subject = 'subject' } = fields
  const asked = (field: string, isMapped: boolean) => (isMapped ? required(row, field) : optional(row, field))
  const parentQuestion = optional(row, 'parentQuestion')
  const text = required(row, question, fields)
  const gold = goldText(row, answer, golds, fields)
  const worked = finalLine(gold)
  const stated = { question: text, answer: worked ?? gold }
  const choices =
    fields.choices === undefined ? undefined : choicesOf(row, valueAt(row, fields.choices), fields.choices)
  const subjectText = label(row, subject)
  const rate = fields.solveRate === undefined ? undefined : solveRateOf(row, fields.solveRate)
  const more = {
    ...(subjectText === undefined ? {} : { subject: subjectText }),
    ...(worked === undefined ? {} : { solution: gold }),
    ...(rate === undefined ? {} : { solveRate: rate }),
  }
  return {
    place: row.place,
    ...(parentQuestion === undefined ? {} : { parentQuestion }),
    problem: {
      id: asked(id, fields.id !== undefined) ?? `${idPrefix}/${rowNumber(row.number)}`,
      split,
      source,
      level: label(row, level),
      ...(choices === undefined ? stated : withChoices(row, stated, choices, valueAt(row, answer))),
      ...(rate === undefined ? {} : { solveRate: rate }),
    },
    ...(Object.keys(more).length === 0 ? {} : { more }),
  }
}

/** What follows `####` on the last line of a worked solution that stands in place of the answer, as in GSM8K. */
function finalLine(answer: string): string | undefined {
  const [, text] = /\n#### *([^\n#]*[^\n#\s])$/.exec(answer.trimEnd()) ?? []
  return text !== undefined && /^[-$]*\d{1,3}(,\d{3})+(\.\d+)?$/.test(text) ? text.replaceAll(',', '') : text
}

function goldText(row: JsonRow, field: string, golds: GoldList | undefined, mapped: TableFields): string {
  const value = valueAt(row, field)
  if (value === undefined || typeof value === 'number') return required(row, field, mapped)
  const gold = goldOf(value, golds)
  if ('answer' in gold) return gold.answer
  throw new ConfigError(`${row.place}  ${gold.reason}.`)
}

/** A column that only sorts rows: a text or a number, or a list of them; whatever else it holds says nothing. */
function label(row: JsonRow, field: string): string | undefined {
  const value = valueAt(row, field)
  const items = Array.isArray(value) ? value : [value]
  const texts = items.filter((item) => typeof item === 'number' || (typeof item === 'string' && item.trim() !== ''))
  return texts.length === 0 ? undefined : texts.join(', ')
}

/** A share from 0 to 1; null, "n/a" and an empty text say that nobody measured it. */
function solveRateOf(row: JsonRow, field: string): number | undefined {
  const value = valueAt(row, field)
  if (value === null || value === undefined || /^(?:n\/?a|nan)?$/i.test(String(value).trim())) return undefined
  const rate = Number(value)
  if (rate >= 0 && rate <= 1) return rate
  throw new ConfigError(`${row.place}  "${field}" is ${String(value).slice(0, 40)}, not a share from 0 to 1.`)
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
    throw new ConfigError(`${row.place}  "${field}" is empty; fix the row or map another field under fields.`)
  const present = Object.keys(row.value).slice(0, 12).join(', ')
  const found = value === undefined || value === null ? 'is missing' : 'is not a text or a number'
  const inner = value === undefined || value === null ? '' : reaching(field, value)
  throw new ConfigError(
    `${row.place}  "${field}" ${found}; the row has ${present}: fix it or map the field under fields${inner || suggestion(row, mapped)}.`,
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

/** Where the question stands in a list of messages, the answer in a record. */
function reaching(field: string, value: unknown): string {
  const path = innerText(value)
  return path === undefined ? '' : `, perhaps ${field}.${path}`
}

function innerText(value: unknown, depth = 0): string | undefined {
  if (typeof value !== 'object' || value === null || depth > 2) return undefined
  for (const [key, inner] of Object.entries(value)) {
    if (typeof inner === 'string' && inner.trim() !== '') return key
    const deeper = innerText(inner, depth + 1)
    if (deeper !== undefined) return `${key}.${deeper}`
  }
  return undefined
}

/** `, perhaps question=input and answer=target (--field question=input)`; empty where nothing is like them. */
function suggestion({ value }: JsonRow, mapped: TableFields | undefined): string {
  if (mapped === undefined) return ''
  const pairs = (['question', 'answer'] as const).flatMap((name) => {
    const other = ALSO_CALLED[name].find((candidate) => candidate in value)
    if (other === undefined || other === (mapped[name] ?? name)) return []
    const inner = innerText(value[other])
    return [`${name}=${other}${inner === undefined ? '' : `.${inner}`}`]
  })
  return pairs.length === 0 ? '' : `, perhaps ${pairs.map((pair) => `--field ${pair}`).join(' ')}`
}

/** Undefined where the column is missing or empty. @throws ConfigError */
export function optional(row: JsonRow, field: string): string | undefined {
  return asText(row, field, valueAt(row, field))
}

/** `reward_model.ground_truth` reaches into a field, unless a column has that very name. */
export function valueAt({ value }: JsonRow, field: string): unknown {
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
