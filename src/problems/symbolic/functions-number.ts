/** The functions of numbers: Python's own, those of math and Fraction, and the templates' is_int, divides, format_frac. */

import {
  add,
  bottomOf,
  divide,
  inexact,
  isInexact,
  isNumeric,
  multiply,
  type Numeric,
  negate,
  ratio,
  subtract,
  toDouble,
  topOf,
} from './exact.ts'
import {
  ceil,
  compare,
  exactText,
  floor,
  floorDivide,
  isWhole,
  modulo,
  numberText,
  power,
  roundHalfEven,
  squareRoot,
  truncate,
} from './exact-functions.ts'
import { TemplateFault, valueFault } from './fault.ts'
import { pure, type TemplateFunction } from './function-kind.ts'
import { ordinalOf, readWords, wordsOf } from './number-words.ts'
import { describe, integerIn, isList, isTrue, itemsOf, listOf, numberIn, textOf, type Value } from './value.ts'

const isInt = pure(1, 1, (value) => isWhole(numberIn(value)))
const divides = pure(2, 2, (a, b) => isMultiple(numberIn(a), numberIn(b)))
const words = pure(1, 1, (value) => wordsOf(numberIn(value)) ?? textOf(value))
const formatFraction = pure(1, 2, (value) => mixedText(numberIn(value)))
const commonDivisor = pure(1, 99, (...values) => gatherIntegers(values).reduce(gcd, 0))
const commonMultiple = pure(1, 99, (...values) => gatherIntegers(values).reduce(lcm, 1))
const floorOf = pure(1, 1, (value) => floor(numberIn(value)))
const ceilOf = pure(1, 1, (value) => ceil(numberIn(value)))
const root = pure(1, 1, (value) => squareRoot(numberIn(value)))
const prime = pure(1, 1, (value) => isPrime(integerIn(value)))
const absolute = pure(1, 1, (value) => (toDouble(numberIn(value)) < 0 ? negate(numberIn(value)) : numberIn(value)))
const rounding: TemplateFunction = {
  takes: [1, 2],
  names: ['ndigits', 'decimals'],
  call: ({ values: [value, digits], named }) =>
    roundHalfEven(numberIn(value), integerIn(digits ?? named.ndigits ?? named.decimals ?? 0)),
}
const fraction: TemplateFunction = {
  takes: [1, 2],
  names: ['numerator', 'denominator'],
  call: ({ values: [top, bottom = 1], named }) => {
    const value = divide(readNumber(named.numerator ?? top), readNumber(named.denominator ?? bottom))
    return typeof value === 'number' || isInexact(value) ? value : { ...value, style: 'fraction' }
  },
}

const named: Readonly<Record<string, TemplateFunction>> = {
  int: pure(1, 1, (value) => truncate(readNumber(value))),
  float: pure(1, 1, (value) => asDecimal(readNumber(value))),
  bool: pure(1, 1, (value) => isTrue(value)),
  abs: absolute,
  round: rounding,
  pow: pure(2, 3, (base, exponent, divisor) => {
    const value = power(numberIn(base), numberIn(exponent))
    return divisor === undefined ? value : modulo(value, numberIn(divisor))
  }),
  divmod: pure(2, 2, (a, b) => listOf([floorDivide(numberIn(a), numberIn(b)), modulo(numberIn(a), numberIn(b))])),
  Fraction: fraction,
  'fractions.Fraction': fraction,
  Decimal: pure(1, 1, (value) => readNumber(value)),
  is_int: isInt,
  is_integer: isInt,
  is_whole: isInt,
  divides,
  is_divisible: divides,
  divisible: divides,
  is_even: pure(1, 1, (value) => compare(modulo(numberIn(value), 2), 0) === 0),
  is_odd: pure(1, 1, (value) => compare(modulo(numberIn(value), 2), 1) === 0),
  is_prime: prime,
  format_frac: formatFraction,
  format_fraction: formatFraction,
  frac_format: formatFraction,
  gcd: commonDivisor,
  lcm: commonMultiple,
  floor: floorOf,
  ceil: ceilOf,
  sqrt: root,
  is_square: pure(1, 1, (value) => isWhole(squareRoot(numberIn(value)))),
  num_to_words: words,
  number_to_words: words,
  num2words: words,
  num_to_word: words,
  int_to_words: words,
  to_words: words,
  ordinal: pure(1, 1, (value) => ordinalOf(integerIn(value))),
  'math.floor': floorOf,
  'math.ceil': ceilOf,
  'math.trunc': pure(1, 1, (value) => truncate(numberIn(value))),
  'math.sqrt': root,
  'math.isqrt': pure(1, 1, (value) => floor(squareRoot(numberIn(value)))),
  'math.gcd': commonDivisor,
  'math.lcm': commonMultiple,
  'math.pow': pure(2, 2, (a, b) => power(numberIn(a), numberIn(b))),
  'math.fabs': absolute,
  'math.factorial': pure(1, 1, (value) => chosen(integerIn(value), integerIn(value))),
  'math.perm': pure(1, 2, (n, k) => chosen(integerIn(n), integerIn(k ?? n))),
  'math.comb': pure(2, 2, (n, k) =>
    floorDivide(chosen(integerIn(n), integerIn(k)), chosen(integerIn(k), integerIn(k))),
  ),
  'math.prod': pure(1, 1, (list) =>
    itemsOf(list).reduce<Numeric>((product, item) => multiply(product, numberIn(item)), 1),
  ),
  'math.log': pure(1, 2, (value, base) => {
    const top = Math.log(toDouble(numberIn(value)))
    return inexact(base === undefined ? top : top / Math.log(toDouble(numberIn(base))))
  }),
  'math.log2': pure(1, 1, (value) => inexact(Math.log2(toDouble(numberIn(value))))),
  'math.log10': pure(1, 1, (value) => inexact(Math.log10(toDouble(numberIn(value))))),
  'math.exp': pure(1, 1, (value) => inexact(Math.exp(toDouble(numberIn(value))))),
  'math.sin': pure(1, 1, (value) => inexact(Math.sin(toDouble(numberIn(value))))),
  'math.cos': pure(1, 1, (value) => inexact(Math.cos(toDouble(numberIn(value))))),
  'math.tan': pure(1, 1, (value) => inexact(Math.tan(toDouble(numberIn(value))))),
  'math.radians': pure(1, 1, (value) => inexact((toDouble(numberIn(value)) * Math.PI) / 180)),
  'math.hypot': pure(2, 2, (a, b) =>
    squareRoot(add(multiply(numberIn(a), numberIn(a)), multiply(numberIn(b), numberIn(b)))),
  ),
  'math.fmod': pure(2, 2, (a, b) => {
    const [top, bottom] = [numberIn(a), numberIn(b)]
    return subtract(top, multiply(bottom, truncate(divide(top, bottom))))
  }),
  'math.isclose': pure(
    2,
    2,
    (a, b) => Math.abs(toDouble(numberIn(a)) - toDouble(numberIn(b))) <= 1e-9 * Math.abs(toDouble(numberIn(b))),
  ),
  'np.isclose': pure(
    2,
    2,
    (a, b) => Math.abs(toDouble(numberIn(a)) - toDouble(numberIn(b))) <= 1e-8 + 1e-5 * Math.abs(toDouble(numberIn(b))),
  ),
  'np.floor': floorOf,
  'np.ceil': ceilOf,
  'np.sqrt': root,
  'np.abs': absolute,
  'np.round': rounding,
  'np.gcd': commonDivisor,
  'np.lcm': commonMultiple,
}

/** Those of math go without their module too, as after `from math import *`. */
export const numberFunctions: Readonly<Record<string, TemplateFunction>> = {
  ...Object.fromEntries(Object.entries(named).map(([name, known]) => [name.replace(/^math\./, ''), known])),
  ...named,
}

/** Names without brackets. */
export const numberConstants: Readonly<Record<string, Value>> = {
  'math.pi': inexact(Math.PI),
  'np.pi': inexact(Math.PI),
  pi: inexact(Math.PI),
  'math.e': inexact(Math.E),
}

/** Of a text too: int("12"), Fraction("1/2"). */
function readNumber(value: Value): Numeric {
  if (typeof value !== 'string') return numberIn(value)
  const number = /\d/.test(value) ? readWords(value) : undefined
  if (number === undefined) throw new TemplateFault(`${describe(value)} stands where a number is expected`)
  return number
}

function asDecimal(value: Numeric): Numeric {
  return typeof value === 'number' || isInexact(value) ? value : { ...value, style: 'decimal' }
}

/** Whether a is a whole multiple of b; never of 0. */
function isMultiple(a: Numeric, b: Numeric): boolean {
  if (typeof a === 'number' && typeof b === 'number') return b !== 0 && a % b === 0
  return compare(b, 0) !== 0 && isWhole(divide(a, b))
}

/** 5/2 as `2 1/2`. */
function mixedText(value: Numeric): string {
  if (typeof value === 'number' || isInexact(value)) return numberText(value)
  const whole = truncate(value)
  if (whole === 0 || value.bottom === 1) return value.bottom === 1 ? exactText(value) : `${value.top}/${value.bottom}`
  const rest = add(value, negate(whole))
  if (!isNumeric(rest) || isInexact(rest)) return numberText(value)
  return `${numberText(whole)} ${String(topOf(rest)).replace('-', '')}/${bottomOf(rest)}`
}

function gatherIntegers(values: readonly Value[]): number[] {
  return values.flatMap((value) => (isList(value) ? itemsOf(value).map(integerIn) : [integerIn(value)]))
}

function gcd(a: number, b: number): number {
  return b === 0 ? Math.abs(a) : gcd(b, a % b)
}

function lcm(a: number, b: number): number {
  return a === 0 || b === 0 ? 0 : Math.abs(a * b) / gcd(a, b)
}

function isPrime(value: number): boolean {
  if (value < 2) return false
  if (value > 1e10) throw valueFault('is_prime() of a number above 1e10')
  for (let divisor = 2; divisor * divisor <= value; divisor++) if (value % divisor === 0) return false
  return true
}

/** n (n-1) … (n-k+1). */
function chosen(n: number, k: number): Numeric {
  if (n < 0 || k < 0 || n > 1000) throw valueFault(`a factorial of ${n}`)
  let product: Numeric = 1
  for (let i = 0; i < k; i++) product = multiply(product, ratio(n - i, 1))
  return product
}
