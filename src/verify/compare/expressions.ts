/** Two expressions: exactly by their normal forms, else by probing; decimals also by rounding. */

import { compareForms, formText, normalForm, rationalOf } from '../algebra/normal-form.ts'
import { withPolynomialDivisors } from '../algebra/polynomial-divisor.ts'
import { createRational, order, type Rational } from '../algebra/rational.ts'
import { rationalToNumber } from '../algebra/reals.ts'
import type { Steps } from '../algebra/steps.ts'
import { callOf, type Expression, numberOf, substitute, symbolsOf } from '../tree.ts'
import { type Context, different, equal, type Outcome, unknown } from './outcome.ts'
import { hideUnknownCalls, probe, realValueOf } from './points.ts'

/** Equality of values. `gold` and `answer` matter to the rounding policy only. */
export function compareExpressions(gold: Expression, answer: Expression, context: Context): Outcome {
  const outcome = compareValues(gold, answer, context)
  if (outcome.kind === 'equal') return outcome
  const divisors = compareDivisors(gold, answer, context)
  if (divisors) return divisors
  const rounded = roundsTo(gold, answer, context)
  return rounded ?? outcome
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

/** The letters in exponents of -1, which stand for whole numbers: `(-1)^n`. */
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

/** a + kb and c + kd for all whole k: the same steps, and starts that differ by whole steps. */
function isSameFamily(gold: Expression, answer: Expression, parameter: string, steps: Steps): boolean {
  if (!symbolsOf(gold).has(parameter) || !symbolsOf(answer).has(parameter)) return false
  const at = (expression: Expression, k: bigint): Expression =>
    substitute(expression, new Map([[parameter, numberOf({ numerator: k, denominator: 1n })]]))
  const minus = (a: Expression, b: Expression): Expression => callOf('Add', a, callOf('Negate', b))
  const ratioOf = (top: Expression, bottom: Expression): Rational | undefined => {
    const form = normalForm(callOf('Divide', top, bottom), steps)
    return form && reducedRational(form)
  }
  const step = minus(at(gold, 1n), at(gold, 0n))
  const isLinear = [gold, answer].every((each) => {
    const second = ratioOf(minus(at(each, 3n), at(each, 1n)), minus(at(each, 1n), at(each, 0n)))
    return second?.numerator === 2n && second.denominator === 1n
  })
  const stepRatio = ratioOf(minus(at(answer, 1n), at(answer, 0n)), step)
  const shift = ratioOf(minus(at(gold, 0n), at(answer, 0n)), step)
  const isUnit = stepRatio?.denominator === 1n && (stepRatio.numerator === 1n || stepRatio.numerator === -1n)
  return isLinear && isUnit && shift?.denominator === 1n
}

/** Rational also where top and bottom share a factor such as π: some term gives the ratio, and all have to agree. */
function reducedRational(form: NonNullable<ReturnType<typeof normalForm>>): Rational | undefined {
  const direct = rationalOf(form)
  if (direct) return direct
  let ratio: Rational | undefined
  if (form.top.size !== form.bottom.size) return form.top.size === 0 ? { numerator: 0n, denominator: 1n } : undefined
  for (const [key, { coefficient }] of form.top) {
    const below = form.bottom.get(key)?.coefficient
    const each =
      below && createRational(coefficient.numerator * below.denominator, coefficient.denominator * below.numerator)
    if (!each || (ratio && order(each, ratio) !== 0)) return undefined
    ratio = each
  }
  return ratio
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
