/** Two expressions: exactly by their normal forms, else by probing; decimals also by rounding. */

import { compareForms, formText, normalForm, rationalOf } from '../algebra/normal-form.ts'
import { withPolynomialDivisors } from '../algebra/polynomial-divisor.ts'
import type { Rational } from '../algebra/rational.ts'
import { rationalToNumber } from '../algebra/reals.ts'
import type { Steps } from '../algebra/steps.ts'
import { callOf, type Expression, numberOf, substitute, symbolsOf } from '../tree.ts'
import { type Context, different, equal, type Outcome, unknown } from './outcome.ts'
import { hideUnknownCalls, probe, realValueOf } from './points.ts'
import { isSameFamily } from './same-family.ts'

/** Equality of values. `gold` and `answer` matter to the rounding policy only. */
export function compareExpressions(gold: Expression, answer: Expression, context: Context): Outcome {
  const outcome = compareValues(gold, answer, context)
  if (outcome.kind === 'equal') return outcome
  const divisors = compareDivisors(gold, answer, context)
  if (divisors) return divisors
  const integrals = compareIntegrals(gold, answer, context)
  if (integrals) return integrals
  const rounded = roundsTo(gold, answer, context)
  return rounded ?? outcome
}

const CONSTANT_OF_INTEGRATION = /^[CcK](?:_\d)?$/

/** `sin^2 x / 2 + C` and `-cos^2 x / 2 + C`: antiderivatives that differ by a constant, where both add one. */
function compareIntegrals(gold: Expression, answer: Expression, context: Context): Outcome | undefined {
  const [left, right] = [withoutConstant(gold), withoutConstant(answer)]
  if (!left || !right) return undefined
  const names = [...symbolsOf(left, symbolsOf(right))]
  if (names.length === 0) return undefined
  const difference = callOf('Add', left, callOf('Negate', right))
  const at = new Map(
    names.map((name, index) => [name, numberOf({ numerator: 7n + 2n * BigInt(index), denominator: 9n })] as const),
  )
  return compareValues(difference, substitute(difference, at), context).kind === 'equal'
    ? equal('constants')
    : undefined
}

/** What stands next to a constant that is added, where there is one and nothing else has it. */
function withoutConstant(expression: Expression): Expression | undefined {
  if (expression.kind !== 'call' || expression.name !== 'Add') return undefined
  const isConstant = (part: Expression): boolean => part.kind === 'symbol' && CONSTANT_OF_INTEGRATION.test(part.name)
  const rest = expression.args.filter((part) => !isConstant(part))
  if (rest.length !== expression.args.length - 1 || rest.length === 0) return undefined
  const sum = callOf('Add', ...rest)
  return [...symbolsOf(sum)].some((name) => CONSTANT_OF_INTEGRATION.test(name)) ? undefined : sum
}

/** gcd(x, y) against 1: the gcd of polynomials, where only one side has one. */
function compareDivisors(gold: Expression, answer: Expression, context: Context): Outcome | undefined {
  const [left, right] = [withPolynomialDivisors(gold, context.steps), withPolynomialDivisors(answer, context.steps)]
  if (!left === !right) return undefined
  const outcome = compareValues(left ?? gold, right ?? answer, context)
  return outcome.kind === 'equal' ? outcome : undefined
}

/** Equality without rounding. */
export function compareValues(gold: Expression, answer: Expression, context: Context): Outcome {
  if (isOwnResidue(gold, answer)) return unknown('residue')
  const infinite = compareInfinities(gold, answer)
  if (infinite) return infinite
  const { steps } = context
  const left = normalForm(gold, steps)
  const right = normalForm(answer, steps)
  const exact = left && right && compareForms(left, right, steps)
  const isNumber = gold.kind === 'number' && answer.kind === 'number'
  if (exact === true) return equal(isNumber ? 'number' : 'algebra')
  if (context.parameter !== undefined && isSameFamily(gold, answer, context.parameter, steps)) return equal('family')
  // What dots stand for is not known, so that other dots may stand for the same.
  if (mentionsDots(gold) || mentionsDots(answer)) return unknown('dots')
  if (exact === false) return different(isNumber ? 'number' : 'algebra')
  return compareByProbing(gold, answer, steps)
}

/** `7 mod 10` against 7 names a class, as there was nothing to work out; `17 mod 5` is 2. */
function isOwnResidue(gold: Expression, answer: Expression): boolean {
  if (gold.kind !== 'number' || answer.kind !== 'call' || answer.name !== 'Mod') return false
  const [value, modulus] = answer.args
  if (value?.kind !== 'number' || modulus?.kind !== 'number') return false
  const { numerator, denominator } = value.value
  return numerator >= 0n && numerator * modulus.value.denominator < modulus.value.numerator * denominator
}

function mentionsDots(expression: Expression): boolean {
  if (expression.kind === 'number') return false
  if (expression.kind === 'symbol') return expression.name === 'dots'
  return expression.name === 'function:dots' || expression.args.some(mentionsDots)
}

function compareInfinities(gold: Expression, answer: Expression): Outcome | undefined {
  const [left, right] = [infinitySign(gold), infinitySign(answer)]
  if (left === undefined && right === undefined) return undefined
  return left === right ? equal('infinity') : different('infinity')
}

/** 1, -1, or undefined for what is not infinite. */
export function infinitySign(expression: Expression): number | undefined {
  if (expression.kind === 'symbol') return expression.name === 'Infinity' ? 1 : undefined
  if (expression.kind !== 'call' || expression.args.length !== 1) return undefined
  const [inner] = expression.args
  const sign = inner && infinitySign(inner)
  return sign !== undefined && expression.name === 'Negate' ? -sign : expression.name === 'Add' ? sign : undefined
}

function compareByProbing(gold: Expression, answer: Expression, steps: Steps): Outcome {
  const keyOf = (call: Expression): string => callKey(call, steps)
  const left = hideUnknownCalls(gold, keyOf)
  const right = hideUnknownCalls(answer, keyOf)
  for (const [one, other] of readingsOfLog(gold, answer)) {
    const [a, b] = [hideUnknownCalls(one, keyOf), hideUnknownCalls(other, keyOf)]
    const { kind, agreed } = probe(a, b, steps)
    if (kind === 'equal') return { kind, rule: 'probe', probed: true, points: agreed }
    if (kind === 'unknown') return unknown('probe')
    const whole = countersOf(a, countersOf(b, new Set()))
    if (whole.size === 0) continue
    const counted = probe(a, b, steps, whole)
    if (counted.kind === 'equal') return { kind: 'equal', rule: 'probe', probed: true, points: counted.agreed }
  }
  // What could not be evaluated stands for itself: equal names are equal, different ones are only not compared.
  const isHidden = [...symbolsOf(right, symbolsOf(left))].some((name) => name.startsWith('hidden '))
  return isHidden ? unknown('probe') : { kind: 'different', rule: 'probe', probed: true, points: 0 }
}

function mentionsPi(expression: Expression): boolean {
  return expression.kind === 'symbol'
    ? expression.name === 'Pi'
    : expression.kind === 'call' && expression.args.some(mentionsPi)
}

/** The letters in exponents of -1, and next to π below a sine: they stand for whole numbers, as in `(-1)^n` and `\sin n\pi`. */
function countersOf(expression: Expression, into: Set<string>): Set<string> {
  if (expression.kind !== 'call') return into
  const [base, exponent] = expression.args
  if (
    expression.name === 'Power' &&
    base?.kind === 'number' &&
    base.value.numerator === -base.value.denominator &&
    exponent
  ) {
    for (const name of symbolsOf(exponent)) if (/^[nkmjlNK]$/.test(name)) into.add(name)
  }
  if (/^(?:Sin|Cos|Tan)$/.test(expression.name) && base && mentionsPi(base)) {
    for (const name of symbolsOf(base)) if (/^[nkm]$/.test(name)) into.add(name)
  }
  for (const arg of expression.args) countersOf(arg, into)
  return into
}

/** `\log` without a base is to base 10 or natural, as makes the sides agree. */
function readingsOfLog(a: Expression, b: Expression): readonly (readonly [Expression, Expression])[] {
  const [left, right] = [asNatural(a), asNatural(b)]
  return left === a && right === b
    ? [[a, b]]
    : [
        [a, b],
        [left, right],
      ]
}

function asNatural(expression: Expression): Expression {
  if (expression.kind !== 'call') return expression
  const args = expression.args.map(asNatural)
  if (expression.name === 'Log' && args.length === 1) return { ...expression, name: 'Ln', args }
  return args.some((arg, at) => arg !== expression.args[at]) ? { ...expression, args } : expression
}

/** A name for a call that is not evaluated; arguments that are equal by algebra give the same name. */
function callKey(call: Expression, steps: Steps): string {
  if (call.kind !== 'call') return ''
  return `${call.name} ${call.args.map((arg) => expressionKey(arg, steps)).join(' ; ')}`
}

function expressionKey(expression: Expression, steps: Steps): string {
  const form = normalForm(expression, steps)
  return form
    ? formText(form)
    : JSON.stringify(expression, (_, value) => (typeof value === 'bigint' ? `${value}` : value))
}

// 0.5 is hardly 0.51 rounded; 0.33 may well be 1/3.
const LEAST_SIGNIFICANT = 3
const LEAST_AGAINST_EXACT = 2

/** A decimal is the other side rounded to the decimal's digits. */
function roundsTo(gold: Expression, answer: Expression, { policies, steps }: Context): Outcome | undefined {
  if (policies.rounding === 'none') return undefined
  if (gold.kind === 'number' && gold.decimals !== undefined) {
    // Two decimals are compared exactly, also where one is written as a fraction: 12.54 is not 12.5.
    const isLong = significantDigits(gold.value, gold.decimals) >= LEAST_AGAINST_EXACT
    if (isLong && !isDecimal(answer) && isRounded(answer, gold.value, gold.decimals, steps)) return equal('rounded')
  }
  if (policies.rounding !== 'either' || answer.kind !== 'number' || answer.decimals === undefined) return undefined
  if (gold.kind === 'number' && (gold.decimals !== undefined || gold.value.denominator === 1n)) return undefined
  if (significantDigits(answer.value, answer.decimals) < LEAST_SIGNIFICANT) return undefined
  return isRounded(gold, answer.value, answer.decimals, steps) ? equal('rounded') : undefined
}

/** Written with a point, or a fraction that ends after a few digits. */
function isDecimal(expression: Expression): boolean {
  if (expression.kind !== 'number') return false
  if (expression.decimals !== undefined) return true
  const scaled = (expression.value.numerator * 10n ** 6n) % expression.value.denominator
  return scaled === 0n && expression.value.denominator !== 1n
}

function isRounded(exact: Expression, decimal: Rational, decimals: number, steps: Steps): boolean {
  if (decimals > 30) return false
  const form = symbolsOf(exact).size === 0 ? normalForm(exact, steps) : undefined
  const value = form && rationalOf(form)
  const scale = 10n ** BigInt(decimals)
  if (value) {
    const offset = {
      numerator: 2n * scale * (value.numerator * decimal.denominator - decimal.numerator * value.denominator),
      denominator: value.denominator * decimal.denominator,
    }
    return isWithinDigits(Number((offset.numerator * 1_000_000n) / offset.denominator) / 2_000_000, decimal, decimals)
  }
  if (symbolsOf(exact).size > 0) return false
  const approximate = realValueOf(exact, steps)
  if (approximate === undefined || !Number.isFinite(approximate)) return false
  const offset = approximate - rationalToNumber(decimal)
  // Sixteen digits of a double are rounded themselves: one unit of the last place is allowed there.
  return (
    Math.abs(offset) <= Math.abs(approximate) * 2 ** -51 || isWithinDigits(offset * 10 ** decimals, decimal, decimals)
  )
}

/** `offset` in units of the last digit: rounded to it, or, where there are four digits or more, cut off after it. */
function isWithinDigits(offset: number, decimal: Rational, decimals: number): boolean {
  if (Math.abs(offset) <= 0.5 * (1 + 1e-9)) return true
  const isOutwards = offset > 0 === decimal.numerator > 0n
  return isOutwards && Math.abs(offset) < 1 && significantDigits(decimal, decimals) >= 4
}

function significantDigits(value: Rational, decimals: number): number {
  if (value.numerator === 0n) return 0
  return Math.floor(Math.log10(Math.abs(rationalToNumber(value)))) + 1 + decimals
}
