/** What a file of problems holds: counts, lengths, levels, kinds of answers, and what comes twice. */

import { type Distribution, distributionOf } from '../core/measure/distribution.ts'
import { optional, required } from './datasets/fields.ts'
import type { JsonRow } from './files/json-lines.ts'
import { readTable } from './files/table.ts'

export interface ProblemStats {
  readonly file: string
  readonly rows: number
  /** Rows by level, subject and template, where they have any. */
  readonly levels: Readonly<Record<string, number>>
  readonly subjects: Readonly<Record<string, number>>
  readonly templates: number
  readonly answers: Readonly<Record<'integer' | 'decimal' | 'fraction' | 'other', number>>
  /** In words. */
  readonly question: Distribution
  /** In words; undefined where no row has a solution. */
  readonly solution: Distribution | undefined
  readonly duplicates: {
    /** Rows whose id an earlier row has. */
    readonly ids: number
    /** Rows whose question an earlier row asks, spaces and case aside. */
    readonly questions: number
    /** Rows whose question an earlier row asks with other numbers; those of `questions` are not counted again. */
    readonly butForNumbers: number
  }
}

/**
 * @param file JSONL, CSV, TSV, JSON or Parquet with the columns question and answer
 * @throws ConfigError when the file cannot be read or a row has no question or answer
 */
export function problemStats(file: string): ProblemStats {
  const rows = readTable(file)
  const questions = rows.map((row) => required(row, 'question'))
  const solutions = rows.flatMap((row) => optional(row, 'solution') ?? [])
  return {
    file,
    rows: rows.length,
    levels: countBy(rows, 'level'),
    subjects: countBy(rows, 'subject'),
    templates: Object.keys(countBy(rows, 'template')).length,
    answers: answerKinds(rows),
    question: lengthsOf(questions),
    solution: solutions.length === 0 ? undefined : lengthsOf(solutions),
    duplicates: duplicatesIn(rows, questions),
  }
}

function countBy(rows: readonly JsonRow[], field: string): Record<string, number> {
  const counts = new Map<string, number>()
  for (const row of rows) {
    const value = optional(row, field)
    if (value !== undefined) counts.set(value, (counts.get(value) ?? 0) + 1)
  }
  const order = new Intl.Collator('en', { numeric: true })
  return Object.fromEntries([...counts].sort(([a], [b]) => order.compare(a, b)))
}

function answerKinds(rows: readonly JsonRow[]): ProblemStats['answers'] {
  const kinds = { integer: 0, decimal: 0, fraction: 0, other: 0 }
  for (const row of rows) kinds[kindOf(required(row, 'answer').trim())]++
  return kinds
}

function kindOf(answer: string): keyof ProblemStats['answers'] {
  if (/^[-+]?\$?\d{1,3}(?:,\d{3})+$|^[-+]?\d+$/.test(answer)) return 'integer'
  if (/^[-+]?[\d,]*\.\d+$/.test(answer)) return 'decimal'
  return /^-?(?:\d+\/\d+|\\d?frac\{?-?\d+\}?\{?\d+\}?)$/.test(answer) ? 'fraction' : 'other'
}

function lengthsOf(texts: readonly string[]): Distribution {
  return distributionOf(texts.map((text) => text.split(/\s+/).filter((word) => word !== '').length))
}

function duplicatesIn(rows: readonly JsonRow[], questions: readonly string[]): ProblemStats['duplicates'] {
  const ids = new Set<string>()
  const asked = new Set<string>()
  const masked = new Set<string>()
  const counts = { ids: 0, questions: 0, butForNumbers: 0 }
  for (const [place, row] of rows.entries()) {
    const id = optional(row, 'id')
    if (id !== undefined && ids.has(id)) counts.ids++
    if (id !== undefined) ids.add(id)
    const question = (questions[place] ?? '').toLowerCase().replace(/\s+/g, ' ').trim()
    const shape = question.replace(/\d[\d,.]*/g, '#')
    if (asked.has(question)) counts.questions++
    else if (masked.has(shape)) counts.butForNumbers++
    asked.add(question)
    masked.add(shape)
  }
  return counts
}
