/** Functions of rational numbers whose value is rational: factorials, gcd, floor and their like, with bounds. */

import { add, bitsOf, createRational, divide, multiply, negate, order, power, type Rational } from './rational.ts'

const MOST_FACTORIAL = 3_000n
const MOST_BITS = 40_000

/** The value; undefined where the function is none of these, is not defined there, or is beyond the bounds. */
export function exactCall(name: string, args: readonly Rational[]): Rational | undefined {
  const [a, b] = args
  if (!a) return undefined
  switch (name) {
    case 'Abs':
      return a.numerator < 0n ? negate(a) : a
    case 'Floor':
      return whole(floorOf(a))
    case 'Ceil':
      return whole(-floorOf(negate(a)))
    case 'Min':
      return args.reduce((least, each) => (order(each, least) < 0 ? each : least))
    case 'Max':
      return args.reduce((most, each) => (order(each, most) > 0 ? each : most))
    case 'GCD':
      if (!areSmall(args)) return undefined
      return createRational(args.map(numeratorOf).reduce(greatestDivisor), leastMultiple(args.map(denominatorOf)))
    case 'LCM':
      if (!areSmall(args)) return undefined
      return createRational(leastMultiple(args.map(numeratorOf)), args.map(denominatorOf).reduce(greatestDivisor))
    case 'Mod':
      return b && modulo(a, b)
    case 'Factorial':
      return isWhole(a) ? factorial(a.numerator, 1n) : undefined
    case 'Factorial2':
      return isWhole(a) ? factorial(a.numerator, 2n) : undefined
    case 'Binomial':
      return b && isWhole(a) && isWhole(b) ? choose(a.numerator, b.numerator) : undefined
    default:
      return undefined
  }
}

/** Together small enough for their least multiple. */
function areSmall(args: readonly Rational[]): boolean {
  return args.reduce((bits, arg) => bits + bitsOf(arg), 0) <= MOST_BITS
}

/** A power with a whole exponent, where the result is small enough. */
export function exactPower(base: Rational, exponent: Rational): Rational | undefined {
  if (!isWhole(exponent)) return undefined
  const size = exponent.numerator < 0n ? -exponent.numerator : exponent.numerator
  if (base.denominator === 1n && base.numerator >= -1n && base.numerator <= 1n) {
    return size === 0n ? whole(1n) : power(base, exponent.numerator < 0n ? -(size % 2n) - 2n : (size % 2n) + 2n)
  }
  if (size > BigInt(MOST_BITS) || bitsOf(base) * Number(size) > MOST_BITS) return undefined
  return power(base, exponent.numerator)
}

export function isWhole(a: Rational): boolean {
  return a.denominator === 1n
}

function numeratorOf(a: Rational): bigint {
  return a.numerator
}

function denominatorOf(a: Rational): bigint {
  return a.denominator
}

function whole(n: bigint): Rational {
  return { numerator: n, denominator: 1n }
}

function floorOf({ numerator, denominator }: Rational): bigint {
  const quotient = numerator / denominator
  return numerator < 0n && quotient * denominator !== numerator ? quotient - 1n : quotient
}

function greatestDivisor(a: bigint, b: bigint): bigint {
  let x = a < 0n ? -a : a
  let y = b < 0n ? -b : b
  while (y !== 0n) [x, y] = [y, x % y]
  return x
}

/** 0 where one of them is 0. */
function leastMultiple(values: readonly bigint[]): bigint {
  let multiple = 1n
  for (const value of values) {
    if (value === 0n) return 0n
    multiple = (multiple / greatestDivisor(multiple, value)) * (value < 0n ? -value : value)
  }
  return multiple
}

/** The rest with the sign of the divisor. */
function modulo(a: Rational, b: Rational): Rational | undefined {
  const quotient = divide(a, b)
  return quotient && add(a, negate(multiply(b, whole(floorOf(quotient)))))
}

function factorial(n: bigint, step: bigint): Rational | undefined {
  if (n < 0n || n > MOST_FACTORIAL) return undefined
  let product = 1n
  for (let k = n; k > 1n; k -= step) product *= k
  return whole(product)
}

function choose(n: bigint, k: bigint): Rational | undefined {
  if (n < 0n || n > MOST_FACTORIAL) return undefined
  if (k < 0n || k > n) return whole(0n)
  let value = 1n
  const least = k < n - k ? k : n - k
  for (let i = 1n; i <= least; i++) value = (value * (n - least + i)) / i
  return createRational(value)
}
