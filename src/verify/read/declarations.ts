/** Parts of a list that say what its letters are, not what its values are: `k ∈ Z`, `n ≥ 1`, "where C is a constant". */

import { expressionsOf, type RelationTree, symbolsOf, type Tree } from '../tree.ts'

const NUMBER_SETS = /^(?:Integers|NonNegativeIntegers|PositiveIntegers|NaturalNumbers|RealNumbers|RationalNumbers)$/

/** `x = kπ, k ∈ Z` without its last part: what kind of number a letter is says nothing about the value. */
export function withoutDeclarations(tree: Tree): Tree {
  return without(tree, isDeclaration)
}

function isDeclaration(tree: Tree): boolean {
  if (tree.kind === 'text') return /\b(?:integer|real number|arbitrary|any constant|constant)s?\b/.test(tree.text)
  if (tree.kind !== 'relation' || tree.operators[0] !== '∈') return false
  const [, set] = tree.sides
  return set?.kind === 'expression' && set.expression.kind === 'symbol' && NUMBER_SETS.test(set.expression.name)
}

/** `n = 2^k, k ≥ 0` against `n = 2^k`: where a count starts is often left unsaid, but not where both sides say it. */
export function withoutUnsaid(gold: Tree, answer: Tree): readonly [Tree, Tree] {
  const [left, right] = [startsOf(gold), startsOf(answer)]
  if (left.length > 0 === right.length > 0) return [gold, answer]
  return [without(gold, (item) => left.includes(item)), without(answer, (item) => right.includes(item))]
}

/** Items of a list such as `k ≥ 0` and `m > 0`, whose letter only stands on the right of the other items. */
function startsOf(tree: Tree): readonly Tree[] {
  if (tree.kind !== 'group' || tree.open !== '') return []
  return tree.items.filter((item) => {
    const letter = startOf(item)
    const others = tree.items.filter((other) => other !== item)
    return letter !== undefined && others.length > 0 && others.every((other) => isValueIn(other, letter))
  })
}

function startOf(tree: Tree): string | undefined {
  if (tree.kind !== 'relation' || tree.sides.length !== 2 || !/^[≥>]$/.test(tree.operators[0] ?? '')) return undefined
  const [left, right] = tree.sides
  if (left?.kind !== 'expression' || left.expression.kind !== 'symbol' || !/^[kmnlj]$/.test(left.expression.name)) {
    return undefined
  }
  const bound = right?.kind === 'expression' && right.expression.kind === 'number' ? right.expression.value : undefined
  return bound && bound.denominator === 1n && bound.numerator >= 0n && bound.numerator <= 1n
    ? left.expression.name
    : undefined
}

/** An equation or a value with the letter, and the letter is not what it is about. */
function isValueIn(tree: Tree, letter: string): boolean {
  const has = (part: Tree | undefined): boolean =>
    part !== undefined && expressionsOf(part).some((expression) => symbolsOf(expression).has(letter))
  if (tree.kind === 'expression') return tree.expression.kind === 'call' && has(tree)
  return isEquation(tree) && !has(tree.sides[0]) && has(tree.sides[1])
}

function isEquation(tree: Tree): tree is RelationTree {
  return tree.kind === 'relation' && tree.sides.length === 2 && tree.operators[0] === '='
}

function without(tree: Tree, isLeftOut: (item: Tree) => boolean): Tree {
  if (tree.kind !== 'group' || tree.open !== '') return tree
  const items = tree.items.filter((item) => !isLeftOut(item))
  const [only] = items
  if (items.length === tree.items.length || items.length === 0) return tree
  return items.length === 1 && only ? only : { ...tree, items }
}
