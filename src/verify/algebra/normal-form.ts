/** The exact rung for expressions: a quotient of polynomials over the rationals. What is not algebra becomes an atom. */

import type { Expression } from '../tree.ts'
import { exactCall, exactPower, isWhole } from './exact-calls.ts'
import {
  add,
  atom,
  constant,
  constantOf,
  isSame,
  leadingCoefficient,
  multiply,
  negate,
  ONE,
  type Polynomial,
  power,
  rootAtom,
  scale,
  textOf,
} from './polynomial.ts'
import { createRational, divide as divideRational, type Rational } from './rational.ts'
import type { Steps } from './steps.ts'

export interface NormalForm {
  readonly top: Polynomial
  readonly bottom: Polynomial
  /** True where all atoms are independent, so that a different form is a different value. */
  readonly isFaithful: boolean
}

const MOST_EXPANDED = 40
const MOST_TRIAL = 2_000n

/** Undefined where it is beyond the bounds, or divides by 0. */
export function normalForm(expression: Expression, steps: Steps): NormalForm | undefined {
  steps.spend()
  if (expression.kind === 'number') return { top: constant(expression.value), bottom: ONE, isFaithful: true }
  if (expression.kind === 'symbol') {
    if (expression.name === 'Infinity') return undefined
    return { top: atom(expression.name), bottom: ONE, isFaithful: true }
  }
  const forms: NormalForm[] = []
  for (const arg of expression.args) {
    const form = normalForm(arg, steps)
    if (!form) return undefined
    forms.push(form)
  }
  return combine(expression.name, forms, steps)
}

/** Exactly equal, exactly different, or undefined: not decided here. */
export function compareForms(a: NormalForm, b: NormalForm, steps: Steps): boolean | undefined {
  const left = multiply(a.top, b.bottom, steps)
  const right = multiply(b.top, a.bottom, steps)
  if (!left || !right) return undefined
  if (isSame(left, right)) return true
  return a.isFaithful && b.isFaithful ? false : undefined
}

/** The value where it is rational. */
export function rationalOf(form: NormalForm): Rational | undefined {
  const top = constantOf(form.top)
  const bottom = constantOf(form.bottom)
  return top && bottom && divideRational(top, bottom)
}

/** One text for one form, up to common factors. */
export function formText({ top, bottom }: NormalForm): string {
  const leading = leadingCoefficient(bottom)
  const unit = leading && createRational(leading.denominator, leading.numerator)
  if (!unit) return 'undefined'
  const below = textOf(scale(bottom, unit))
  return below === '1*' ? textOf(scale(top, unit)) : `(${textOf(scale(top, unit))})/(${below})`
}

function combine(name: string, forms: readonly NormalForm[], steps: Steps): NormalForm | undefined {
  const [first, second] = forms
  if (!first) return opaque(name, forms)
  switch (name) {
    case 'Add':
      return forms.reduce<NormalForm | undefined>((sum, each) => sum && addForms(sum, each, steps), zeroForm())
    case 'Negate':
      return { ...first, top: negate(first.top) }
    case 'Multiply':
      return forms.reduce<NormalForm | undefined>((product, each) => product && times(product, each, steps), oneForm())
    case 'Divide':
      return second && invert(second) ? times(first, flipped(second), steps) : undefined
    case 'Power':
      return second && powerForm(first, second, steps)
    case 'Sqrt':
      return rootForm(first, { numerator: 1n, denominator: 2n }, steps)
    case 'Root': {
      const degree = second && rationalOf(second)
      const exponent = degree && createRational(degree.denominator, degree.numerator)
      return exponent ? rootForm(first, exponent, steps) : opaque(name, forms)
    }
    case 'Exp':
      return powerForm({ top: atom('E'), bottom: ONE, isFaithful: true }, first, steps)
    case 'Degrees':
      return times(
        first,
        { top: atom('Pi'), bottom: constant({ numerator: 180n, denominator: 1n }), isFaithful: true },
        steps,
      )
    default: {
      const values = forms.map(rationalOf)
      const exact = values.every((value) => value !== undefined) ? exactCall(name, values) : undefined
      return exact ? { top: constant(exact), bottom: ONE, isFaithful: true } : opaque(name, forms)
    }
  }
}

function zeroForm(): NormalForm {
  return { top: new Map(), bottom: ONE, isFaithful: true }
}

function oneForm(): NormalForm {
  return { top: ONE, bottom: ONE, isFaithful: true }
}

function addForms(a: NormalForm, b: NormalForm, steps: Steps): NormalForm | undefined {
  const isFaithful = a.isFaithful && b.isFaithful
  if (isSame(a.bottom, b.bottom)) return { top: add(a.top, b.top, steps), bottom: a.bottom, isFaithful }
  const left = multiply(a.top, b.bottom, steps)
  const right = multiply(b.top, a.bottom, steps)
  const bottom = multiply(a.bottom, b.bottom, steps)
  return left && right && bottom && { top: add(left, right, steps), bottom, isFaithful }
}

function times(a: NormalForm, b: NormalForm, steps: Steps): NormalForm | undefined {
  const top = multiply(a.top, b.top, steps)
  const bottom = multiply(a.bottom, b.bottom, steps)
  return top && bottom && { top, bottom, isFaithful: a.isFaithful && b.isFaithful }
}

function invert(a: NormalForm): boolean {
  return a.top.size > 0
}

function flipped(a: NormalForm): NormalForm {
  return { top: a.bottom, bottom: a.top, isFaithful: a.isFaithful }
}

function powerForm(base: NormalForm, exponent: NormalForm, steps: Steps): NormalForm | undefined {
  const by = rationalOf(exponent)
  if (!by) return opaque('Power', [base, exponent])
  if (!isWhole(by)) return rootForm(base, by, steps)
  const value = rationalOf(base)
  if (value) {
    const exact = exactPower(value, by)
    return exact
      ? { top: constant(exact), bottom: ONE, isFaithful: true }
      : value.numerator === 0n
        ? undefined
        : opaque('Power', [base, exponent])
  }
  const size = Number(by.numerator < 0n ? -by.numerator : by.numerator)
  const isMonomial = base.top.size === 1 && base.bottom.size === 1
  if (size > (isMonomial ? 4_096 : MOST_EXPANDED)) return opaque('Power', [base, exponent])
  const top = power(base.top, size, steps)
  const bottom = power(base.bottom, size, steps)
  if (!top || !bottom) return opaque('Power', [base, exponent])
  const raised = { top, bottom, isFaithful: base.isFaithful }
  return by.numerator < 0n ? (invert(raised) ? flipped(raised) : undefined) : raised
}

/** Roots of rational numbers in terms of roots of primes; every other root is an atom. */
function rootForm(base: NormalForm, exponent: Rational, steps: Steps): NormalForm | undefined {
  const value = rationalOf(base)
  const asAtom = (): NormalForm => opaque('Power', [base, { top: constant(exponent), bottom: ONE, isFaithful: true }])
  if (!value || exponent.denominator > 16n) return asAtom()
  if (value.numerator === 0n) return exponent.numerator > 0n ? zeroForm() : undefined
  const isNegative = value.numerator < 0n
  if (isNegative && exponent.denominator !== 2n) return asAtom()
  const top = rootOfWhole(isNegative ? -value.numerator : value.numerator, exponent, steps)
  const bottom = rootOfWhole(value.denominator, exponent, steps)
  if (!top || !bottom) return asAtom()
  const quotient = times(top, flipped(bottom), steps)
  if (!quotient || !isNegative) return quotient
  const turns = power(atom('I'), Number(((exponent.numerator % 4n) + 4n) % 4n), steps)
  return turns && times(quotient, { top: turns, bottom: ONE, isFaithful: true }, steps)
}

/** n^exponent for n above 0; undefined where n does not factor by small primes into small powers. */
function rootOfWhole(n: bigint, exponent: Rational, steps: Steps): NormalForm | undefined {
  const degree = Number(exponent.denominator)
  if (exponent.numerator > 64n || exponent.numerator < -64n) return undefined
  let form: NormalForm | undefined = oneForm()
  for (const [prime, count] of factorsOf(n, steps)) {
    const total = BigInt(count) * exponent.numerator
    const wholePart =
      total >= 0n ? total / exponent.denominator : -((-total + exponent.denominator - 1n) / exponent.denominator)
    const rest = Number(total - wholePart * exponent.denominator)
    const scaled = exactPower({ numerator: prime, denominator: 1n }, { numerator: wholePart, denominator: 1n })
    if (!scaled || !form) return undefined
    form = times(form, { top: constant(scaled), bottom: ONE, isFaithful: true }, steps)
    if (rest === 0 || !form) continue
    // Square roots of different primes are independent; mixed degrees of one prime are not.
    const root = {
      top: atom(rootAtom(prime, degree), rest),
      bottom: ONE,
      isFaithful: degree === 2 && prime <= MOST_TRIAL ** 2n,
    }
    form = times(form, root, steps)
  }
  return form
}

/** Prime factors by trial division; what is left above the bound counts as one factor. */
function factorsOf(n: bigint, steps: Steps): [prime: bigint, count: number][] {
  const factors: [bigint, number][] = []
  let rest = n
  for (let p = 2n; p <= MOST_TRIAL && p * p <= rest; p += p === 2n ? 1n : 2n) {
    steps.spend()
    let count = 0
    while (rest % p === 0n) {
      rest /= p
      count++
    }
    if (count > 0) factors.push([p, count])
  }
  if (rest > 1n) factors.push([rest, 1])
  return factors
}

const ORDER_FREE = new Set(['GCD', 'LCM', 'Min', 'Max'])

/** Anything else: an atom named by the function and the forms of its arguments. */
function opaque(name: string, forms: readonly NormalForm[]): NormalForm {
  const args = forms.map(formText)
  if (ORDER_FREE.has(name)) args.sort()
  // A factor that exp or a root could pull out makes two atoms depend on each other, so difference is not proven.
  return { top: atom(`${name}(${args.join(';')})`), bottom: ONE, isFaithful: false }
}
