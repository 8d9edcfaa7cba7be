/** Values with a percent sign, a unit, or neither. */

import type { Rational } from '../algebra/rational.ts'
import {
  callOf,
  callsOf,
  type Expression,
  type ExpressionTree,
  type GroupTree,
  numberOf,
  symbolsOf,
  type Unit,
} from '../tree.ts'
import { compareExpressions, compareValues } from './expressions.ts'
import { type Context, different, type Outcome, under, unknown } from './outcome.ts'

const HUNDRED: Rational = { numerator: 100n, denominator: 1n }

export function compareQuantities(gold: ExpressionTree, answer: ExpressionTree, context: Context): Outcome {
  if (gold.percent !== answer.percent) return comparePercent(gold, answer, context)
  if (gold.unit && answer.unit && isRadian(gold.unit) !== isRadian(answer.unit) && isAngle(gold.unit, answer.unit)) {
    return under('degrees', compareValues(inRadians(gold), inRadians(answer), context))
  }
  if (gold.unit && answer.unit) return compareUnits(gold, gold.unit, answer, answer.unit, context)
  if (gold.unit || answer.unit) return compareOneUnit(gold, answer, context)
  return compareExpressions(gold.expression, answer.expression, context)
}

/** The side without the sign is 50, or 1/2, or either, as the policy says. */
function comparePercent(gold: ExpressionTree, answer: ExpressionTree, context: Context): Outcome {
  const { percent } = context.policies
  if (percent !== 'hundredth') {
    const dropped = compareDropped(gold.expression, answer.expression, context)
    if (dropped.kind === 'equal' || percent === 'drop') return under('percent', dropped)
  }
  const [left, right] = [inPercent(gold), inPercent(answer)]
  return under('percent', compareExpressions(left, right, context))
}

// 0.14% is hardly 1/7 with a sign too many: only what is exactly the same may be below one percent.
function compareDropped(gold: Expression, answer: Expression, context: Context): Outcome {
  const isSmall = [gold, answer].some(({ kind, ...rest }) => {
    if (kind !== 'number' || !('value' in rest)) return false
    const { numerator, denominator } = rest.value
    return numerator < denominator && -numerator < denominator
  })
  return isSmall ? compareValues(gold, answer, context) : compareExpressions(gold, answer, context)
}

function inPercent({ expression, percent }: ExpressionTree): Expression {
  if (percent) return expression
  if (expression.kind === 'number') {
    const { value, decimals } = expression
    const scaled = { numerator: value.numerator * 100n, denominator: value.denominator }
    // Two digits fewer after the point: 0.335 is 33.5%.
    return callOf('Add', numberOf(scaled, decimals === undefined ? undefined : Math.max(0, decimals - 2)))
  }
  return callOf('Multiply', numberOf(HUNDRED), expression)
}

function compareUnits(
  gold: ExpressionTree,
  goldUnit: Unit,
  answer: ExpressionTree,
  answerUnit: Unit,
  context: Context,
): Outcome {
  if (goldUnit.name === answerUnit.name || bothPlain(goldUnit, answerUnit)) {
    const outcome = compareExpressions(gold.expression, answer.expression, context)
    const isSame = goldUnit.name === answerUnit.name || outcome.kind === 'different'
    return isSame ? outcome : unknown('measure')
  }
  if (goldUnit.dimension !== answerUnit.dimension) {
    return goldUnit.factor && answerUnit.factor ? different('units') : unknown('measure')
  }
  if (!goldUnit.factor || !answerUnit.factor) return unknown('measure')
  if (goldUnit.offset || answerUnit.offset) {
    const [left, right] = [temperatureOf(gold, goldUnit), temperatureOf(answer, answerUnit)]
    const outcome = left && right ? compareExpressions(left, right, context) : unknown('units')
    // As differences of temperatures they may still be equal.
    return outcome.kind === 'equal' ? under('units', outcome) : unknown('measure')
  }
  const scaled = ({ expression }: ExpressionTree, factor: Rational): Expression =>
    factor.numerator === factor.denominator ? expression : callOf('Multiply', numberOf(factor), expression)
  return under('units', compareExpressions(scaled(gold, goldUnit.factor), scaled(answer, answerUnit.factor), context))
}

/** In kelvin, from whatever zero the scale has. */
function temperatureOf({ expression }: ExpressionTree, { factor, offset }: Unit): Expression | undefined {
  const shifted = offset ? callOf('Add', expression, numberOf(offset)) : expression
  return factor && callOf('Multiply', numberOf(factor), shifted)
}

/** `2 hours, 30 minutes` as one value in the base unit: parts of one dimension in different units. */
export function sumOfUnits(group: GroupTree): ExpressionTree | undefined {
  const parts: Expression[] = []
  const names = new Set<string>()
  let dimension: string | undefined
  for (const item of group.items) {
    if (item.kind !== 'expression' || !item.unit?.factor) return undefined
    if (dimension !== undefined && item.unit.dimension !== dimension) return undefined
    dimension = item.unit.dimension
    names.add(item.unit.name)
    parts.push(callOf('Multiply', numberOf(item.unit.factor), item.expression))
  }
  if (group.open !== '' || parts.length < 2 || names.size < parts.length || dimension === undefined) return undefined
  const unit: Unit = { name: 'base', factor: { numerator: 1n, denominator: 1n }, dimension }
  return { kind: 'expression', expression: callOf('Add', ...parts), percent: false, unit }
}

// A degree is the unit of angles, as its parts are exact; a radian is not a rational number of them.
function isRadian(unit: Unit): boolean {
  return /^rad(?:ian)?s?\^1$/i.test(unit.name)
}

function isAngle(...units: readonly Unit[]): boolean {
  return units.every(({ dimension }) => dimension === 'angle^1')
}

function inRadians({ expression, unit }: ExpressionTree): Expression {
  if (!unit?.factor || isRadian(unit)) return expression
  return callOf('Degrees', callOf('Multiply', numberOf(unit.factor), expression))
}

function bothPlain(a: Unit, b: Unit): boolean {
  return a.factor === undefined && b.factor === undefined
}

/** A unit on one side: left out on the other, or degrees against radians. */
function compareOneUnit(gold: ExpressionTree, answer: ExpressionTree, context: Context): Outcome {
  const unit = gold.unit ?? answer.unit
  const [measured, plain] = gold.unit ? [gold, answer] : [answer, gold]
  if (unit?.dimension === 'angle^1' && unit.factor && !isRadian(unit)) {
    const radians = callOf('Degrees', measured.expression)
    const isRadian = mentionsPi(plain.expression) || symbolsOf(plain.expression).size > 0
    if (isRadian) return under('degrees', compareValues(radians, plain.expression, context))
  }
  const outcome = compareExpressions(gold.expression, answer.expression, context)
  const isMissed = context.policies.units === 'required' && unit?.factor !== undefined && outcome.kind === 'equal'
  return isMissed ? different('units') : outcome
}

function mentionsPi(expression: Expression): boolean {
  if (expression.kind === 'symbol') return expression.name === 'Pi'
  return (
    expression.kind === 'call' &&
    (expression.args.some(mentionsPi) || [...callsOf(expression)].some((name) => name.startsWith('Arc')))
  )
}
