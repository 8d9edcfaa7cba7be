/** The second precision: binary floating point on BigInt with 256 bits, for values that doubles cannot distinguish or hold. */

import { bitLength, type Rational } from './rational.ts'
import type { Reals } from './reals.ts'

/** `mantissa * 2^exponent`; a mantissa of undefined is not a number. */
export interface BigFloat {
  readonly mantissa: bigint | undefined
  readonly exponent: number
}

const BITS = 256
// Fixed point inside the functions: 64 guard bits.
const GUARD = BITS + 64
const ONE = 1n << BigInt(GUARD)
// Beyond this the value is out of range: 2^(10^9) still has an exponent, 9^9^9^9 does not.
const MOST_EXPONENT = 4e15
const NAN: BigFloat = { mantissa: undefined, exponent: 0 }
const ZERO: BigFloat = { mantissa: 0n, exponent: 0 }

function create(mantissa: bigint, exponent: number): BigFloat {
  if (mantissa === 0n) return ZERO
  const excess = bitLength(mantissa) - BITS
  const rounded = excess > 0 ? mantissa >> BigInt(excess) : mantissa
  const at = excess > 0 ? exponent + excess : exponent
  return Math.abs(at) > MOST_EXPONENT ? NAN : { mantissa: rounded, exponent: at }
}

function add(a: BigFloat, b: BigFloat): BigFloat {
  if (a.mantissa === undefined || b.mantissa === undefined) return NAN
  if (a.mantissa === 0n) return b
  if (b.mantissa === 0n) return a
  const [high, low] = a.exponent >= b.exponent ? [a, b] : [b, a]
  const shift = high.exponent - low.exponent
  // Far apart, the smaller one is below the last bit; the evaluator has rejected such sums by then.
  if (shift > 4 * BITS) return high
  return create(((high.mantissa ?? 0n) << BigInt(shift)) + (low.mantissa ?? 0n), low.exponent)
}

function negate(a: BigFloat): BigFloat {
  return a.mantissa === undefined ? a : { mantissa: -a.mantissa, exponent: a.exponent }
}

function multiply(a: BigFloat, b: BigFloat): BigFloat {
  if (a.mantissa === undefined || b.mantissa === undefined) return NAN
  return create(a.mantissa * b.mantissa, a.exponent + b.exponent)
}

function divide(a: BigFloat, b: BigFloat): BigFloat {
  if (a.mantissa === undefined || b.mantissa === undefined || b.mantissa === 0n) return NAN
  return create((a.mantissa << BigInt(2 * BITS)) / b.mantissa, a.exponent - b.exponent - 2 * BITS)
}

function fromNumber(value: number): BigFloat {
  if (!Number.isFinite(value)) return NAN
  if (Number.isInteger(value)) return create(BigInt(value), 0)
  // Every double is a whole number of 2^-1074; numbers of ordinary size need no more than 2^-200.
  return create(BigInt(Math.round(value * 2 ** 52)), -52)
}

function fromRational({ numerator, denominator }: Rational): BigFloat {
  return divide(create(numerator, 0), create(denominator, 0))
}

/** As fixed point with GUARD bits; undefined where it is too large for that. */
function toFixed({ mantissa, exponent }: BigFloat, extra = 0): bigint | undefined {
  if (mantissa === undefined) return undefined
  const shift = exponent + GUARD + extra
  if (shift > 4 * GUARD) return undefined
  if (shift < -4 * GUARD) return 0n
  return shift >= 0 ? mantissa << BigInt(shift) : mantissa >> BigInt(-shift)
}

function fromFixed(fixed: bigint): BigFloat {
  return create(fixed, -GUARD)
}

/** Integer square root by Newton. */
function rootOf(n: bigint): bigint {
  if (n < 2n) return n
  let x = 1n << BigInt((bitLength(n) + 1) >> 1)
  for (;;) {
    const next = (x + n / x) >> 1n
    if (next >= x) return x
    x = next
  }
}

function sqrt(a: BigFloat): BigFloat {
  if (a.mantissa === undefined || a.mantissa < 0n) return NAN
  const odd = Math.abs(a.exponent) % 2
  return create(rootOf(a.mantissa << BigInt(2 * BITS + odd)), (a.exponent - odd) / 2 - BITS)
}

/** Sum of `term_k` with term_k = term_(k-1) * factor / divisor(k), in fixed point. */
function series(first: bigint, factor: bigint, divisor: (k: number) => bigint): bigint {
  let term = first
  let sum = first
  for (let k = 1; k < 400 && term !== 0n; k++) {
    term = ((term * factor) >> BigInt(GUARD)) / divisor(k)
    sum += term
  }
  return sum
}

/** atan(1/n) by its series. */
function inverseTangent(n: bigint): bigint {
  const square = n * n
  let term = ONE / n
  let sum = term
  for (let k = 1n; term !== 0n; k++) {
    term = -term / square
    sum += term / (2n * k + 1n)
  }
  return sum
}

// Machin: pi/4 = 4 atan(1/5) - atan(1/239); ln 2 = 2 atanh(1/3).
const PI_FIXED = 4n * (4n * inverseTangent(5n) - inverseTangent(239n))
const LN2_FIXED = (() => {
  let term = ONE / 3n
  let sum = term
  for (let k = 1n; term !== 0n; k++) {
    term /= 9n
    sum += term / (2n * k + 1n)
  }
  return 2n * sum
})()

function exp(a: BigFloat): BigFloat {
  if (magnitude(a) > 60) return NAN
  const fixed = toFixed(a, 64)
  if (fixed === undefined) return NAN
  // x = k ln 2 + r, then r / 2^8 so that the series is short, then squared eight times.
  const k = Number(toFixed(divide(a, fromFixed(LN2_FIXED))) ?? 0n) / 2 ** GUARD
  const whole = Math.round(k)
  if (!Number.isFinite(whole)) return NAN
  const rest = add(a, negate(multiply(create(BigInt(whole), 0), fromFixed(LN2_FIXED))))
  let value = series(ONE, (toFixed(rest) ?? 0n) >> 8n, (n) => BigInt(n))
  for (let i = 0; i < 8; i++) value = (value * value) >> BigInt(GUARD)
  return create(value, whole - GUARD)
}

function ln(a: BigFloat): BigFloat {
  if (a.mantissa === undefined || a.mantissa <= 0n) return NAN
  const size = bitLength(a.mantissa)
  // a = m 2^k with m in [1/2, 1); ln m by Newton on exp from the double's logarithm.
  const k = a.exponent + size
  const m: BigFloat = { mantissa: a.mantissa, exponent: -size }
  let y = fromNumber(Math.log(toNumber(m)))
  for (let i = 0; i < 3; i++) {
    const e = exp(y)
    y = add(y, multiply(fromNumber(2), divide(add(m, negate(e)), add(m, e))))
  }
  return add(y, multiply(create(BigInt(k), 0), fromFixed(LN2_FIXED)))
}

/** Sine and cosine of an angle reduced by half turns. */
function sineAndCosine(a: BigFloat): readonly [BigFloat, BigFloat] {
  if (a.mantissa === undefined || magnitude(a) > 40) return [NAN, NAN]
  const fixed = toFixed(a) ?? 0n
  const half = PI_FIXED >> 1n
  const turns = (fixed + (half >> 1n)) / half - (fixed + (half >> 1n) < 0n ? 1n : 0n)
  const rest = fixed - turns * half
  const minusSquare = -((rest * rest) >> BigInt(GUARD))
  const sine = series(rest, minusSquare, (k) => BigInt(2 * k * (2 * k + 1)))
  const cosine = series(ONE, minusSquare, (k) => BigInt(2 * k * (2 * k - 1)))
  const quarter = Number(((turns % 4n) + 4n) % 4n)
  const signedSine = [sine, cosine, -sine, -cosine][quarter] ?? 0n
  const signedCosine = [cosine, -sine, -cosine, sine][quarter] ?? 0n
  return [fromFixed(signedSine), fromFixed(signedCosine)]
}

function atan2(y: BigFloat, x: BigFloat): BigFloat {
  if (y.mantissa === undefined || x.mantissa === undefined) return NAN
  if (y.mantissa === 0n && x.mantissa === 0n) return ZERO
  const length = sqrt(add(multiply(x, x), multiply(y, y)))
  const [unitX, unitY] = [divide(x, length), divide(y, length)]
  let angle = fromNumber(Math.atan2(toNumber(unitY), toNumber(unitX)))
  // Newton: the rest angle is the sine of the difference, good to the third order.
  for (let i = 0; i < 3; i++) {
    const [s, c] = sineAndCosine(angle)
    angle = add(angle, add(multiply(unitY, c), negate(multiply(unitX, s))))
  }
  return angle
}

function floor(a: BigFloat): BigFloat {
  if (a.mantissa === undefined || a.exponent >= 0) return a
  return create(a.exponent < -4 * BITS ? (a.mantissa < 0n ? -1n : 0n) : a.mantissa >> BigInt(-a.exponent), 0)
}

function magnitude(a: BigFloat): number {
  if (a.mantissa === undefined) return Number.NaN
  return a.mantissa === 0n ? Number.NEGATIVE_INFINITY : bitLength(a.mantissa) + a.exponent
}

function toNumber(a: BigFloat): number {
  if (a.mantissa === undefined) return Number.NaN
  const excess = bitLength(a.mantissa) - 60
  const mantissa = Number(excess > 0 ? a.mantissa >> BigInt(excess) : a.mantissa)
  return mantissa * 2 ** (a.exponent + Math.max(0, excess))
}

export const BIG_FLOATS: Reals<BigFloat> = {
  tolerance: 1e-60,
  zero: ZERO,
  one: create(1n, 0),
  pi: fromFixed(PI_FIXED),
  fromNumber,
  fromRational,
  add,
  negate,
  multiply,
  divide,
  sqrt,
  exp,
  ln,
  sin: (a) => sineAndCosine(a)[0],
  cos: (a) => sineAndCosine(a)[1],
  atan2,
  floor,
  sign: (a) => (a.mantissa === undefined ? Number.NaN : a.mantissa < 0n ? -1 : a.mantissa > 0n ? 1 : 0),
  isFinite: (a) => a.mantissa !== undefined,
  magnitude,
  toNumber,
}
