/** SVAMP as published: one JSON array of bodies and questions with an equation and its value. */

import type { JsonRow } from '../files/json-lines.ts'
import { rowsOf } from '../files/table.ts'
import type { ImportedRow, Importer, ImportRequest } from '../importer.ts'
import { compile } from '../symbolic/compile.ts'
import { isNumeric } from '../symbolic/exact.ts'
import { compare } from '../symbolic/exact-functions.ts'
import { TemplateFault } from '../symbolic/fault.ts'
import { readWords } from '../symbolic/number-words.ts'
import { parseExpression } from '../symbolic/parse-expression.ts'
import { createScope, textOf, type Value } from '../symbolic/value.ts'
import { optional, required } from './fields.ts'

/** Ids are the dataset's own: `svamp/chal-12`. Answers are written 51.0 and mean 51. */
export const svampImporter: Importer = {
  keys: ['path', 'take'],
  read: (request) => rowsOf(request).map((row) => toProblem(row, request)),
}

/** Types misspelt in the published file. */
const SPELLING: Readonly<Record<string, string>> = { 'Common-Divison': 'Common-Division' }

function toProblem(row: JsonRow, { spec, split, odd }: ImportRequest): ImportedRow {
  const source = spec.name ?? 'svamp'
  const answer = required(row, 'Answer').replace(/\.0+$/, '')
  const written = optional(row, 'Type')
  const type = written === undefined ? undefined : (SPELLING[written] ?? written)
  if (type !== written) odd({ place: row.place, reason: `has the type "${written}", read as ${type}`, kept: true })
  const equation = optional(row, 'Equation')
  const value = equation === undefined ? undefined : equationValue(equation)
  if (value !== undefined && !isEqual(value, answer)) {
    const reason = `has the answer ${answer}, while its equation ${equation?.trim()} gives ${textOf(value)}; its answer is kept`
    odd({ place: row.place, reason, kept: true })
  }
  return {
    place: row.place,
    problem: {
      id: `${source}/${required(row, 'ID')}`,
      split,
      source,
      level: undefined,
      question: joinBody(required(row, 'Body'), required(row, 'Question')),
      answer,
    },
    more: { ...(type === undefined ? {} : { type }), ...(equation === undefined ? {} : { equation: equation.trim() }) },
  }
}

/**
 * One text of the two. Many bodies break off without punctuation: after `If …` the question continues behind a comma, after
 * a statement it starts again behind a full stop.
 */
export function joinBody(body: string, question: string): string {
  const [start, end] = [body.trim(), question.trim()]
  if (start === '') return end
  if (/[.?!,;:]["')\]]*$/.test(start)) return `${start} ${end}`
  const sentence = start.split(/[.?!]\s+/).at(-1) ?? start
  if (!/^(?:if|when|after|since|given|suppose)\b/i.test(sentence)) return `${start}. ${end}`
  return `${start}, ${/^(?:How|What|About|Total|Together)\b/.test(end) ? end.charAt(0).toLowerCase() + end.slice(1) : end}`
}

/** Undefined where the equation is none. */
function equationValue(equation: string): Value {
  try {
    return compile(parseExpression(equation), { places: new Map(), lists: {} })(createScope())
  } catch (error) {
    if (error instanceof TemplateFault) return undefined
    throw error
  }
}

function isEqual(value: Value, answer: string): boolean {
  const number = readWords(answer)
  return isNumeric(value) && number !== undefined && compare(value, number) === 0
}
