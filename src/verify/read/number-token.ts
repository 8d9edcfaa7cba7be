/** Reads one unsigned number at a place in a text: integers, decimals, thousands separators, LaTeX fractions, powers of ten. */

import { createRational, divide, multiply, negate, type Rational } from '../algebra/rational.ts'
import type { VerifyLimits } from '../limits.ts'

/** Where reading stopped and what was read; `wholeNumber` says that only digits were seen. */
export interface NumberToken {
  readonly kind: 'token'
  readonly value: Rational
  readonly end: number
  readonly wholeNumber: boolean
}
export type TokenReading =
  | NumberToken
  | { readonly kind: 'none' }
  | { readonly kind: 'too-large'; readonly limit: `limit:${string}` }

const NONE = { kind: 'none' } as const
const TOO_MANY_DIGITS = { kind: 'too-large', limit: 'limit:digits' } as const
const EXPONENT_TOO_LARGE = { kind: 'too-large', limit: 'limit:exponent' } as const

// Groups of exactly three, one separator throughout: 1,23 and 32, 349 are lists or mistakes, never numbers.
const GROUPED = /([1-9]\d{0,2}(?:,\d{3})+|[1-9]\d{0,2}(?: \d{3})+(?!\s*\/))(?!\d)(\.\d+)?/y
const PLAIN = /(\d+)(\.\d*)?/y
const POINT_FIRST = /(\.\d+)/y
const SCIENTIFIC = /[eE]([+-]?\d+)(?![A-Za-z0-9])/y
const TIMES_TEN = /\s*(?:\\times|\\cdot|×|·|\*)\s*10\s*\^\s*(?:\{\s*([+-]?\d+)\s*\}|\(\s*([+-]?\d+)\s*\)|([+-]?\d+))/y
const POWER_OF_TEN = /10\s*\^\s*(?:\{\s*([+-]?\d+)\s*\}|([+-]?\d+))/y
const FRACTION = /\\frac\s*/y
const BRACED = /\{\s*(-?)\s*/y
const CLOSING = /\s*\}\s*/y

/** The unsigned number that starts at `at`. */
export function readToken(text: string, at: number, limits: VerifyLimits): TokenReading {
  if (text.startsWith('\\frac', at)) return readLatexFraction(text, at, limits)
  const power = matchAt(POWER_OF_TEN, text, at)
  if (power) return scaled({ numerator: 1n, denominator: 1n }, power, at + power[0].length, limits)
  const decimal = readDecimal(text, at, limits)
  if (decimal.kind !== 'token') return decimal
  const exponent = matchAt(SCIENTIFIC, text, decimal.end) ?? matchAt(TIMES_TEN, text, decimal.end)
  return exponent ? scaled(decimal.value, exponent, decimal.end + exponent[0].length, limits) : decimal
}

/** Digits with an optional point; `1,234.5` and `1 234.5` with separators. */
export function readDecimal(text: string, at: number, limits: VerifyLimits): TokenReading {
  const match = matchAt(GROUPED, text, at) ?? matchAt(PLAIN, text, at)
  const pointFirst = match ? undefined : matchAt(POINT_FIRST, text, at)
  const whole = (match?.[1] ?? '').replace(/[, ]/g, '')
  const part = (match?.[2] ?? pointFirst?.[1] ?? '').slice(1)
  const length = (match ?? pointFirst)?.[0].length
  if (length === undefined) return NONE
  if (whole.length + part.length > limits.digits) return TOO_MANY_DIGITS
  const value = createRational(BigInt(`${whole}${part}`), part === '' ? 1n : 10n ** BigInt(part.length))
  return value ? { kind: 'token', value, end: at + length, wholeNumber: match?.[2] === undefined && !!match } : NONE
}

/** `\frac{7}{14}`, `\frac12`, `\frac1{72}`, with a sign inside the braces or not. */
function readLatexFraction(text: string, at: number, limits: VerifyLimits): TokenReading {
  const command = matchAt(FRACTION, text, at)
  if (!command) return NONE
  const top = readArgument(text, at + command[0].length, limits)
  if (top.kind !== 'token') return top
  const bottom = readArgument(text, top.end, limits)
  if (bottom.kind !== 'token') return bottom
  const value = divide(top.value, bottom.value)
  return value ? { kind: 'token', value, end: bottom.end, wholeNumber: false } : NONE
}

/** One argument of \frac: a number in braces or a single digit. */
function readArgument(text: string, at: number, limits: VerifyLimits): TokenReading {
  const open = matchAt(BRACED, text, at)
  if (!open) {
    const digit = text.charAt(at)
    if (!/^\d$/.test(digit)) return NONE
    return { kind: 'token', value: { numerator: BigInt(digit), denominator: 1n }, end: at + 1, wholeNumber: true }
  }
  const inner = readDecimal(text, at + open[0].length, limits)
  if (inner.kind !== 'token') return inner
  const close = matchAt(CLOSING, text, inner.end)
  if (!close) return NONE
  return { ...inner, value: open[1] === '-' ? negate(inner.value) : inner.value, end: inner.end + close[0].length }
}

function scaled(value: Rational, match: RegExpExecArray, end: number, limits: VerifyLimits): TokenReading {
  const digits = match[1] ?? match[2] ?? match[3] ?? '0'
  // Compared as a float before any power is taken: a million digits of exponent cost nothing.
  if (Math.abs(Number(digits)) > limits.exponent) return EXPONENT_TOO_LARGE
  const exponent = BigInt(digits.replace('+', ''))
  const power =
    exponent < 0n ? { numerator: 1n, denominator: 10n ** -exponent } : { numerator: 10n ** exponent, denominator: 1n }
  return { kind: 'token', value: multiply(value, power), end, wholeNumber: false }
}

/** The match of a sticky pattern at exactly `at`. */
export function matchAt(pattern: RegExp, text: string, at: number): RegExpExecArray | undefined {
  pattern.lastIndex = at
  return pattern.exec(text) ?? undefined
}
