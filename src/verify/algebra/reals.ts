/** What the evaluator needs of real numbers, and the fast kind: double precision. */

import type { Rational } from './rational.ts'
import { bitLength } from './rational.ts'

/** Arithmetic of one precision. Results out of range are infinite or not a number, never an exception. */
export interface Reals<T> {
  /** Relative error that results of a short computation may carry. */
  readonly tolerance: number
  readonly zero: T
  readonly one: T
  readonly pi: T
  fromNumber(value: number): T
  fromRational(value: Rational): T
  add(a: T, b: T): T
  negate(a: T): T
  multiply(a: T, b: T): T
  divide(a: T, b: T): T
  sqrt(a: T): T
  exp(a: T): T
  /** Of a number above 0. */
  ln(a: T): T
  sin(a: T): T
  cos(a: T): T
  atan2(y: T, x: T): T
  floor(a: T): T
  /** Below 0, 0 or above 0. */
  sign(a: T): number
  isFinite(a: T): boolean
  /** Base-2 logarithm of |a|, about; -Infinity for 0. */
  magnitude(a: T): number
  toNumber(a: T): number
}

export const DOUBLES: Reals<number> = {
  tolerance: 1e-11,
  zero: 0,
  one: 1,
  pi: Math.PI,
  fromNumber: (value) => value,
  fromRational: rationalToNumber,
  add: (a, b) => a + b,
  negate: (a) => -a,
  multiply: (a, b) => a * b,
  divide: (a, b) => a / b,
  sqrt: Math.sqrt,
  exp: Math.exp,
  ln: Math.log,
  sin: (a) => (Math.abs(a) > 1e6 ? Number.NaN : Math.sin(a)),
  cos: (a) => (Math.abs(a) > 1e6 ? Number.NaN : Math.cos(a)),
  atan2: Math.atan2,
  floor: Math.floor,
  sign: Math.sign,
  isFinite: Number.isFinite,
  magnitude: (a) => Math.log2(Math.abs(a)),
  toNumber: (a) => a,
}

/** The nearest double, about; also where both parts are beyond the range of doubles. */
export function rationalToNumber({ numerator, denominator }: Rational): number {
  const shift = Math.max(bitLength(numerator), bitLength(denominator)) - 1000
  if (shift <= 0) return Number(numerator) / Number(denominator)
  const top = bitLength(numerator) - bitLength(denominator)
  if (Math.abs(top) > 1000) return top > 0 ? Number.POSITIVE_INFINITY * (numerator < 0n ? -1 : 1) : Number.NaN
  const scaled = (numerator << 80n) / denominator
  const value = Number(scaled) / 2 ** 80
  return bitLength(scaled) < 60 ? Number.NaN : value
}
