/** A recursive-descent parser for the expressions of a template; nothing is ever evaluated by the host language. */

import { TemplateFault } from './fault.ts'
import { parseAtom } from './parse-atom.ts'
import { createReader, type ParsedFormat, type Reader } from './reader.ts'
import type { BinaryOperator, Comparison, Expression } from './syntax.ts'
import { excerpt } from './tokens.ts'

const LONGEST = 20_000

/** @throws TemplateFault in one clause, without the place, which the caller knows */
export function parseExpression(source: string): Expression {
  const { expression, rest } = parseFormatted(source)
  if (rest !== '') throw new TemplateFault(`"${excerpt(rest)}" is not understood in "${excerpt(source)}"`)
  return expression
}

/** An expression and what is left of the source after it, from a top-level colon or `!` on. */
export function parseFormatted(source: string): ParsedFormat {
  if (source.length > LONGEST)
    throw new TemplateFault(`an expression has ${source.length} characters, above ${LONGEST}`)
  const reader = createReader(source, { ternary: parseTernary, or: parseOr, formatted: parseFormatted })
  const expression = parseList(reader)
  const next = reader.peek()
  return { expression, rest: next.kind === 'end' ? '' : source.slice(next.at) }
}

/** `a, b` without brackets is a tuple. */
function parseList(reader: Reader): Expression {
  const first = parseTernary(reader)
  if (reader.peek().text !== ',' || reader.peek().kind !== 'operator') return first
  const items = [first]
  while (reader.takeIf(',') !== undefined && reader.peek().kind !== 'end') items.push(parseTernary(reader))
  return { kind: 'list', items }
}

/** The whole grammar below a comma: `a if test else b`. */
function parseTernary(reader: Reader): Expression {
  return reader.deeper(() => {
    const then = parseOr(reader)
    if (reader.takeIf('if') === undefined) return then
    const test = parseOr(reader)
    reader.expect('else')
    return { kind: 'if', test, then, otherwise: parseTernary(reader) }
  })
}

/** Below a ternary: what may stand between `in` and `if` of a comprehension. */
function parseOr(reader: Reader): Expression {
  let left = parseAnd(reader)
  while (reader.takeIf('or') !== undefined) {
    reader.count()
    left = { kind: 'logic', operator: 'or', left, right: parseAnd(reader) }
  }
  return left
}

function parseAnd(reader: Reader): Expression {
  let left = parseNot(reader)
  while (reader.takeIf('and') !== undefined) {
    reader.count()
    left = { kind: 'logic', operator: 'and', left, right: parseNot(reader) }
  }
  return left
}

function parseNot(reader: Reader): Expression {
  if (reader.takeIf('not') === undefined) return parseComparison(reader)
  return reader.deeper(() => ({ kind: 'unary', operator: 'not', operand: parseNot(reader) }))
}

function parseComparison(reader: Reader): Expression {
  const first = parseBinary(reader, 0)
  const rest: { operator: Comparison; right: Expression }[] = []
  for (let operator = takeComparison(reader); operator !== undefined; operator = takeComparison(reader)) {
    rest.push({ operator, right: parseBinary(reader, 0) })
  }
  return rest.length === 0 ? first : { kind: 'compare', first, rest }
}

function takeComparison(reader: Reader): Comparison | undefined {
  if (reader.peek().text === 'not' && reader.peek(1).text === 'in') {
    reader.take()
    reader.take()
    return 'not in'
  }
  const operator = reader.takeIf('==', '!=', '<=', '>=', '<', '>', 'in', 'is')
  if (operator === 'is' && reader.takeIf('not') !== undefined) return 'is not'
  return operator as Comparison | undefined
}

/** Weakest first; all of them associate to the left. */
const LEVELS: readonly (readonly BinaryOperator[])[] = [['|'], ['^'], ['&'], ['+', '-'], ['*', '/', '//', '%']]

function parseBinary(reader: Reader, level: number): Expression {
  const operators = LEVELS[level]
  if (operators === undefined) return parseSign(reader)
  let left = parseBinary(reader, level + 1)
  for (let taken = reader.takeIf(...operators); taken !== undefined; taken = reader.takeIf(...operators)) {
    reader.count()
    left = { kind: 'binary', operator: taken as BinaryOperator, left, right: parseBinary(reader, level + 1) }
  }
  return left
}

/** A sign binds weaker than a power before it and stronger than one after: -2**-2 is -(2**(-2)). */
function parseSign(reader: Reader): Expression {
  const sign = reader.takeIf('-', '+')
  if (sign !== undefined) {
    return reader.deeper(() => ({ kind: 'unary', operator: sign as '-' | '+', operand: parseSign(reader) }))
  }
  const base = parseAtom(reader)
  if (reader.takeIf('**') === undefined) return base
  return reader.deeper(() => ({ kind: 'binary', operator: '**', left: base, right: parseSign(reader) }))
}
