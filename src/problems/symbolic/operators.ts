/** The operators between values: numbers calculate, texts and lists join and repeat, everything compares. */

import { add, divide, multiply, type Numeric, negate, subtract } from './exact.ts'
import { compare, floorDivide, modulo, power } from './exact-functions.ts'
import { TemplateFault } from './fault.ts'
import { formatPercent } from './format.ts'
import type { BinaryOperator, Comparison } from './syntax.ts'
import {
  describe,
  integerIn,
  isEqual,
  isLabelled,
  isList,
  isRange,
  itemsOf,
  labelledOf,
  listOf,
  numberIn,
  textOf,
  type Value,
} from './value.ts'

/** @throws TemplateFault where Python has no such operation, or for a division by zero */
export function calculate(operator: BinaryOperator, left: Value, right: Value): Value {
  switch (operator) {
    case '+':
      return isJoinable(left) && isJoinable(right) ? join(left, right) : numeric(operator, add, left, right)
    case '-':
      return numeric(operator, subtract, left, right)
    case '*':
      if (isSequence(left)) return repeat(left, right)
      if (isSequence(right)) return repeat(right, left)
      return numeric(operator, multiply, left, right)
    case '/':
      return numeric(operator, divide, left, right)
    case '//':
      return numeric(operator, floorDivide, left, right)
    case '%':
      return typeof left === 'string'
        ? formatPercent(left, isList(right) ? right.items : [right])
        : numeric(operator, modulo, left, right)
    case '**':
      return numeric(operator, power, left, right)
    default:
      return bitwise(operator, left, right)
  }
}

function numeric(sign: string, operation: (a: Numeric, b: Numeric) => Numeric, left: Value, right: Value): Numeric {
  if (typeof left === 'string' || typeof right === 'string') {
    throw new TemplateFault(`${sign} between ${describe(left)} and ${describe(right)}`)
  }
  return operation(numberIn(left), numberIn(right))
}

/** True for what + joins with its like. */
function isJoinable(value: Value): boolean {
  return typeof value === 'string' || isList(value) || isRange(value)
}

/** What * repeats: a pair that stands for a number is none of it. */
function isSequence(value: Value): boolean {
  if (typeof value === 'string' || isRange(value)) return true
  return isList(value) && labelledOf(value) === undefined
}

function join(left: Value, right: Value): Value {
  if (typeof left === 'string' || typeof right === 'string') {
    if (typeof left === 'string' && typeof right === 'string') return bounded(left + right)
    throw new TemplateFault(`+ between ${describe(left)} and ${describe(right)}`)
  }
  return listOf([...itemsOf(left), ...itemsOf(right)])
}

function repeat(sequence: Value, times: Value): Value {
  const count = Math.max(0, integerIn(times))
  if (typeof sequence === 'string') {
    return count * sequence.length > LONGEST_TEXT ? bounded('', true) : sequence.repeat(count)
  }
  const items = itemsOf(sequence)
  if (count * items.length > 1_000_000) throw new TemplateFault('a list of more than 1000000 items')
  return listOf(Array.from({ length: count }, () => items).flat())
}

const LONGEST_TEXT = 100_000

function bounded(text: string, isTooLong = text.length > LONGEST_TEXT): string {
  if (isTooLong) throw new TemplateFault(`a text of more than ${LONGEST_TEXT} characters`)
  return text
}

function bitwise(operator: '&' | '|' | '^', left: Value, right: Value): Value {
  if (typeof left === 'boolean' && typeof right === 'boolean') {
    return operator === '&' ? left && right : operator === '|' ? left || right : left !== right
  }
  // Sets are lists without repetitions here.
  if (isList(left) && isList(right)) return joinSets(operator, left.items, right.items)
  const [a, b] = [BigInt(integerIn(left)), BigInt(integerIn(right))]
  return Number(operator === '&' ? a & b : operator === '|' ? a | b : a ^ b)
}

function joinSets(operator: '&' | '|' | '^', left: readonly Value[], right: readonly Value[]): Value {
  const isInRight = (item: Value) => right.some((other) => isEqual(item, other))
  const added = right.filter((item) => !left.some((other) => isEqual(item, other)))
  if (operator === '&') return listOf(left.filter(isInRight))
  return listOf([...(operator === '|' ? left : left.filter((item) => !isInRight(item))), ...added])
}

export function signed(operator: '-' | '+', value: Value): Numeric {
  const number = numberIn(value)
  return operator === '-' ? negate(number) : number
}

/** @throws TemplateFault where the values have no order */
export function isRelated(operator: Comparison, left: Value, right: Value): boolean {
  switch (operator) {
    case '==':
    case 'is':
      return isEqual(left, right)
    case '!=':
    case 'is not':
      return !isEqual(left, right)
    case 'in':
      return isIn(left, right)
    case 'not in':
      return !isIn(left, right)
    default: {
      const order = orderOf(left, right)
      if (operator === '<') return order < 0
      if (operator === '>') return order > 0
      return operator === '<=' ? order <= 0 : order >= 0
    }
  }
}

function isIn(item: Value, collection: Value): boolean {
  if (typeof collection === 'string') return collection.includes(isLabelled(item) ? item.label : textOf(item))
  return itemsOf(collection).some((other) => isEqual(item, other))
}

/** Negative, 0 or positive, as left stands before, with or after right. @throws TemplateFault */
export function orderOf(left: Value, right: Value): number {
  if (typeof left === 'number' && typeof right === 'number') return left - right
  if (typeof left === 'string' && typeof right === 'string') return left < right ? -1 : left > right ? 1 : 0
  if (typeof left === 'string' || typeof right === 'string') {
    throw new TemplateFault(`${describe(left)} is compared with ${describe(right)}`)
  }
  // Lists compare item by item; what pairs stand for a number compare as that.
  if (isList(left) && isList(right) && (labelledOf(left) === undefined || labelledOf(right) === undefined)) {
    const place = left.items.findIndex((item, index) => !isEqual(item, right.items[index]))
    if (place < 0 || place >= right.items.length) return left.items.length - right.items.length
    return orderOf(left.items[place], right.items[place])
  }
  return compare(numberIn(left), numberIn(right))
}
