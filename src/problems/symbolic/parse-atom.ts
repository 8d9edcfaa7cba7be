/** The innermost forms: numbers, texts, names, brackets, and the calls, indexes and attributes that follow them. */

import { fromDecimal } from './exact.ts'
import { TemplateFault } from './fault.ts'
import type { Reader } from './reader.ts'
import { parseSlots } from './slots.ts'
import type { Arguments, Expression, Formatted } from './syntax.ts'

/** Statements and forms of Python that no template is allowed. */
const REFUSED = ['while', 'def', 'class', 'import', 'from', 'return', 'yield', 'await', 'async', 'exec', 'del']
const RESERVED = ['if', 'else', 'for', 'in', 'and', 'or', 'is']
/** Modules whose names stand before their functions. */
const MODULES = ['np', 'numpy', 'math', 'random', 'fractions', 'Fraction', 'itertools', 'statistics']

export function parseAtom(reader: Reader): Expression {
  let target = parseBare(reader)
  for (let links = 0; ; links++) {
    if (links > 0) reader.count()
    if (reader.takeIf('.') !== undefined) target = parseAfterDot(reader, target)
    else if (reader.takeIf('[') !== undefined) target = parseIndex(reader, target)
    else if (reader.peek().text === '(' && reader.peek().kind === 'operator') target = parseCall(reader, target)
    else return target
  }
}

function parseBare(reader: Reader): Expression {
  const token = reader.take()
  if (token.kind === 'number') return { kind: 'number', value: fromDecimal(token.text) }
  if (token.kind === 'text' || token.kind === 'format') return parseTexts(reader, token.kind === 'format', token.text)
  if (token.kind === 'name') return parseName(reader, token.text)
  if (token.kind === 'operator') {
    if (token.text === '(') return reader.deeper(() => parseBracket(reader, ')'))
    if (token.text === '[') return reader.deeper(() => parseBracket(reader, ']'))
    if (token.text === '{') return reader.deeper(() => parseBraces(reader))
  }
  throw reader.refuse(`${token.text} is not understood`)
}

function parseName(reader: Reader, name: string): Expression {
  if (name === 'True' || name === 'False') return { kind: 'constant', value: name === 'True' }
  if (name === 'None') return { kind: 'constant', value: undefined }
  if (REFUSED.includes(name)) throw new TemplateFault(`the form ${name} is not supported`)
  if (name === 'lambda') return reader.deeper(() => parseLambda(reader))
  if (RESERVED.includes(name)) throw reader.refuse(`${name} stands where a value is expected`)
  return { kind: 'name', name }
}

function parseLambda(reader: Reader): Expression {
  const targets: string[] = []
  while (reader.takeIf(':') === undefined) {
    targets.push(nameOf(reader))
    if (reader.takeIf(',') === undefined && reader.peek().text !== ':') reader.expect(':')
  }
  return { kind: 'lambda', targets, body: reader.ternary() }
}

function nameOf(reader: Reader): string {
  const token = reader.take()
  if (token.kind === 'name') return token.text
  throw reader.refuse(`${token.text} stands where a name is expected`)
}

/** Neighbouring texts are one text. */
function parseTexts(reader: Reader, isFormat: boolean, text: string): Expression {
  const parts: (string | Formatted)[] = isFormat ? formatParts(reader, text) : [text]
  while (reader.peek().kind === 'text' || reader.peek().kind === 'format') {
    const next = reader.take()
    parts.push(...(next.kind === 'format' ? formatParts(reader, next.text) : [next.text]))
  }
  const texts = parts.filter((part) => typeof part === 'string')
  return texts.length === parts.length ? { kind: 'text', value: texts.join('') } : { kind: 'joined', parts }
}

function formatParts(reader: Reader, text: string): (string | Formatted)[] {
  return parseSlots(text).map((part) => {
    if (typeof part === 'string') return part
    const { expression, rest } = reader.formatted(part.source)
    return { expression, format: rest }
  })
}

/** After `(` or `[`: a group, a tuple, a list or a comprehension. Tuples and lists are the same here. */
function parseBracket(reader: Reader, closing: ')' | ']'): Expression {
  if (reader.takeIf(closing) !== undefined) return { kind: 'list', items: [] }
  const first = parseItem(reader)
  if (reader.peek().text === 'for') return parseComprehension(reader, first, closing)
  const items = [first]
  let isTuple = closing === ']'
  while (reader.takeIf(',') !== undefined) {
    isTuple = true
    if (reader.peek().text === closing) break
    items.push(parseItem(reader))
  }
  reader.expect(closing)
  return isTuple ? { kind: 'list', items } : first
}

function parseItem(reader: Reader): Expression {
  return reader.takeIf('*') === undefined ? reader.ternary() : { kind: 'starred', value: reader.or() }
}

function parseComprehension(reader: Reader, element: Expression, closing: string): Expression {
  const comprehension = parseLoops(reader, element)
  reader.expect(closing)
  return comprehension
}

/** `for a in x for b in y`: the second loop runs within the first. */
function parseLoops(reader: Reader, element: Expression): Expression {
  reader.expect('for')
  const isBracketed = reader.takeIf('(') !== undefined
  const targets = [nameOf(reader)]
  while (reader.takeIf(',') !== undefined) targets.push(nameOf(reader))
  if (isBracketed) reader.expect(')')
  reader.expect('in')
  const source = reader.or()
  const conditions: Expression[] = []
  while (reader.takeIf('if') !== undefined) conditions.push(reader.or())
  const isNested = reader.peek().text === 'for'
  const inner = isNested ? reader.deeper(() => parseLoops(reader, element)) : element
  return { kind: 'comprehension', element: inner, isNested, targets, source, conditions }
}

/** A dictionary, or a set, which is a list without repetitions. */
function parseBraces(reader: Reader): Expression {
  const entries: (readonly [Expression, Expression])[] = []
  const items: Expression[] = []
  while (reader.takeIf('}') === undefined) {
    const key = reader.ternary()
    const value = reader.takeIf(':') === undefined ? undefined : reader.ternary()
    if (reader.peek().text === 'for' && entries.length + items.length === 0) return parseBraced(reader, key, value)
    if (value !== undefined) entries.push([key, value])
    else items.push(key)
    if (reader.takeIf(',') === undefined && reader.peek().text !== '}') reader.expect('}')
  }
  if (entries.length > 0 && items.length > 0) throw reader.refuse('a mixture of a set and a dictionary')
  if (items.length === 0) return { kind: 'dictionary', entries }
  return { kind: 'call', name: 'set', given: { positional: [{ kind: 'list', items }], named: {} } }
}

/** `{key: value for …}` is a dictionary of pairs, `{item for …}` a set. */
function parseBraced(reader: Reader, key: Expression, value: Expression | undefined): Expression {
  const element: Expression = value === undefined ? key : { kind: 'list', items: [key, value] }
  const positional = [parseComprehension(reader, element, '}')]
  return { kind: 'call', name: value === undefined ? 'set' : 'dict', given: { positional, named: {} } }
}

function parseAfterDot(reader: Reader, target: Expression): Expression {
  const name = reader.take().text
  if (target.kind === 'name' && (MODULES.includes(target.name) || target.name.includes('.'))) {
    return { kind: 'name', name: `${target.name}.${name}` }
  }
  if (reader.peek().text !== '(') return { kind: 'attribute', target, name }
  return { kind: 'method', target, name, given: parseArguments(reader) }
}

function parseCall(reader: Reader, target: Expression): Expression {
  if (target.kind !== 'name') throw reader.refuse('a call of something that has no name is not supported')
  return { kind: 'call', name: target.name, given: parseArguments(reader) }
}

function parseArguments(reader: Reader): Arguments {
  return reader.deeper(() => {
    reader.expect('(')
    const positional: Expression[] = []
    const named: Record<string, Expression> = {}
    while (reader.takeIf(')') === undefined) {
      if (reader.peek().kind === 'name' && reader.peek(1).text === '=' && reader.peek(1).kind === 'operator') {
        const name = reader.take().text
        reader.take()
        named[name] = reader.ternary()
      } else {
        const value = parseItem(reader)
        // A generator as the only argument: sum(x for x in list).
        if (reader.peek().text === 'for') return { positional: [parseComprehension(reader, value, ')')], named }
        positional.push(value)
      }
      if (reader.takeIf(',') === undefined && reader.peek().text !== ')') reader.expect(')')
    }
    return { positional, named }
  })
}

function parseIndex(reader: Reader, target: Expression): Expression {
  return reader.deeper(() => {
    const bounds: [Expression?, Expression?, Expression?] = [undefined, undefined, undefined]
    let place = 0
    while (reader.peek().text !== ']') {
      if (reader.takeIf(':') !== undefined) place++
      else if (place > 2 || bounds[place] !== undefined) throw reader.refuse(`${reader.peek().text} is not understood`)
      else bounds[place] = reader.ternary()
    }
    reader.expect(']')
    const [index] = bounds
    if (place > 0) return { kind: 'slice', target, bounds }
    if (index === undefined) throw reader.refuse('empty square brackets')
    return { kind: 'index', target, index }
  })
}
