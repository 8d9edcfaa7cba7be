/**
 * The everyday part of LaTeX, read by hand: numbers, letters, fractions, roots, powers, products, sums, the usual functions.
 * It gives the MathJSON that the library's parser gives for the same text, at a tenth of its time; whatever it is not sure
 * of is left to that parser.
 */

import { readArgument, readAtom, readDegrees } from './plain-atoms.ts'
import { commandAt, type MathJson, peek, type Reader, takes } from './plain-reader.ts'

/** Undefined where the text holds anything else: then nothing is said about it. */
export function parsePlainLatex(latex: string): MathJson | undefined {
  if (!PLAIN.test(latex) || OTHERWISE.test(latex)) return undefined
  const reader: Reader = { text: latex, at: 0, isInBars: false, readSum }
  const sum = readSum(reader)
  return sum !== undefined && peek(reader) === '' ? sum : undefined
}

const PLAIN = /^[\w +\-/.,|^{}()[\]!\\]+$/
// A fraction of differentials is an operator, a point needs its digit, a power of ten may be too large for a number.
const OTHERWISE = /\\frac\s*\{?\s*d|(?<!\d)\.|\s!|\\(?:times|cdot)\s*10\s*\^\s*\{?\s*-?\s*\d{4}/

/** Minus binds closer than plus: `a + b - c` is the sum of a and b - c. */
function readSum(reader: Reader): MathJson | undefined {
  takes(reader, '+')
  const terms: MathJson[] = []
  let term = readProduct(reader, takes(reader, '-'))
  for (;;) {
    if (term === undefined) return undefined
    const isMinus = takes(reader, '-')
    if (!isMinus && !takes(reader, '+')) break
    const next = readProduct(reader, false)
    if (next === undefined) return undefined
    if (isMinus) term = ['Subtract', term, next]
    else {
      terms.push(term)
      term = next
    }
  }
  return terms.length === 0 ? term : ['Add', ...terms, term]
}

function readProduct(reader: Reader, isNegative: boolean): MathJson | undefined {
  const first = readRest(reader, isNegative)
  if (first === undefined || !takesDot(reader)) return first
  const factors = [first]
  do {
    const next = readRest(reader, false)
    if (next === undefined) return undefined
    factors.push(next)
  } while (takesDot(reader))
  return ['Multiply', ...factors]
}

function takesDot(reader: Reader): boolean {
  const name = commandAt(reader)
  if (name !== 'cdot' && name !== 'times') return false
  reader.at += 1 + name.length
  return true
}

/** `17 \mod 5`: the rest of a division binds closer than a dot; next to a slash it is left to the library. */
function readRest(reader: Reader, isNegative: boolean): MathJson | undefined {
  const value = readQuotient(reader, isNegative)
  if (value === undefined || commandAt(reader) !== 'mod') return value
  reader.at += '\\mod'.length
  const modulus = readFactors(reader, false)
  const isLast = commandAt(reader) !== 'mod'
  return modulus === undefined || !isLast || reader.text.includes('/') ? undefined : ['Mod', value, modulus]
}

function readQuotient(reader: Reader, isNegative: boolean): MathJson | undefined {
  let quotient = readFactors(reader, isNegative)
  while (quotient !== undefined && takes(reader, '/')) {
    const divisor = readFactors(reader, false)
    if (divisor === undefined) return undefined
    quotient = ['Divide', quotient, divisor]
  }
  return quotient
}

/** What stands side by side; a sign in front belongs to the first factor. */
function readFactors(reader: Reader, isNegative: boolean): MathJson | undefined {
  const factors: MathJson[] = []
  while (startsFactor(reader)) {
    const factor = readFactor(reader)
    if (factor === undefined) return undefined
    factors.push(isNegative && factors.length === 0 ? ['Negate', factor] : factor)
  }
  const [only] = factors
  return factors.length > 1 ? ['InvisibleOperator', ...factors] : only
}

function startsFactor(reader: Reader): boolean {
  const character = peek(reader)
  if (character === '\\') return !/^(?:cdot|times|mod|rfloor|rceil)$/.test(commandAt(reader))
  return character === '|' ? !reader.isInBars : /[\w.{(]/.test(character)
}

function readFactor(reader: Reader): MathJson | undefined {
  let base = readAtom(reader)
  let isRaised = false
  while (base !== undefined) {
    const degrees = isRaised ? undefined : readDegrees(reader, base)
    if (degrees !== undefined) {
      base = degrees
      isRaised = true
    } else if (takes(reader, '^')) {
      const exponent = isRaised ? undefined : readArgument(reader)
      if (exponent === undefined) return undefined
      base = ['Power', base, exponent]
      isRaised = true
    } else if (takes(reader, '!')) {
      if (peek(reader) === '!') return undefined
      base = ['Factorial', base]
    } else break
  }
  const next = peek(reader)
  return next === '_' || next === "'" ? undefined : base
}
