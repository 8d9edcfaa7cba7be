/** Functions in pieces, against each other and against one formula: at points of every piece, and where the pieces meet. */

import { createRational, type Rational } from '../algebra/rational.ts'
import {
  callOf,
  type Expression,
  numberOf,
  type RelationTree,
  substitute,
  symbolsOf,
  type Tree,
  treeOf,
} from '../tree.ts'
import { all, type Context, different, type Outcome, under } from './outcome.ts'
import { realValueOf } from './points.ts'

type Cases = Extract<Tree, { kind: 'cases' }>

const SPREAD: readonly Rational[] = [-400, -61, -9, -3.5, -2, -1, -0.5, 0, 0.25, 1, 2, 2.5, 3, 7, 10, 83, 900].map(
  (value) => rationalFrom(value),
)
const COUNTS: readonly Rational[] = [1, 2, 3, 4, 5, 6, 7, 8].map((value) => rationalFrom(value))

/** Undefined where no side is in pieces of one variable. */
export function comparePieces(gold: Tree, answer: Tree, context: Context): Outcome | undefined {
  if (gold.kind !== 'cases' && answer.kind !== 'cases') return undefined
  if (![gold, answer].every((side) => side.kind === 'cases' || side.kind === 'expression')) return undefined
  const name = [gold, answer]
    .map((side) => (side.kind === 'cases' ? variableOf(side) : undefined))
    .find((each) => each !== undefined)
  if (name === undefined) return undefined
  const isCounted = [gold, answer].some(
    (side) =>
      side.kind === 'cases' &&
      side.rows.some(([, condition]) => condition?.kind === 'text' || condition?.kind === 'residue'),
  )
  const breaks = [gold, answer].flatMap((side) => (side.kind === 'cases' ? breaksOf(side, name, context) : []))
  const points = isCounted ? COUNTS : [...SPREAD, ...breaks.flatMap(around)]
  const parts: Outcome[] = []
  for (const point of points) {
    const at = new Map([[name, numberOf(point)]])
    const [left, right] = [valueAt(gold, at, context), valueAt(answer, at, context)]
    if (left === 'unreadable' || right === 'unreadable') return undefined
    if (!left && !right) continue
    if (!left || !right) return different('cases')
    const part = context.compare(treeOf(left), treeOf(right))
    if (part.kind === 'different') return under('cases', part)
    parts.push(part)
  }
  if (parts.length < 3) return undefined
  return { ...all('cases', parts), probed: true, points: parts.length }
}

function rationalFrom(value: number): Rational {
  return createRational(BigInt(Math.round(value * 4)), 4n) ?? { numerator: 0n, denominator: 1n }
}

/** The one letter of the conditions. */
function variableOf({ rows }: Cases): string | undefined {
  const names = new Set<string>()
  for (const [, condition] of rows) {
    if (condition?.kind === 'text') {
      const letter = /^(?:(?:if|for|when|where) )?([a-z]) (?:is |are )?(?:even|odd)$/.exec(condition.text)?.[1]
      if (letter !== undefined) names.add(letter)
    } else if (condition?.kind === 'residue') {
      if (condition.name?.kind === 'expression')
        for (const name of symbolsOf(condition.name.expression)) names.add(name)
    } else if (condition?.kind === 'relation') {
      for (const side of condition.sides)
        if (side.kind === 'expression') for (const name of symbolsOf(side.expression)) names.add(name)
    }
  }
  const [only] = names
  return names.size === 1 ? only : undefined
}

function valueAt(
  tree: Tree,
  at: ReadonlyMap<string, Expression>,
  context: Context,
): Expression | undefined | 'unreadable' {
  if (tree.kind === 'expression') return tree.percent || tree.unit ? 'unreadable' : substitute(tree.expression, at)
  if (tree.kind !== 'cases') return 'unreadable'
  for (const [value, condition] of tree.rows) {
    if (value?.kind !== 'expression') return 'unreadable'
    const holds = condition === undefined ? true : holdsAt(condition, at, context)
    if (holds === undefined) return 'unreadable'
    if (holds) return substitute(value.expression, at)
  }
  return undefined
}

function holdsAt(condition: Tree, at: ReadonlyMap<string, Expression>, context: Context): boolean | undefined {
  if (condition.kind === 'text') {
    const text = condition.text
    if (/^(?:otherwise|else|elsewhere)$/.test(text)) return true
    const [point] = at.values()
    const isEven = point?.kind === 'number' ? point.value.numerator % 2n === 0n : undefined
    return isEven === undefined || !/\b(?:even|odd)$/.test(text) ? undefined : text.endsWith('even') === isEven
  }
  if (condition.kind === 'residue') return isInClass(condition, at)
  if (condition.kind !== 'relation') return undefined
  return relationHolds(condition, at, context)
}

/** `n even`, where n is a whole number. */
function isInClass(
  { residues, modulus }: Extract<Tree, { kind: 'residue' }>,
  at: ReadonlyMap<string, Expression>,
): boolean | undefined {
  const [point] = at.values()
  if (point?.kind !== 'number' || residues.kind !== 'expression' || residues.expression.kind !== 'number')
    return undefined
  if (modulus.kind !== 'number') return undefined
  return (point.value.numerator - residues.expression.value.numerator) % modulus.value.numerator === 0n
}

function relationHolds(
  { operators, sides }: RelationTree,
  at: ReadonlyMap<string, Expression>,
  context: Context,
): boolean | undefined {
  const values = sides.map((side) =>
    side.kind === 'expression' ? realValueOf(callOf('Add', substitute(side.expression, at)), context.steps) : undefined,
  )
  for (const [index, operator] of operators.entries()) {
    const [left, right] = [values[index], values[index + 1]]
    if (left === undefined || right === undefined) return undefined
    const isEqual = Math.abs(left - right) <= 1e-12 * Math.max(1, Math.abs(left))
    const isBelow = left < right
    const holds = {
      '=': isEqual,
      '≠': !isEqual,
      '<': isBelow && !isEqual,
      '≤': isBelow || isEqual,
      '>': !isBelow && !isEqual,
      '≥': !isBelow || isEqual,
    }[operator as string]
    if (holds === undefined) return undefined
    if (!holds) return false
  }
  return true
}

/** Where conditions change: the numbers next to the letter. */
function breaksOf({ rows }: Cases, name: string, context: Context): number[] {
  return rows.flatMap(([, condition]) =>
    condition?.kind !== 'relation'
      ? []
      : condition.sides.flatMap((side) => {
          if (side.kind !== 'expression' || symbolsOf(side.expression).has(name)) return []
          const value = realValueOf(side.expression, context.steps)
          return value === undefined || Math.abs(value) > 1e6 ? [] : [value]
        }),
  )
}

function around(value: number): Rational[] {
  return [value - 0.25, value, value + 0.25]
    .map((each) => createRational(BigInt(Math.round(each * 2 ** 20)), 2n ** 20n))
    .filter((each) => each !== undefined)
}
