/** A place among the tokens of an expression, shared by the parts of the grammar. */

import { TemplateFault } from './fault.ts'
import type { Expression } from './syntax.ts'
import { excerpt, type Token, tokensOf } from './tokens.ts'

export interface ParsedFormat {
  readonly expression: Expression
  /** What stands after the expression, from a colon or `!` on; empty where nothing does. */
  readonly rest: string
}

/** The parts of the grammar that its innermost forms come back to. */
export interface Grammar {
  readonly ternary: (reader: Reader) => Expression
  readonly or: (reader: Reader) => Expression
  readonly formatted: (source: string) => ParsedFormat
}

/** What the parts of the grammar share: a place among the tokens. */
export interface Reader {
  /** The token ahead, so many further on. */
  readonly peek: (ahead?: number) => Token
  readonly take: () => Token
  /** Takes the token ahead if it is one of these operators or words. */
  readonly takeIf: (...texts: readonly string[]) => string | undefined
  readonly expect: (text: string) => void
  readonly refuse: (what: string) => TemplateFault
  /** The grammar below a comma: `a if test else b`. */
  readonly ternary: () => Expression
  /** Below a ternary: what may stand between `in` and `if` of a comprehension. */
  readonly or: () => Expression
  /** Another source, read as an expression and what is left after it. */
  readonly formatted: (source: string) => ParsedFormat
  /** Reads what follows one level deeper. @throws TemplateFault above 100 levels */
  readonly deeper: <T>(read: () => T) => T
  /** Counts an operator, index or call: each makes the tree one deeper. @throws TemplateFault above 400 */
  readonly count: () => void
}

const DEEPEST = 100
const MOST_OPERATORS = 400

export function createReader(source: string, grammar: Grammar): Reader {
  const tokens: Token[] = []
  // Read on demand, so that a format after the expression need not be made of tokens.
  const stream = tokensOf(source)
  let place = 0
  let depth = 0
  let operators = 0
  const peek = (ahead = 0): Token => {
    while (tokens.length <= place + ahead) {
      const next = stream.next()
      if (next.done === true) return tokens.at(-1) as Token
      tokens.push(next.value)
    }
    return tokens[place + ahead] as Token
  }
  const take = (): Token => {
    const token = peek()
    place++
    return token
  }
  const refuse = (what: string) => new TemplateFault(`${what} in "${excerpt(source)}"`)
  const takeIf = (...texts: readonly string[]) => {
    const { kind, text } = peek()
    return (kind === 'operator' || kind === 'name') && texts.includes(text) ? take().text : undefined
  }
  const reader: Reader = {
    peek,
    take,
    takeIf,
    refuse,
    expect: (text) => {
      if (takeIf(text) === undefined) throw refuse(`${peek().text} stands where ${text} is expected`)
    },
    ternary: () => grammar.ternary(reader),
    or: () => grammar.or(reader),
    formatted: grammar.formatted,
    count: () => {
      if (++operators > MOST_OPERATORS) throw refuse(`more than ${MOST_OPERATORS} operators`)
    },
    deeper: (read) => {
      if (++depth > DEEPEST) throw refuse(`more than ${DEEPEST} levels of brackets`)
      const result = read()
      depth--
      return result
    },
  }
  return reader
}
