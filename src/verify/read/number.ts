/** Reads a cleaned answer as one exact number: sign, number, fraction or mixed number, then a tail of unit and words. */

import { add, divide, multiply, negate, type Rational } from '../algebra/rational.ts'
import type { VerifyLimits } from '../limits.ts'
import { matchAt, type NumberToken, readDecimal, readToken, type TokenReading } from './number-token.ts'
import { readTail } from './tail.ts'

export type NumberReading =
  | {
      readonly kind: 'number'
      /** As written: `50%` is 50 with `percent` set. */
      readonly value: Rational
      readonly percent: boolean
      readonly measure: string | undefined
      /** What is counted, in the words behind it. */
      readonly noun: string | undefined
    }
  | { readonly kind: 'none' }
  | { readonly kind: 'too-large'; readonly limit: `limit:${string}` }

const NONE = { kind: 'none' } as const
const START = /\s*([€£¥₹＄])?\s*([+-])?\s*([€£¥₹＄])?\s*/y
const MONEY: Readonly<Record<string, string>> = {
  '＄': 'dollar',
  '€': 'euro',
  '£': 'pound sterling',
  '¥': 'yen',
  '₹': 'rupee',
}
const SLASH = /\s*[/⁄]\s*/y
const SPACE = /\s+/y

/**
 * The number a cleaned answer says, whole text considered: `$-1{,}234.50$ per day` (cleaned) is -2469/2.
 * Nothing is evaluated: `2+3` and `9^9` are not numbers here.
 */
export function readNumber(cleaned: string, limits: VerifyLimits): NumberReading {
  const text = withoutOuterBrackets(cleaned)
  const start = matchAt(START, text, 0)
  const first = readToken(text, start?.[0].length ?? 0, limits)
  if (first.kind !== 'token') return first
  const whole = readFractionPart(text, first, limits)
  if (whole.kind !== 'token') return whole
  const tail = readTail(text, whole.end)
  if (!tail) return NONE
  const magnitude = multiply(whole.value, { numerator: tail.factor, denominator: 1n })
  const value = start?.[2] === '-' ? negate(magnitude) : magnitude
  const money = MONEY[start?.[1] ?? start?.[3] ?? '']
  return { kind: 'number', value, percent: tail.percent, measure: money ?? tail.measure, noun: tail.noun }
}

/** `7/14`, `1 1/2`, `1\frac{1}{2}`: what may follow a first number and still be one number. */
function readFractionPart(text: string, first: NumberToken, limits: VerifyLimits): TokenReading {
  const slash = matchAt(SLASH, text, first.end)
  if (slash) {
    const bottom = readDecimal(text, first.end + slash[0].length, limits)
    // A slash before a word is a unit (18/day), which the tail reads.
    if (bottom.kind === 'none') return first
    if (bottom.kind === 'too-large') return bottom
    const value = divide(first.value, bottom.value)
    return value ? { kind: 'token', value, end: bottom.end, wholeNumber: false } : NONE
  }
  return first.wholeNumber ? readMixed(text, first, limits) : first
}

function readMixed(text: string, whole: NumberToken, limits: VerifyLimits): TokenReading {
  const space = matchAt(SPACE, text, whole.end)
  const at = whole.end + (space?.[0].length ?? 0)
  if (text.startsWith('\\frac', at)) return withPart(whole, readToken(text, at, limits))
  const top = space ? readDecimal(text, at, limits) : NONE
  const slash = top.kind === 'token' ? matchAt(SLASH, text, top.end) : undefined
  if (top.kind !== 'token' || !slash) return whole
  const bottom = readDecimal(text, top.end + slash[0].length, limits)
  if (bottom.kind !== 'token') return bottom
  const value = divide(top.value, bottom.value)
  return withPart(whole, value ? { kind: 'token', value, end: bottom.end, wholeNumber: false } : NONE)
}

/** The sum of a mixed number; `3\frac{7}{2}` is more likely a product, so only proper fractions count. */
function withPart(whole: NumberToken, part: TokenReading): TokenReading {
  if (part.kind !== 'token') return part
  const { numerator, denominator } = part.value
  if (numerator < 0n || numerator >= denominator) return NONE
  return { ...part, value: add(whole.value, part.value), wholeNumber: false }
}

/** `{5}` and `(5)` are 5; only one pair, and only around the whole. */
function withoutOuterBrackets(text: string): string {
  const match = /^(?:\{([^{}]*)\}|\(([^()]*)\))$/.exec(text)
  return match ? (match[1] ?? match[2] ?? '').trim() : text
}
