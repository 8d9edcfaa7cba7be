/**
 * Exact rational numbers as pairs of BigInt.
 *
 * Written here rather than taken from mathjs because checking needs a handful of operations, while loading mathjs costs
 * every worker about half a second and 100 MB, and its Fraction type has no entry of its own.
 */

export interface Rational {
  readonly numerator: bigint
  /** Above 0; no common factor with the numerator. */
  readonly denominator: bigint
}

/** `numerator / denominator` in lowest terms; undefined where the denominator is 0. */
export function createRational(numerator: bigint, denominator = 1n): Rational | undefined {
  if (denominator === 0n) return undefined
  if (denominator === 1n) return { numerator, denominator }
  const sign = denominator < 0n ? -1n : 1n
  const divisor = greatestCommonDivisor(numerator, denominator)
  return { numerator: (sign * numerator) / divisor, denominator: (sign * denominator) / divisor }
}

export function multiply(a: Rational, b: Rational): Rational {
  return inLowestTerms(a.numerator * b.numerator, a.denominator * b.denominator)
}

export function add(a: Rational, b: Rational): Rational {
  return inLowestTerms(a.numerator * b.denominator + b.numerator * a.denominator, a.denominator * b.denominator)
}

export function negate(a: Rational): Rational {
  return { numerator: -a.numerator, denominator: a.denominator }
}

/** `a / b`; undefined where b is 0. */
export function divide(a: Rational, b: Rational): Rational | undefined {
  return createRational(a.numerator * b.denominator, a.denominator * b.numerator)
}

export function isEqual(a: Rational, b: Rational): boolean {
  return a.numerator === b.numerator && a.denominator === b.denominator
}

/** For people: `42`, `-1/2`. */
export function formatRational(a: Rational): string {
  return a.denominator === 1n ? `${a.numerator}` : `${a.numerator}/${a.denominator}`
}

function inLowestTerms(numerator: bigint, denominator: bigint): Rational {
  if (denominator === 1n) return { numerator, denominator }
  const divisor = greatestCommonDivisor(numerator, denominator)
  return { numerator: numerator / divisor, denominator: denominator / divisor }
}

/** Euclid; always above 0 where not both are 0. */
function greatestCommonDivisor(a: bigint, b: bigint): bigint {
  let x = a < 0n ? -a : a
  let y = b < 0n ? -b : b
  while (y !== 0n) [x, y] = [y, x % y]
  return x
}

/** `base` to a whole power; undefined for 0 to a negative power. The caller bounds the size of the result. */
export function power(base: Rational, exponent: bigint): Rational | undefined {
  if (exponent >= 0n) return { numerator: base.numerator ** exponent, denominator: base.denominator ** exponent }
  return createRational(base.denominator ** -exponent, base.numerator ** -exponent)
}

/** Below 0, 0 or above 0 as a is below, equal to or above b. */
export function order(a: Rational, b: Rational): number {
  const difference = a.numerator * b.denominator - b.numerator * a.denominator
  return difference < 0n ? -1 : difference > 0n ? 1 : 0
}

/** Bits of the larger part, for bounds. */
export function bitsOf(a: Rational): number {
  return Math.max(bitLength(a.numerator), bitLength(a.denominator))
}

/** Bits of |n|. */
export function bitLength(n: bigint): number {
  const hex = (n < 0n ? -n : n).toString(16)
  return (hex.length - 1) * 4 + Math.ceil(Math.log2(Number.parseInt(hex.charAt(0), 16) + 1))
}
