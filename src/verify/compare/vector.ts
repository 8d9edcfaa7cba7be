/** A tuple against what is one in other words: a named point `P(2, 5)`, a vector `2i + 3j - k`. */

import { callOf, type Expression, type GroupTree, numberOf, substitute, symbolsOf, type Tree, treeOf } from '../tree.ts'
import { compareInOrder } from './groups.ts'
import { type Context, type Outcome, under } from './outcome.ts'

/** Undefined where the expression is neither; `isGold` says on which side the tuple stands. */
export function compareTupleWith(
  tuple: GroupTree,
  expression: Expression,
  context: Context,
  isGold: boolean,
): Outcome | undefined {
  if (tuple.open === '{' || tuple.open === '') return undefined
  const parts = coordinatesOf(expression, tuple.items.length)
  if (!parts) return undefined
  const others = parts.map(treeOf)
  const [gold, answer]: [readonly Tree[], readonly Tree[]] = isGold ? [tuple.items, others] : [others, tuple.items]
  return under('vector', compareInOrder('vector', gold, answer, context))
}

const ZERO = numberOf({ numerator: 0n, denominator: 1n })
const ONE = numberOf({ numerator: 1n, denominator: 1n })
const UNIT_VECTORS = ['I', 'j', 'k'] as const

function coordinatesOf(expression: Expression, length: number): readonly Expression[] | undefined {
  if (expression.kind === 'call' && /^function:[A-Z]$/.test(expression.name)) {
    return expression.args.length === length ? expression.args : undefined
  }
  const names = symbolsOf(expression)
  if (length < 2 || length > 3 || !(names.has('j') || names.has('k')) || (length === 2 && names.has('k')))
    return undefined
  return UNIT_VECTORS.slice(0, length).map((name) => {
    const along = (unit: Expression): Expression =>
      substitute(expression, new Map(UNIT_VECTORS.map((each) => [each, each === name ? unit : ZERO] as const)))
    return callOf('Add', along(ONE), callOf('Negate', along(ZERO)))
  })
}
