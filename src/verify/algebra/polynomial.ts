/** Polynomials in any number of atoms with exact rational coefficients; i, and square roots of primes, reduce by their squares. */

import { add as addRational, formatRational, multiply as multiplyRational, type Rational } from './rational.ts'
import type { Steps } from './steps.ts'

/** Atom name and exponent above 0, sorted by name. */
type Monomial = readonly (readonly [atom: string, exponent: number])[]

interface Term {
  readonly monomial: Monomial
  readonly coefficient: Rational
}

/** Terms by the text of their monomial; no coefficient is 0. */
export type Polynomial = ReadonlyMap<string, Term>

/** Terms a polynomial may have; more is beyond the exact rung. */
export const MOST_TERMS = 512

export const ZERO: Polynomial = new Map()
export const ONE: Polynomial = constant({ numerator: 1n, denominator: 1n })

export function constant(value: Rational): Polynomial {
  return value.numerator === 0n ? ZERO : new Map([['', { monomial: [], coefficient: value }]])
}

export function atom(name: string, exponent = 1): Polynomial {
  const monomial: Monomial = [[name, exponent]]
  return new Map([[keyOf(monomial), { monomial, coefficient: { numerator: 1n, denominator: 1n } }]])
}

/** The atom whose square is the prime. */
export function rootAtom(prime: bigint, degree: number): string {
  return `root:${degree}:${prime}`
}

export function add(a: Polynomial, b: Polynomial, steps: Steps): Polynomial {
  const sum = new Map(a)
  steps.spend(b.size)
  for (const [key, term] of b) addTerm(sum, key, term)
  return sum
}

export function negate(a: Polynomial): Polynomial {
  return scale(a, { numerator: -1n, denominator: 1n })
}

export function scale(a: Polynomial, factor: Rational): Polynomial {
  if (factor.numerator === 0n) return ZERO
  const scaled = new Map<string, Term>()
  for (const [key, { monomial, coefficient }] of a) {
    scaled.set(key, { monomial, coefficient: multiplyRational(coefficient, factor) })
  }
  return scaled
}

/** Undefined where the product has too many terms. */
export function multiply(a: Polynomial, b: Polynomial, steps: Steps): Polynomial | undefined {
  if (a.size * b.size > 8 * MOST_TERMS) return undefined
  steps.spend(1 + a.size * b.size)
  const product = new Map<string, Term>()
  for (const left of a.values()) {
    for (const right of b.values()) {
      const coefficient = multiplyRational(left.coefficient, right.coefficient)
      const term = reduce(mergeMonomials(left.monomial, right.monomial), coefficient)
      addTerm(product, keyOf(term.monomial), term)
    }
  }
  return product.size > MOST_TERMS ? undefined : product
}

/** To a whole power from 0; undefined where it has too many terms. */
export function power(a: Polynomial, exponent: number, steps: Steps): Polynomial | undefined {
  let result: Polynomial | undefined = ONE
  let square: Polynomial | undefined = a
  for (let n = exponent; n > 0; n = Math.floor(n / 2)) {
    if (!result || !square) return undefined
    if (n % 2 === 1) result = multiply(result, square, steps)
    if (n > 1) square = multiply(square, square, steps)
  }
  return result
}

/** The value where it is a number; undefined otherwise. */
export function constantOf(a: Polynomial): Rational | undefined {
  if (a.size === 0) return { numerator: 0n, denominator: 1n }
  return a.size === 1 ? a.get('')?.coefficient : undefined
}

export function isSame(a: Polynomial, b: Polynomial): boolean {
  if (a.size !== b.size) return false
  for (const [key, { coefficient }] of a) {
    const other = b.get(key)?.coefficient
    if (!other || other.numerator !== coefficient.numerator || other.denominator !== coefficient.denominator)
      return false
  }
  return true
}

/** One text for one polynomial. */
export function textOf(a: Polynomial): string {
  return [...a]
    .map(([key, { coefficient }]) => `${formatRational(coefficient)}*${key}`)
    .sort()
    .join('+')
}

/** Highest exponent of an atom. */
export function degreeIn(a: Polynomial, name: string): number {
  let degree = 0
  for (const { monomial } of a.values()) {
    for (const [at, exponent] of monomial) if (at === name) degree = Math.max(degree, exponent)
  }
  return degree
}

/** Some term, the same one for equal polynomials; undefined for 0. */
export function leadingCoefficient(a: Polynomial): Rational | undefined {
  let least: string | undefined
  for (const key of a.keys()) if (least === undefined || key < least) least = key
  return least === undefined ? undefined : a.get(least)?.coefficient
}

function addTerm(sum: Map<string, Term>, key: string, term: Term): void {
  const present = sum.get(key)
  if (!present) {
    if (term.coefficient.numerator !== 0n) sum.set(key, term)
    return
  }
  const coefficient = addRational(present.coefficient, term.coefficient)
  if (coefficient.numerator === 0n) sum.delete(key)
  else sum.set(key, { monomial: term.monomial, coefficient })
}

function keyOf(monomial: Monomial): string {
  return monomial.map(([name, exponent]) => `${name}^${exponent}`).join(' ')
}

function mergeMonomials(a: Monomial, b: Monomial): Monomial {
  if (a.length === 0) return b
  if (b.length === 0) return a
  const merged = new Map(a)
  for (const [name, exponent] of b) merged.set(name, (merged.get(name) ?? 0) + exponent)
  return [...merged].sort(([x], [y]) => (x < y ? -1 : 1))
}

/** i^2 = -1, and a root to its degree is its prime. */
function reduce(monomial: Monomial, coefficient: Rational): Term {
  if (!monomial.some(([name, exponent]) => exponent > 1 && (name === 'I' || name.startsWith('root:')))) {
    return { monomial, coefficient }
  }
  let factor = coefficient
  const rest: (readonly [string, number])[] = []
  for (const [name, exponent] of monomial) {
    if (name === 'I') {
      if (exponent % 4 >= 2) factor = { ...factor, numerator: -factor.numerator }
      if (exponent % 2 === 1) rest.push([name, 1])
    } else if (name.startsWith('root:')) {
      const [, degreeText = '2', prime = '1'] = name.split(':')
      const degree = Number(degreeText)
      const whole = BigInt(prime) ** BigInt(Math.floor(exponent / degree))
      factor = multiplyRational(factor, { numerator: whole, denominator: 1n })
      if (exponent % degree > 0) rest.push([name, exponent % degree])
    } else {
      rest.push([name, exponent])
    }
  }
  return { monomial: rest, coefficient: factor }
}
