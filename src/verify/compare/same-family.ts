/** Two values with one parameter that are the same for all whole numbers: `π/2 + kπ` and `kπ - π/2`. */

import { normalForm, rationalOf } from '../algebra/normal-form.ts'
import { createRational, order, type Rational } from '../algebra/rational.ts'
import type { Steps } from '../algebra/steps.ts'
import { callOf, type Expression, numberOf, substitute, symbolsOf } from '../tree.ts'

/** a + kb and c + kd for all whole k: the same steps, and starts that differ by whole steps. */
export function isSameFamily(gold: Expression, answer: Expression, parameter: string, steps: Steps): boolean {
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
export function reducedRational(form: NonNullable<ReturnType<typeof normalForm>>): Rational | undefined {
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
