/** PURE: what Python does with numbers next to + - * /: floor, modulo, powers, rounding, order, and their text. */

import {
  add,
  bottomOf,
  type Exact,
  inexact,
  isInexact,
  multiply,
  type Numeric,
  negate,
  type Ratio,
  ratio,
  subtract,
  toDouble,
  topOf,
} from './exact.ts'
import { valueFault } from './fault.ts'

/** The largest integer not above the value. */
export function floor(value: Numeric): Exact {
  if (typeof value === 'number') return value
  if (value.kind === 'inexact') return Math.floor(value.value)
  const [top, bottom] = [BigInt(value.top), BigInt(value.bottom)]
  const cut = top / bottom
  return ratio(top < 0n && cut * bottom !== top ? cut - 1n : cut, 1n)
}

export function ceil(value: Numeric): Exact {
  return negate(floor(negate(value)))
}

/** Towards zero, as Python's int() does. */
export function truncate(value: Numeric): Exact {
  return toDouble(value) < 0 ? ceil(value) : floor(value)
}

/** Python's //: rounds down, also below zero. */
export function floorDivide(a: Numeric, b: Numeric): Numeric {
  if (typeof a === 'number' && typeof b === 'number') {
    if (b === 0) throw valueFault('division by zero')
    return Math.floor((a - (((a % b) + b) % b)) / b)
  }
  return floor(divideSafely(a, b))
}

/** Python's %: the sign is the divisor's. */
export function modulo(a: Numeric, b: Numeric): Numeric {
  if (typeof a === 'number' && typeof b === 'number') {
    if (b === 0) throw valueFault('modulo by zero')
    return ((a % b) + b) % b
  }
  return subtract(a, multiply(b, floor(divideSafely(a, b))))
}

function divideSafely(a: Numeric, b: Numeric): Numeric {
  if (isInexact(a) || isInexact(b)) return inexact(toDouble(a) / (toDouble(b) || Number.NaN))
  return multiply(a, ratio(bottomOf(b), topOf(b), typeof b === 'number' ? 'fraction' : b.style))
}

/** Exact for whole exponents up to 1,000 in size, a double otherwise. */
export function power(base: Numeric, exponent: Numeric): Numeric {
  if (typeof exponent !== 'number' || isInexact(base)) return inexact(toDouble(base) ** toDouble(exponent))
  if (Math.abs(exponent) > 1000) throw valueFault(`a power with the exponent ${exponent}`)
  const style = typeof base === 'number' ? 'decimal' : base.style
  const times = BigInt(Math.abs(exponent))
  const bits = (BigInt(topOf(base)).toString(16).length + BigInt(bottomOf(base)).toString(16).length) * 4
  if (bits * Math.abs(exponent) > 100_000) throw valueFault('a number of more than 1,000 digits')
  const [top, bottom] = [BigInt(topOf(base)) ** times, BigInt(bottomOf(base)) ** times]
  return exponent < 0 ? ratio(bottom, top, style) : ratio(top, bottom, style)
}

/** The exact root of a perfect square, of fractions too; a double otherwise. */
export function squareRoot(value: Numeric): Numeric {
  if (toDouble(value) < 0) throw valueFault('the square root of a negative number')
  if (!isInexact(value)) {
    const [top, bottom] = [Math.round(Math.sqrt(Number(topOf(value)))), Math.round(Math.sqrt(Number(bottomOf(value))))]
    const isSquare = Number.isSafeInteger(top * top) && compare(ratio(top * top, bottom * bottom), value) === 0
    if (isSquare) return ratio(top, bottom, typeof value === 'number' ? 'decimal' : value.style)
  }
  return inexact(Math.sqrt(toDouble(value)))
}

/** Half to even, as Python rounds. @param digits places after the point; negative rounds to tens, hundreds, … */
export function roundHalfEven(value: Numeric, digits = 0): Numeric {
  if (typeof value === 'number' && digits >= 0) return value
  if (Math.abs(digits) > 300) throw valueFault(`rounding to ${digits} digits`)
  if (isInexact(value)) return inexact(Math.round(value.value * 10 ** digits) / 10 ** digits)
  const scale = power(10, digits)
  const scaled = multiply(value, scale)
  const below = floor(scaled)
  const rest = compare(subtract(scaled, below), HALF)
  const isUp = rest > 0 || (rest === 0 && toDouble(modulo(below, 2)) === 1)
  const rounded = multiply(isUp ? add(below, 1) : below, power(10, -digits))
  return typeof rounded === 'number' || rounded.kind === 'inexact' ? rounded : { ...rounded, style: 'decimal' }
}

const HALF: Ratio = { kind: 'ratio', top: 1, bottom: 2, style: 'decimal' }

/** Below, at or above 0 as a is less than, equal to or greater than b. */
export function compare(a: Numeric, b: Numeric): number {
  if (typeof a === 'number' && typeof b === 'number') return a - b
  if (isInexact(a) || isInexact(b)) return toDouble(a) - toDouble(b)
  const difference = subtract(a, b)
  return typeof difference === 'number' ? difference : Math.sign(Number(topOf(difference as Exact)))
}

/** Whether a value is whole; a double within 1e-9 of a whole number counts. */
export function isWhole(value: Numeric): boolean {
  if (typeof value === 'number') return true
  return isInexact(value) ? Math.abs(value.value - Math.round(value.value)) < 1e-9 : value.bottom === 1
}

/** As prose and equations show it: 72, 0.25, 1/3 (a Fraction), 0.3333333333333333 (a float). Whole floats lose their `.0`. */
export function numberText(value: Numeric): string {
  if (typeof value === 'number') return String(value === 0 ? 0 : value)
  if (value.kind === 'inexact') return String(value.value)
  if (value.bottom === 1) return String(value.top)
  return value.style === 'fraction' ? `${value.top}/${value.bottom}` : decimalText(value)
}

/** Like numberText, but endless decimals stay fractions: a text that says exactly the value. */
export function exactText(value: Numeric): string {
  if (typeof value === 'number' || value.kind === 'inexact' || value.bottom === 1) return numberText(value)
  return isTerminating(value) ? decimalText(value) : `${value.top}/${value.bottom}`
}

function decimalText(value: Ratio): string {
  if (!isTerminating(value)) return String(toDouble(value))
  return fixedText(value, placesOf(value))
}

/** Rounded to so many places after the point, trailing zeros kept: 2.50. */
export function fixedText(value: Numeric, places: number): string {
  const scaled = roundHalfEven(multiply(value, power(10, places)))
  const digits = isInexact(scaled) ? String(Math.abs(scaled.value)) : String(BigInt(topOf(scaled))).replace('-', '')
  const padded = digits.padStart(places + 1, '0')
  const text = places === 0 ? padded : `${padded.slice(0, -places)}.${padded.slice(-places)}`
  return toDouble(scaled) < 0 ? `-${text}` : text
}

function isTerminating(value: Ratio): boolean {
  return placesOf(value) <= 15
}

/** Places after the point that the value needs; Infinity where they never end. */
function placesOf(value: Ratio): number {
  let rest = BigInt(value.bottom)
  const count = { 2: 0, 5: 0 }
  for (const prime of [2, 5] as const) {
    while (rest % BigInt(prime) === 0n && count[prime] < 400) {
      rest /= BigInt(prime)
      count[prime]++
    }
  }
  return rest === 1n ? Math.max(count[2], count[5]) : Number.POSITIVE_INFINITY
}
