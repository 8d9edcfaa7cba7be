/** The rows of a table as problems: those that `where` asks for, each question once where that is wanted, odd ones left out. */

import { ConfigError } from '../../core/errors.ts'
import type { JsonRow } from '../files/json-lines.ts'
import type { RowsWanted } from '../files/parquet.ts'
import type { ImportedRow, ImportRequest } from '../importer.ts'
import type { SourceSpec } from '../source.ts'
import { type Condition, conditionsOf, isMet, shown } from '../where.ts'
import { rowProblem, valueAt } from './fields.ts'

/** What a source may say of the rows of a table. */
export const ROW_KEYS = ['where', 'dedupe', 'strict', 'golds'] as const

/**
 * A row that cannot be used is left out and handed to `request.odd`, unless `strict`.
 * @param idPrefix of a row that has no id: its number comes behind it
 * @throws ConfigError where no row can be used, with the first one's reason, or the first odd row under `strict`
 */
export function rowProblems(
  rows: readonly JsonRow[],
  source: string,
  idPrefix: string,
  request: ImportRequest,
): ImportedRow[] {
  const { spec, odd } = request
  const conditions = conditionsOf(spec.where)
  requireColumns(rows, conditions)
  const asked = new Set<string>()
  const found: ImportedRow[] = []
  let first: ConfigError | undefined
  for (const row of rows) {
    const unmet = conditions.find((condition) => !isMet(condition, valueAt(row, condition.field)))
    if (unmet !== undefined) {
      const held = shown(valueAt(row, unmet.field)).slice(0, 40)
      odd({ place: row.place, reason: `has ${unmet.field} "${held}", where ${unmet.text} is asked`, kept: false })
      continue
    }
    const problem = problemOf(row, source, idPrefix, request)
    if (problem instanceof ConfigError) {
      first ??= problem
      odd({ place: row.place, reason: reasonOf(row, problem), kept: false })
    } else if (spec.dedupe && asked.has(questionOf(problem))) {
      odd({ place: row.place, reason: 'asks a question again that an earlier row asks', kept: false })
    } else {
      if (spec.dedupe) asked.add(questionOf(problem))
      found.push(problem)
    }
  }
  if (found.length > 0) return found
  if (first !== undefined) throw first
  throw new ConfigError(`${rows[0]?.place ?? 'The file'}  and ${rows.length - 1} more rows are left out by where.`)
}

/** The problem of a row, or why there is none. @throws ConfigError under `strict` */
function problemOf(row: JsonRow, source: string, idPrefix: string, request: ImportRequest): ImportedRow | ConfigError {
  try {
    return rowProblem(row, source, idPrefix, request)
  } catch (error) {
    if (error instanceof ConfigError && !request.spec.strict) return error
    throw error
  }
}

/** The sentence of an error behind its place. */
function reasonOf({ place }: JsonRow, { message }: ConfigError): string {
  return message.replace(`${place}  `, '').replace(/\.$/, '')
}

/** What a table has to give of a source: with `dedupe`, the first row of each question and no more; otherwise all. */
export function rowsWanted({ fields = {}, where, dedupe }: SourceSpec): RowsWanted | undefined {
  if (!dedupe) return undefined
  const distinct = fields.question ?? 'question'
  const named = Object.values(fields).filter((field) => field !== undefined)
  const defaults = ['question', 'answer', 'id', 'level', 'subject', 'parentQuestion']
  return { distinct, fields: [...named, ...defaults, ...conditionsOf(where).map(({ field }) => field)] }
}

function questionOf({ problem }: ImportedRow): string {
  return problem.question.trim().replace(/\s+/g, ' ')
}

/** A condition on a column that no row has is a slip of the pen. */
function requireColumns(rows: readonly JsonRow[], conditions: readonly Condition[]): void {
  const missing = conditions.find(({ field }) => rows.every((row) => valueAt(row, field) === undefined))
  const [first] = rows
  if (missing === undefined || first === undefined) return
  const present = Object.keys(first.value).slice(0, 12).join(', ')
  throw new ConfigError(`${first.place}  where ${missing.text}: no row has ${missing.field}; the rows have ${present}.`)
}
