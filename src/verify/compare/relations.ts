/** Equations, inequalities and chains, against each other and against bare values. */

import { compareForms, normalForm } from '../algebra/normal-form.ts'
import { degreeIn, isSame, leadingCoefficient, scale } from '../algebra/polynomial.ts'
import { divide } from '../algebra/rational.ts'
import {
  callOf,
  type Expression,
  expressionsOf,
  numberOf,
  type RelationOperator,
  type RelationTree,
  substitute,
  substituteTree,
  symbolOf,
  symbolsOf,
  type Tree,
  treeOf,
} from '../tree.ts'
import { isFalselyRounded } from './chains.ts'
import { compareValues } from './expressions.ts'
import { compareInOrder, hasValueForEach, isLabel, namesAnother } from './groups.ts'
import { all, type Context, different, type Outcome, under, unknown } from './outcome.ts'
import { realValueOf } from './points.ts'

export function compareRelations(first: RelationTree, second: RelationTree, context: Context): Outcome {
  if (isFalselyRounded(second, context)) return unknown('false-chain')
  const gold = exactPart(first)
  const answer = exactPart(second)
  if (gold.kind !== 'relation' || answer.kind !== 'relation') return context.compare(gold, answer)
  const [left, right] = [ascending(gold), ascending(answer)]
  if (left.sides.length !== right.sides.length) return lastValues(left, right, context)
  const sameOperators = left.operators.every((operator, at) => sameOperator(operator, right.operators[at]))
  if (!sameOperators) return different('relation')
  const direct = compareSides(left, sameLabel(left, renamedArgument(left, right)), context)
  if (direct.kind === 'equal' || left.sides.length !== 2) return direct
  const [operator] = left.operators
  if (operator === '=' || operator === '≠' || operator === '≈') {
    const swapped = compareSides(left, { ...right, sides: right.sides.toReversed() }, context)
    if (swapped.kind === 'equal') return swapped
  }
  return compareDifferences(left, right, context) ?? direct
}

/** `x = 5` against `5`, `x ∈ A` against `A`, `a < b < c` against `a, b, c`, `xy = 6` against `6/x`. */
export function compareRelationWith(relation: RelationTree, other: Tree, context: Context, isGold: boolean): Outcome {
  if (!isGold && isFalselyRounded(relation, context)) return unknown('false-chain')
  const compare = (part: Tree): Outcome => (isGold ? context.compare(part, other) : context.compare(other, part))
  const exact = exactPart(relation)
  if (exact.kind !== 'relation') return compare(exact)
  const { operators, sides } = exact
  const [left, right] = sides
  if (!left || !right) return unknown('relation')
  if (operators.every((operator) => operator === '=' || operator === '∈' || operator === '→')) {
    const last = sides.at(-1)
    const chain = compareChain(sides, context)
    if (chain) return chain
    if (isLabel(left) && last) {
      if (!hasValueForEach(left, last) || namesAnother(left, other)) return unknown('relation')
      return under('assignment', compare(last))
    }
    if (sides.length === 2 && isLabel(right)) return under('assignment', compare(left))
    if (last && (isArithmetic(left) || isMeasured(left, last) || hasDots(left)))
      return under('assignment', compare(last))
    const isIdentity = sides.length === 2 && last && compareIdentity(left, last, context)
    if (isIdentity && last) return under('identity', compare(last))
    if (sides.length === 2 && other.kind === 'expression') return compareSolved(exact, other.expression, context)
  }
  if (other.kind === 'group' && other.open === '' && operators.every((each) => each === '<')) {
    return isGold
      ? compareInOrder('chain', sides, other.items, context)
      : compareInOrder('chain', other.items, sides, context)
  }
  return unknown('relation')
}

/** Sides without letters have to be equal among themselves: `4 = 3` says neither, and `3·4 = 12` says 12. */
function compareChain(sides: readonly Tree[], context: Context): Outcome | undefined {
  const values = sides.filter(
    (side) =>
      isArithmetic(side) && side.kind === 'expression' && realValueOf(side.expression, context.steps) !== undefined,
  )
  const [first, ...rest] = values
  if (!first || rest.length === 0) return undefined
  const kinds = rest.map((value) => context.compare(first, value).kind)
  return kinds.every((kind) => kind === 'equal') ? undefined : unknown('false-chain')
}

/** Of `x = 1/3 ≈ 0.33` the part before the approximation; of `f(x) ≈ 2` all. */
function exactPart(relation: RelationTree): Tree {
  const at = relation.operators.indexOf('≈')
  const [first] = relation.sides
  if (at < 0 || !first) return relation
  if (at === 0) {
    if (!isLabel(first)) return first
    return { ...relation, operators: ['=', ...relation.operators.slice(1)] }
  }
  return { ...relation, operators: relation.operators.slice(0, at), sides: relation.sides.slice(0, at + 1) }
}

/** `5 > x` is `x < 5`. */
function ascending(relation: RelationTree): RelationTree {
  if (!relation.operators.every((operator) => operator === '>' || operator === '≥')) return relation
  const operators = relation.operators.toReversed().map((operator): RelationOperator => (operator === '>' ? '<' : '≤'))
  return { ...relation, operators, sides: relation.sides.toReversed() }
}

function sameOperator(a: RelationOperator, b: RelationOperator | undefined): boolean {
  return a === b || (a === '=' && b === '∈') || (a === '∈' && b === '=')
}

function compareSides(gold: RelationTree, answer: RelationTree, context: Context): Outcome {
  return compareInOrder('relation', gold.sides, answer.sides, context)
}

/** `a = b = 5` against `a = 5`: the first names and the last values. */
function lastValues(gold: RelationTree, answer: RelationTree, context: Context): Outcome {
  const isEquation = [...gold.operators, ...answer.operators].every((operator) => operator === '=')
  const [goldFirst, answerFirst] = [gold.sides[0], answer.sides[0]]
  const [goldLast, answerLast] = [gold.sides.at(-1), answer.sides.at(-1)]
  if (!isEquation || !goldFirst || !answerFirst || !goldLast || !answerLast) return different('relation')
  if (!isLabel(goldFirst) || !isLabel(answerFirst)) return unknown('relation')
  return all('relation', [context.compare(goldFirst, answerFirst), context.compare(goldLast, answerLast)])
}

/** `y`, `y(x)` and `f(x)` name one function of x. */
function sameLabel(gold: RelationTree, answer: RelationTree): RelationTree {
  const [label, other] = [gold.sides[0], answer.sides[0]]
  if (!label || !other || gold.operators[0] !== '=' || answer.operators[0] !== '=') return answer
  const areOne = (isY(label) && isFunctionOfX(other)) || (isFunctionOfX(label) && isY(other))
  return areOne ? { ...answer, sides: [label, ...answer.sides.slice(1)] } : answer
}

function isY(tree: Tree): boolean {
  return tree.kind === 'expression' && tree.expression.kind === 'symbol' && tree.expression.name === 'y'
}

function isFunctionOfX(tree: Tree): boolean {
  if (tree.kind !== 'expression' || tree.expression.kind !== 'call' || !/^function:[fy]$/.test(tree.expression.name))
    return false
  const [argument] = tree.expression.args
  return tree.expression.args.length === 1 && argument?.kind === 'symbol' && /^[xt]$/.test(argument.name)
}

/** `f(z) = z` says what `f(x) = x` says; `f(z) = x` does not, as its x is not the argument. */
function renamedArgument(gold: RelationTree, answer: RelationTree): RelationTree {
  const [from, to] = [functionArgument(answer.sides[0]), functionArgument(gold.sides[0])]
  if (!from || !to || from.name !== to.name || from.argument === to.argument) return answer
  // The argument of a function is a letter for any value; events and random variables are what they are called.
  if (!/^[a-z]/.test(from.argument) || !/^[a-z]/.test(to.argument)) return answer
  const mentions = (letter: string): boolean =>
    answer.sides.some(
      (side) => functionArgument(side) === undefined && expressionsOf(side).some((part) => symbolsOf(part).has(letter)),
    )
  if (mentions(to.argument)) return answer
  // The index of a name that nothing depends on is part of the name: I_p is not I_q.
  if (from.isIndex && !mentions(from.argument)) return answer
  const values = new Map([
    [from.argument, symbolOf(to.argument)],
    [`${from.name}_${from.argument}`, symbolOf(`${to.name}_${to.argument}`)],
  ])
  return { ...answer, sides: answer.sides.map((side) => substituteTree(side, values)) }
}

function functionArgument(tree: Tree | undefined): { name: string; argument: string; isIndex: boolean } | undefined {
  if (tree?.kind !== 'expression') return undefined
  if (tree.expression.kind === 'symbol') {
    const match = /^([A-Za-z]+)_([a-z])$/.exec(tree.expression.name)
    return match ? { name: match[1] ?? '', argument: match[2] ?? '', isIndex: true } : undefined
  }
  if (tree.expression.kind !== 'call') return undefined
  const { name, args } = tree.expression
  const [only] = args
  const isCall = name.startsWith('function:') || name === 'Multiply'
  if (name === 'Multiply') {
    const [head, argument] = args
    if (args.length !== 2 || head?.kind !== 'symbol' || argument?.kind !== 'symbol') return undefined
    return { name: head.name, argument: argument.name, isIndex: false }
  }
  return isCall && args.length === 1 && only?.kind === 'symbol'
    ? { name, argument: only.name, isIndex: false }
    : undefined
}

/** `(x - 1)(x + 1) = x^2 - 1` says its right side. */
function compareIdentity(left: Tree, right: Tree, context: Context): boolean {
  if (left.kind !== 'expression' || right.kind !== 'expression' || symbolsOf(left.expression).size === 0) return false
  return compareValues(left.expression, right.expression, context).kind === 'equal'
}

/** `1 + 2 + … + n = n(n + 1)/2`: what is added up, and what it comes to. */
function hasDots(tree: Tree): boolean {
  return tree.kind === 'expression' && symbolsOf(tree.expression).has('dots')
}

const OPERATIONS = new Set(['Limit', 'Integrate', 'Sum', 'Product'])

/** `|a + b| = 5`, `m + n = 12`, `lim 1/x = 0` say a value; `x + y = 5` is a line. */
function isMeasured(left: Tree, value: Tree): boolean {
  if (left.kind !== 'expression' || left.expression.kind !== 'call' || !isArithmetic(value)) return false
  const { name, args } = left.expression
  if (OPERATIONS.has(name)) return true
  const names = [...symbolsOf(left.expression)]
  if (name === 'Abs') return !names.some((each) => /^[xyt]$/.test(each))
  return name === 'Add' && args.every((arg) => arg.kind === 'symbol' && /^[a-dm-qA-D]$/.test(arg.name))
}

function isArithmetic(tree: Tree): boolean {
  return tree.kind === 'expression' && symbolsOf(tree.expression).size === 0
}

/** Left minus right on both: equal up to a factor, which for inequalities is above 0. */
function compareDifferences(gold: RelationTree, answer: RelationTree, context: Context): Outcome | undefined {
  const [left, right] = [differenceOf(gold), differenceOf(answer)]
  if (!left || !right) return undefined
  const names = symbolsOf(left)
  if (names.size === 0 || ![...names].some((name) => symbolsOf(right).has(name))) return undefined
  const [operator] = gold.operators
  const ratio = constantRatio(left, right, context)
  if (!ratio) return operator === '=' ? compareNumerators(left, right, context) : undefined
  const isEquation = operator === '=' || operator === '≠' || operator === '≈'
  if (!isEquation && ratio.sign <= 0) return different('relation')
  return { kind: 'equal', rule: 'equation', probed: ratio.probed, points: ratio.points }
}

/** `x/y = 2/3` and `3x = 2y`: what vanishes is the same up to a factor, once the denominators are gone. */
function compareNumerators(left: Expression, right: Expression, context: Context): Outcome | undefined {
  const [one, other] = [normalForm(left, context.steps), normalForm(right, context.steps)]
  if (!one?.isFaithful || !other?.isFaithful || one.top.size !== other.top.size || one.top.size < 2) return undefined
  const [a, b] = [leadingCoefficient(one.top), leadingCoefficient(other.top)]
  const factor = a && b && divide(a, b)
  return factor && isSame(one.top, scale(other.top, factor))
    ? { kind: 'equal', rule: 'equation', probed: false, points: 0 }
    : undefined
}

function differenceOf({ sides }: RelationTree): Expression | undefined {
  const [left, right] = sides
  if (left?.kind !== 'expression' || right?.kind !== 'expression') return undefined
  // What is measured is compared side by side, unit by unit.
  if (left.unit || right.unit || left.percent || right.percent) return undefined
  return callOf('Add', left.expression, callOf('Negate', right.expression))
}

const ZERO = numberOf({ numerator: 0n, denominator: 1n })

// Two places, one after the other, where the ratio is taken; whole numbers that hardly make anything vanish.
const PLACES = [
  [7n, 3n],
  [11n, 5n],
] as const

/** The constant c with left = c right, where there is one other than 0. */
function constantRatio(
  left: Expression,
  right: Expression,
  context: Context,
): { readonly sign: number; readonly probed: boolean; readonly points: number } | undefined {
  const names = [...symbolsOf(right, symbolsOf(left))].sort()
  for (const [top, bottom] of PLACES) {
    const at = new Map(
      names.map(
        (name, index) => [name, numberOf({ numerator: top + 2n * BigInt(index), denominator: bottom })] as const,
      ),
    )
    const ratio = callOf('Divide', substitute(left, at), substitute(right, at))
    const value = realValueOf(ratio, context.steps)
    // Both sides of an identity differ by nothing, and nothing is any multiple of nothing.
    const isZero = [left, right].some((side) => compareValues(substitute(side, at), ZERO, context).kind !== 'different')
    if (value === undefined || isZero) continue
    const outcome = compareValues(left, callOf('Multiply', ratio, right), context)
    return outcome.kind === 'equal' ? { sign: Math.sign(value), ...outcome } : undefined
  }
  return undefined
}

/** An equation against the value of the one unknown that the value lacks, where the equation is linear in it. */
function compareSolved(equation: RelationTree, value: Expression, context: Context): Outcome {
  const difference = differenceOf(equation)
  const form = difference && normalForm(difference, context.steps)
  if (!difference || !form?.isFaithful) return unknown('equation')
  const present = symbolsOf(value)
  const missing = [...symbolsOf(difference)].filter((name) => !present.has(name))
  const [name] = missing
  const isKnown = [...present].every((each) => symbolsOf(difference).has(each))
  if (missing.length !== 1 || name === undefined || !isKnown || degreeIn(form.top, name) !== 1)
    return unknown('equation')
  const solved = normalForm(substitute(difference, new Map([[name, value]])), context.steps)
  const zero = normalForm(numberOf({ numerator: 0n, denominator: 1n }), context.steps)
  const isSolved = solved && zero && compareForms(solved, zero, context.steps)
  return isSolved === true
    ? { kind: 'equal', rule: 'solved', probed: false, points: 0 }
    : isSolved === false
      ? different('solved')
      : context.compare(treeOf(difference), treeOf(value))
}
