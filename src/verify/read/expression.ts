/** One expression: our spelling back to plain LaTeX, through the parser, to our tree. */

import { createRational, negate } from '../algebra/rational.ts'
import type { Steps } from '../algebra/steps.ts'
import { bracePowers } from '../spelling/powers.ts'
import { type Expression, numberOf, symbolOf } from '../tree.ts'
import { fromMathJson } from './from-mathjson.ts'
import { loadParser, parseLatex } from './latex-parser.ts'
import { parsePlainLatex } from './plain-latex.ts'

// Nested as deep as they are many, for the parser and for all that follows it.
const MANY_SIGNS = /(?:[-+!'°]\s*){40}|(?:\\[a-z]+\s*){40}/
// To some the product of every third number, to others a factorial of a factorial.
const THREE_FACTORIALS = /!\s*!\s*!/
// The parser backtracks: a longer formula is not an answer.
const MOST_CHARACTERS = 2_048
const SIMPLE_INTEGER = /^-?\d{1,300}$/
const SIMPLE_FRACTION = /^(-?)\s*\\frac\{\s*(-?\d{1,200})\s*\}\{\s*(\d{1,200})\s*\}$/

/** Undefined where it is not an expression. */
export function readExpression(text: string, steps: Steps): Expression | undefined {
  const bare = text.trim()
  if (SIMPLE_INTEGER.test(bare)) {
    return { kind: 'number', value: { numerator: BigInt(bare), denominator: 1n }, decimals: undefined }
  }
  if (MANY_SIGNS.test(bare) || THREE_FACTORIALS.test(bare)) return undefined
  const simple = readSimple(bare)
  if (simple) return simple
  if (
    bare === '' ||
    /^_|__/.test(bare) ||
    bare.length > MOST_CHARACTERS ||
    /[?\ue000\ue001,;=<>≤≥≠∈∪∩∖→%∧∨⋀⋁]/.test(withoutArguments(bare))
  )
    return undefined
  steps.spend(20 + bare.length)
  loadParser()
  const latex = toLatex(/\s!/.test(bare) ? bare.replace(/\s+!/g, '!') : bare)
  const json = parsePlainLatex(latex) ?? parseLatex(latex)
  return json === undefined ? undefined : fromMathJson(json, steps)
}

/** A letter, or a fraction of whole numbers: a third of all expressions, which the parser need not see. */
function readSimple(text: string): Expression | undefined {
  if (/^[A-Za-z]$/.test(text)) return symbolOf(text === 'e' ? 'E' : text === 'i' ? 'I' : text)
  const [, sign, top, bottom] = SIMPLE_FRACTION.exec(text) ?? []
  if (top === undefined || bottom === undefined) return undefined
  const value = createRational(BigInt(top), BigInt(bottom))
  return value && numberOf(sign === '-' ? negate(value) : value)
}

/** Commas separate arguments inside brackets; outside they are ours. */
function withoutArguments(text: string): string {
  return text.replace(/\([^()]*\)|_\s*\{[^{}]*\}|\\(?:sum|prod|int|lim)(?:\s*_\s*\{[^{}]*\}|_\S)?/g, '')
}

// To the parser \sin x \cdot y is the sine of a product; to people it is a product.
const APPLIED =
  /(\\(?:sin|cos|tan|cot|sec|csc|sinh|cosh|tanh|arcsin|arccos|arctan|ln|lg|log|exp)(?![A-Za-z])(?:\s*[_^]\s*(?:\{[^{}]*\}|\w))*)\s*((?:\\frac\s*\{[^{}]*\}\s*\{[^{}]*\}|\\sqrt\s*\{[^{}]*\}|\\(?:alpha|beta|gamma|delta|theta|phi|pi|omega|lambda|mu)(?![A-Za-z])|\{[^{}]*\}|[A-Za-z0-9.\s])+?)(?=\s*\\(?:cdot|times|ln|log|exp|sin|cos|tan|cot|sec|csc|arctan|arcsin|arccos)(?![A-Za-z]))/g

// Characters and commands that some rule below looks for; two numbers side by side, a fraction of digits, a power before an index.
const NOT_LATEX =
  /[[\]⦃⦄⟨⟩…→∞°]|\^\s*\(|\d\s+\d|\d\s*\/|\^[^_]*_|\\(?:sin|cos|tan|cot|sec|csc|arc|ln|lg|log|exp|int|ceil|floor|bmod)|^\s|\s$/

function toLatex(text: string): string {
  if (!NOT_LATEX.test(text)) return text
  const round = /\\sqrt\s*\[/.test(text) ? text : text.replace(/\[/g, '(').replace(/\]/g, ')')
  return (
    bracePowers(round)
      // To the parser a base of ten is not a base, and no base may also be natural.
      .replace(/\\log\s*_\s*(?:\{\s*10\s*\}|10(?!\d))/g, '\\lg ')
      .replace(APPLIED, '$1($2)')
      // From left to right: 1/2x is half of x.
      .replace(
        /(?<![\w}.^])(\d{1,9})\s*\/\s*(\d{1,9})\s*(?=[A-Za-z(]|\\(?:sqrt|pi|ln|sin|cos|tan)(?![A-Za-z]))/g,
        '\\frac{$1}{$2}',
      )
      .replace(/\s*…\s*/g, '\\mathrm{dots}')
      .replace(/⦃/g, '(')
      .replace(/⦄/g, ')')
      .replace(/⟨/g, '(')
      .replace(/⟩/g, ')')
      .replace(/→/g, '\\to ')
      .replace(/∞/g, '\\infty ')
      .replace(/\\int\s*(?=d\s*(?:[a-z]|\\theta)\s*$)/, '\\int 1 ')
      .replace(/°/g, '^{\\circ}')
      .replace(/(?<!_\d{0,4})(\d)\s+(?=\d+\s*\\frac|\d+\s*\/)/g, '$1\\cdot ')
      .replace(/(?<!_\d{0,4})(?<=\d)\s+(?=\d)/g, '\\cdot ')
      .replace(/\\mathbb\{([A-Z])\}/g, '\\mathbb{$1}')
      .replace(/\s*\^\s*(\{[^{}]*\}|\w)\s*_\s*(\{[^{}]*\}|\w)/g, '_$2^$1')
      .replace(/\\int\s*[({](.*d\s*(?:[a-z]|\\[a-z]+))\s*[)}]$/, '\\int $1')
      .replace(/\\(ceil|floor)\s*\{([^{}]*)\}/g, '\\$1($2)')
      .replace(/\\ceil\s*\(/g, '\\operatorname{ceil}(')
      .replace(/\\floor\s*\(/g, '\\operatorname{floor}(')
      .replace(/\\bmod(?![A-Za-z])/g, '\\mod')
      .trim()
  )
}
