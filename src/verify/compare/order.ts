/** Products whose order matters: matrices by their capital letters, cross products by their vectors. */

import { type Expression, expressionsOf, symbolsOf, type Tree } from '../tree.ts'

const MATRIX = /^[A-HJ-Z](?:_\w+)?$/
const MOST_TERMS = 64

/** True where both sides have the same factors in another order, and the factors may be matrices. */
export function mayNotCommute(gold: Tree, answer: Tree): boolean {
  const [left, right] = [expressionsOf(gold), expressionsOf(answer)]
  // ABA^{-1} is B only where A and B commute.
  const isTurned = [...left, ...right].some(isConjugate)
  if (!isTurned && !(left.some(hasProductOfMatrices) && right.some(hasProductOfMatrices))) return false
  const [one, other] = [left.map(orderText), right.map(orderText)]
  if (isTurned && one.join(';') !== other.join(';')) return true
  const letters = (texts: readonly string[]): string =>
    texts
      .join('')
      .replace(/[^A-Z]/g, '')
      .split('')
      .sort()
      .join('')
  return letters(one) === letters(other) && one.join(';') !== other.join(';')
}

/** True where both sides are one product of matrices, turned round by transposes and inverses: `(AB)^T` and `B^TA^T`. */
export function sameProduct(gold: Tree, answer: Tree): boolean {
  if (gold.kind !== 'expression' || answer.kind !== 'expression') return false
  const [left, right] = [gold.expression, answer.expression]
  return isPlainProduct(left) && isPlainProduct(right) && orderText(left) === orderText(right)
}

/** Matrices, their products, inverses and transposes, and nothing else. */
function isPlainProduct(expression: Expression): boolean {
  if (expression.kind === 'symbol') return MATRIX.test(expression.name)
  if (expression.kind === 'number') return false
  const [base, exponent] = expression.args
  if (expression.name === 'Power' && base && exponent) return isPlainProduct(base) && powerMark(exponent) !== undefined
  return expression.name === 'Multiply' && expression.args.every(isPlainProduct)
}

/** A matrix and its inverse with another one between them. */
function isConjugate(expression: Expression): boolean {
  if (!hasProductOfMatrices(expression)) return false
  return sequencesOf(expression).some((sequence) =>
    sequence.some((factor, at) => sequence.slice(at + 2).includes(toggled(factor, '^-1'))),
  )
}

/** Two different capital letters side by side, and no small letter or number next to them that says they are values. */
function hasProductOfMatrices(expression: Expression): boolean {
  const names = [...symbolsOf(expression)]
  if (names.length < 2 || !names.every((name) => MATRIX.test(name) || name === 'T')) return false
  return sequencesOf(expression).some(
    (sequence) => new Set(sequence.map((factor) => factor.replace(/[\^'].*$/, ''))).size > 1,
  )
}

function orderText(expression: Expression): string {
  return sequencesOf(expression)
    .map((sequence) => sequence.join(' '))
    .sort()
    .join(' + ')
}

/** The capital letters of every summand, in their order: `(AB)^{-1}` is B^-1 A^-1. */
function sequencesOf(expression: Expression): readonly (readonly string[])[] {
  if (expression.kind === 'number') return [[]]
  if (expression.kind === 'symbol') return [MATRIX.test(expression.name) ? [expression.name] : []]
  const { name, args } = expression
  const [first, second] = args
  if (name === 'Add') return args.flatMap(sequencesOf).slice(0, MOST_TERMS)
  if (name === 'Power' && first && second) {
    const inner = sequencesOf(first)
    const turned = powerMark(second)
    if (turned === undefined) return inner.map((sequence) => sequence.map((factor) => `${factor}^`))
    return inner.map((sequence) => sequence.toReversed().map((factor) => toggled(factor, turned)))
  }
  return args.reduce<readonly (readonly string[])[]>(
    (products, arg) =>
      products.flatMap((product) => sequencesOf(arg).map((sequence) => [...product, ...sequence])).slice(0, MOST_TERMS),
    [[]],
  )
}

/** What turns a product round: an inverse or a transpose. */
function powerMark(exponent: Expression): string | undefined {
  if (exponent.kind === 'symbol') return exponent.name === 'T' || exponent.name === 'Top' ? "'" : undefined
  return exponent.kind === 'number' && exponent.value.numerator === -1n && exponent.value.denominator === 1n
    ? '^-1'
    : undefined
}

function toggled(factor: string, mark: string): string {
  return factor.endsWith(mark) ? factor.slice(0, -mark.length) : `${factor}${mark}`
}
