/** Cuts one expression into tokens: numbers, texts, names and operators of Python's kind. */

import { TemplateFault } from './fault.ts'

export interface Token {
  readonly kind: 'number' | 'text' | 'format' | 'name' | 'operator' | 'end'
  readonly text: string
  /** Characters before it. */
  readonly at: number
  readonly end: number
}

const SPACE = /(?:\s|\\\n)+/y
const NUMBER = /0[xX][\da-fA-F]+|0[bB][01]+|0[oO][0-7]+|(?:\d[\d_]*\.?[\d_]*|\.\d[\d_]*)(?:[eE][+-]?\d+)?/y
const NAME = /[$]?[\p{L}_][\p{L}\p{N}_]*/uy
const QUOTE = /([frbuFRBU]{0,2})('''|"""|'|")/y
const OPERATOR = /\/\/|\*\*|==|!=|<=|>=|->|:=|[-+*/%()[\]{},.:<>=&|^~@;!]/y
/** Signs that people type for Python's. */
const SIGNS: Readonly<Record<string, string>> = { '×': '*', '÷': '/', '−': '-', '≤': '<=', '≥': '>=', '≠': '!=' }
const ESCAPES: Readonly<Record<string, string>> = { n: '\n', t: '\t', '\n': '' }

/** @throws TemplateFault at a sign that no expression has, or at a text that does not end */
export function* tokensOf(source: string): Generator<Token> {
  let at = 0
  while (at < source.length) {
    const space = match(SPACE, source, at)
    if (space !== undefined) {
      at += space[0].length
      continue
    }
    // A comment ends the line.
    if (source[at] === '#') break
    const token = quoted(source, at) ?? plain(source, at)
    yield token
    at = token.end
  }
  yield { kind: 'end', text: 'the end', at: source.length, end: source.length }
}

function plain(source: string, at: number): Token {
  const number = match(NUMBER, source, at)
  if (number !== undefined)
    return { kind: 'number', text: decimal(number[0].replaceAll('_', '')), at, end: at + number[0].length }
  const name = match(NAME, source, at)
  if (name !== undefined) return { kind: 'name', text: name[0].replace('$', ''), at, end: at + name[0].length }
  const sign = SIGNS[source[at] ?? '']
  if (sign !== undefined) return { kind: 'operator', text: sign, at, end: at + 1 }
  const operator = match(OPERATOR, source, at)
  if (operator !== undefined) return { kind: 'operator', text: operator[0], at, end: at + operator[0].length }
  throw new TemplateFault(`the sign ${JSON.stringify(source[at])} is not understood in "${excerpt(source)}"`)
}

/** 0x1f in digits. */
function decimal(text: string): string {
  return /^0[xXbBoO]/.test(text) ? String(BigInt(text)) : text
}

function quoted(source: string, at: number): Token | undefined {
  const [opening, prefix = '', quote = ''] = match(QUOTE, source, at) ?? []
  if (opening === undefined) return undefined
  const isRaw = /r/i.test(prefix)
  let text = ''
  for (let i = at + opening.length; i < source.length; i++) {
    const sign = source[i] ?? ''
    if (source.startsWith(quote, i)) {
      return { kind: /f/i.test(prefix) ? 'format' : 'text', text, at, end: i + quote.length }
    }
    if (sign === '\\' && !isRaw) {
      const [, code] = /^\\(?:u([\da-fA-F]{4})|x([\da-fA-F]{2}))/.exec(source.slice(i, i + 6))?.filter(Boolean) ?? []
      if (code !== undefined) {
        text += String.fromCharCode(Number.parseInt(code, 16))
        i += code.length + 1
        continue
      }
      const escaped = source[++i] ?? ''
      text += ESCAPES[escaped] ?? (/['"\\{}]/.test(escaped) ? escaped : `\\${escaped}`)
    } else text += sign
  }
  throw new TemplateFault(`a text in quotes does not end in "${excerpt(source)}"`)
}

function match(pattern: RegExp, source: string, at: number): RegExpExecArray | undefined {
  pattern.lastIndex = at
  return pattern.exec(source) ?? undefined
}

/** As much of a source as a message should hold. */
export function excerpt(source: string): string {
  const line = source.trim().replace(/\s+/g, ' ')
  return line.length > 80 ? `${line.slice(0, 80)}…` : line
}
