/**
 * PURE: exact numbers. Safe integers are plain numbers, the rest are reduced ratios; what has no exact value (a root, pi)
 * is inexact and keeps a double. Written decimals are exact, so 0.29 * 100 is 29 and not 28.999999999999996.
 */

import { valueFault } from './fault.ts'

/** A reduced fraction with a bottom above 0. Big integers are ratios over 1. */
export interface Ratio {
  readonly kind: 'ratio'
  readonly top: number | bigint
  readonly bottom: number | bigint
  /** How it is written: as Python's Fraction would be (1/3) or as a float would be (0.25). */
  readonly style: 'fraction' | 'decimal'
}
export interface Inexact {
  readonly kind: 'inexact'
  readonly value: number
}
export type Exact = number | Ratio
export type Numeric = Exact | Inexact

/** Numbers of more digits than this are refused: no word problem needs them. */
const MOST_BITS = 4096

export function isNumeric(value: unknown): value is Numeric {
  if (typeof value === 'number') return true
  const kind = typeof value === 'object' && value !== null && 'kind' in value ? value.kind : undefined
  return kind === 'ratio' || kind === 'inexact'
}

/** top/bottom, reduced; integers come back as numbers. @throws TemplateFault when bottom is 0 or the number is huge */
export function ratio(top: number | bigint, bottom: number | bigint, style: Ratio['style'] = 'decimal'): Exact {
  if (typeof top === 'number' && typeof bottom === 'number') {
    if (bottom === 0) throw valueFault('division by zero')
    const divisor = bottom < 0 ? -commonDivisor(top, bottom) : commonDivisor(top, bottom)
    const over = bottom / divisor
    return over === 1 ? top / divisor : { kind: 'ratio', top: top / divisor, bottom: over, style }
  }
  return bigRatio(BigInt(top), BigInt(bottom), style)
}

function bigRatio(top: bigint, bottom: bigint, style: Ratio['style']): Exact {
  if (bottom === 0n) throw valueFault('division by zero')
  if (top.toString(16).length * 4 > MOST_BITS || bottom.toString(16).length * 4 > MOST_BITS) {
    throw valueFault('a number of more than 1,000 digits')
  }
  const divisor = bottom < 0n ? -bigDivisor(top, bottom) : bigDivisor(top, bottom)
  const above = narrow(top / divisor)
  const below = narrow(bottom / divisor)
  return below === 1 && typeof above === 'number' ? above : { kind: 'ratio', top: above, bottom: below, style }
}

function narrow(value: bigint): number | bigint {
  const small = Number(value)
  return Number.isSafeInteger(small) ? small : value
}

function commonDivisor(a: number, b: number): number {
  let [x, y] = [Math.abs(a), Math.abs(b)]
  while (y !== 0) [x, y] = [y, x % y]
  return x || 1
}

function bigDivisor(a: bigint, b: bigint): bigint {
  let [x, y] = [a < 0n ? -a : a, b < 0n ? -b : b]
  while (y !== 0n) [x, y] = [y, x % y]
  return x || 1n
}

export const topOf = (value: Exact): number | bigint => (typeof value === 'number' ? value : value.top)
export const bottomOf = (value: Exact): number | bigint => (typeof value === 'number' ? 1 : value.bottom)

/** Plain integers have no style of their own; a decimal makes the result a decimal, as a float does in Python. */
function styleOf(a: Exact, b: Exact): Ratio['style'] {
  if (typeof a === 'number') return typeof b === 'number' ? 'decimal' : b.style
  return typeof b === 'number' || b.style === 'fraction' ? a.style : 'decimal'
}

export function toDouble(value: Numeric): number {
  if (typeof value === 'number') return value
  if (value.kind === 'inexact') return value.value
  if (typeof value.top === 'number' && typeof value.bottom === 'number') return value.top / value.bottom
  const [top, bottom] = [BigInt(value.top), BigInt(value.bottom)]
  const shift = 10n ** 20n
  const whole = top / bottom
  return Number(whole) + Number(((top - whole * bottom) * shift) / bottom) / 1e20
}

export function inexact(value: number): Numeric {
  if (!Number.isFinite(value)) throw valueFault('a number that is infinite or none')
  return Number.isSafeInteger(value) ? value : { kind: 'inexact', value }
}

/** The exact value of a decimal text such as `0.25` or `1e3`. */
export function fromDecimal(text: string): Exact {
  const [, whole = '', part = '', power = '0'] = /^(\d*)\.?(\d*)(?:[eE]([+-]?\d+))?$/.exec(text) ?? []
  const exponent = Number(power) - part.length
  if (Math.abs(exponent) > 400 || whole.length + part.length > 400) throw valueFault(`the number ${text.slice(0, 20)}…`)
  const digits = BigInt(`${whole}${part}` || '0')
  const scale = 10n ** BigInt(Math.abs(exponent))
  return exponent < 0 ? ratio(digits, scale) : ratio(digits * scale, 1n)
}

export function add(a: Numeric, b: Numeric): Numeric {
  if (isInexact(a) || isInexact(b)) return inexact(toDouble(a) + toDouble(b))
  const [p, q, r, s] = [topOf(a), bottomOf(a), topOf(b), bottomOf(b)]
  if (typeof p === 'number' && typeof q === 'number' && typeof r === 'number' && typeof s === 'number') {
    const [left, right, bottom] = [p * s, r * q, q * s]
    if (isSafe(left, right) && isSafe(left + right, bottom)) return ratio(left + right, bottom, styleOf(a, b))
  }
  return bigRatio(BigInt(p) * BigInt(s) + BigInt(r) * BigInt(q), BigInt(q) * BigInt(s), styleOf(a, b))
}

export function negate<T extends Numeric>(a: T): T
export function negate(a: Numeric): Numeric {
  if (typeof a === 'number') return 0 - a
  return a.kind === 'inexact' ? { ...a, value: -a.value } : { ...a, top: -a.top }
}

export function subtract(a: Numeric, b: Numeric): Numeric {
  return add(a, negate(b))
}

export function multiply(a: Numeric, b: Numeric): Numeric {
  if (isInexact(a) || isInexact(b)) return inexact(toDouble(a) * toDouble(b))
  return product(topOf(a), bottomOf(a), topOf(b), bottomOf(b), styleOf(a, b))
}

/** True division. @throws TemplateFault on a divisor of 0 */
export function divide(a: Numeric, b: Numeric): Numeric {
  if (isInexact(a) || isInexact(b)) {
    if (toDouble(b) === 0) throw valueFault('division by zero')
    return inexact(toDouble(a) / toDouble(b))
  }
  return product(topOf(a), bottomOf(a), bottomOf(b), topOf(b), styleOf(a, b))
}

/** p/q times r/s. */
function product(p: Part, q: Part, r: Part, s: Part, style: Ratio['style']): Exact {
  if (typeof p === 'number' && typeof q === 'number' && typeof r === 'number' && typeof s === 'number') {
    const [top, bottom] = [p * r, q * s]
    if (isSafe(top, bottom)) return ratio(top, bottom, style)
  }
  return bigRatio(BigInt(p) * BigInt(r), BigInt(q) * BigInt(s), style)
}

type Part = number | bigint

export function isInexact(value: Numeric): value is Inexact {
  return typeof value !== 'number' && value.kind === 'inexact'
}

function isSafe(a: number, b: number): boolean {
  return Number.isSafeInteger(a) && Number.isSafeInteger(b)
}
