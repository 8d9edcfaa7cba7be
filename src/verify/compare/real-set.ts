/** Sets of real numbers as sorted intervals: what inequalities, intervals, unions and finite sets have in common. */

import type { Steps } from '../algebra/steps.ts'
import { describeTree } from '../describe.ts'
import { callOf, type Expression, type Joint, type RelationOperator, symbolOf, symbolsOf, type Tree } from '../tree.ts'
import { compareExpressions, infinitySign } from './expressions.ts'
import { all, type Context, different, type Outcome } from './outcome.ts'
import { realValueOf } from './points.ts'

interface End {
  readonly expression: Expression
  readonly value: number
}

interface Interval {
  readonly low: End
  readonly high: End
  readonly hasLow: boolean
  readonly hasHigh: boolean
}

/** Sorted, without overlap. */
export interface RealSet {
  readonly intervals: readonly Interval[]
  /** The name of the unknown, where it has one. */
  readonly name: string | undefined
}

const INFINITY: End = { expression: symbolOf('Infinity'), value: Number.POSITIVE_INFINITY }
const MINUS_INFINITY: End = { expression: callOf('Negate', symbolOf('Infinity')), value: Number.NEGATIVE_INFINITY }
const ALL: Interval = { low: MINUS_INFINITY, high: INFINITY, hasLow: false, hasHigh: false }

/** Undefined where the answer is not a set of real numbers, or its ends have no values. */
export function realSetOf(tree: Tree, steps: Steps): RealSet | undefined {
  steps.spend(10)
  switch (tree.kind) {
    case 'group':
      return fromGroup(tree, steps)
    case 'sets':
      return fromSets(tree, steps)
    case 'relation':
      return fromRelation(tree, steps)
    default:
      return undefined
  }
}

/** Ends are compared as expressions, brackets as they are. */
export function compareRealSets(gold: RealSet, answer: RealSet, context: Context): Outcome {
  if (gold.name !== undefined && answer.name !== undefined && gold.name !== answer.name) return different('interval')
  if (gold.intervals.length !== answer.intervals.length) return different('interval')
  const parts: Outcome[] = []
  for (const [at, left] of gold.intervals.entries()) {
    const right = answer.intervals[at]
    if (!right || left.hasLow !== right.hasLow || left.hasHigh !== right.hasHigh) return different('interval')
    parts.push(compareExpressions(left.low.expression, right.low.expression, context))
    parts.push(compareExpressions(left.high.expression, right.high.expression, context))
  }
  return all('interval', parts)
}

function endOf(tree: Tree | undefined, steps: Steps): End | undefined {
  if (tree?.kind !== 'expression' || tree.percent || tree.unit) return undefined
  const sign = infinitySign(tree.expression)
  if (sign !== undefined) return sign > 0 ? INFINITY : MINUS_INFINITY
  const value = realValueOf(tree.expression, steps)
  return value === undefined ? undefined : { expression: tree.expression, value }
}

function fromGroup(group: Extract<Tree, { kind: 'group' }>, steps: Steps): RealSet | undefined {
  const { open, close, items } = group
  if (open === '{') {
    const ends = items.map((item) => endOf(item, steps))
    if (!ends.every((end) => end !== undefined)) return undefined
    return united(
      ends.map((end) => ({ low: end, high: end, hasLow: true, hasHigh: true })),
      undefined,
    )
  }
  if (open === '') {
    const sets = items.map((item) =>
      item.kind === 'relation' || isConditions(item) ? realSetOf(item, steps) : undefined,
    )
    const isRange = items.some(
      (item) => isConditions(item) || (item.kind === 'relation' && item.operators.some((each) => each !== '=')),
    )
    return isRange && sets.every((set) => set !== undefined) ? combined(sets, group.joint) : undefined
  }
  const [low, high] = [endOf(items[0], steps), endOf(items[1], steps)]
  if (items.length !== 2 || !low || !high || low.value >= high.value) return undefined
  return {
    intervals: [{ low, high, hasLow: open === '[', hasHigh: close === ']' }],
    name: undefined,
  }
}

/** Conditions that hold together, as one part of a list. */
function isConditions(tree: Tree): boolean {
  return tree.kind === 'group' && tree.open === '' && tree.joint !== undefined
}

/** `x < 1, x > 3` is either one; `x > 1, x < 3` and `x > 1, x ≠ 2` are both at once. */
function combined(sets: readonly RealSet[], joint: Joint | undefined): RealSet | undefined {
  const names = new Set(sets.map((set) => set.name))
  if (names.size !== 1 || sets.length < 2) return undefined
  const [name] = names
  const union = united(
    sets.flatMap((set) => set.intervals),
    name,
  )
  if (joint === 'or') return union
  if (joint === 'and') {
    const both = sets.reduce(intersection)
    return both.intervals.length === 0 ? undefined : both
  }
  const [first] = union.intervals
  const isLine = union.intervals.length === 1 && first?.low.value === -Infinity && first.high.value === Infinity
  const excludes = sets.some(
    (set) =>
      set.intervals.length === 2 && complement(set).intervals.length === 1 && isPoint(complement(set).intervals[0]),
  )
  return isLine || excludes ? sets.reduce(intersection) : union
}

function isPoint(interval: Interval | undefined): boolean {
  return interval !== undefined && interval.low.value === interval.high.value
}

function fromSets(tree: Extract<Tree, { kind: 'sets' }>, steps: Steps): RealSet | undefined {
  const sets: RealSet[] = []
  for (const item of tree.items) {
    const set = realSetOf(item, steps)
    if (!set) return undefined
    sets.push(set)
  }
  const [first, ...rest] = sets
  if (!first) return undefined
  if (rest.length === 0) return { ...first, name: undefined }
  if (tree.operator === '∩') return rest.reduce(intersection, first)
  if (tree.operator === '∖') return rest.reduce((from, set) => intersection(from, complement(set)), first)
  return united(
    sets.flatMap((set) => set.intervals),
    sets.find((set) => set.name !== undefined)?.name,
  )
}

function fromRelation(tree: Extract<Tree, { kind: 'relation' }>, steps: Steps): RealSet | undefined {
  const { operators, sides } = tree
  const [first, second, third] = sides
  const [operator, next] = operators
  if (!first || !second || operator === undefined) return undefined
  if (sides.length === 3 && third && next !== undefined) {
    const left = half(second, flipped(operator), first, steps)
    const right = half(second, next, third, steps)
    return left && right && intersection(left, right)
  }
  if (sides.length !== 2) return undefined
  if (operator === '∈' || (operator === '=' && second.kind !== 'expression')) {
    const name = nameOf(first)
    const set = name === undefined ? undefined : realSetOf(second, steps)
    return set && { ...set, name }
  }
  if (operator === '≠' && second.kind === 'group' && second.open === '') {
    const name = nameOf(first)
    const points = name === undefined ? undefined : realSetOf({ ...second, open: '{', close: '}' }, steps)
    return points && { ...complement(points), name }
  }
  return half(first, operator, second, steps) ?? half(second, flipped(operator), first, steps)
}

/** `name operator bound`. */
function half(variable: Tree, operator: RelationOperator, bound: Tree, steps: Steps): RealSet | undefined {
  const shifted = shiftedAbsolute(variable)
  if (shifted) return shiftedHalf(shifted, operator, bound, steps)
  const absolute = absoluteName(variable)
  const name = absolute ?? nameOf(variable)
  const end = name === undefined ? undefined : endOf(bound, steps)
  if (name === undefined || !end) return undefined
  if (absolute !== undefined) return absoluteHalf(absolute, operator, end)
  const isClosed = operator === '≤' || operator === '≥'
  switch (operator) {
    case '<':
    case '≤':
      return { intervals: [{ ...ALL, high: end, hasHigh: isClosed }], name }
    case '>':
    case '≥':
      return { intervals: [{ ...ALL, low: end, hasLow: isClosed }], name }
    case '=':
      return { intervals: [{ low: end, high: end, hasLow: true, hasHigh: true }], name }
    case '≠':
      return complement({ intervals: [{ low: end, high: end, hasLow: true, hasHigh: true }], name })
    default:
      return undefined
  }
}

/** |x| < a is -a < x < a. */
function absoluteHalf(name: string, operator: RelationOperator, end: End): RealSet | undefined {
  if (end.value <= 0) return undefined
  const minus: End = { expression: callOf('Negate', end.expression), value: -end.value }
  const hasEnds = operator === '≤' || operator === '>'
  const inside: RealSet = { intervals: [{ low: minus, high: end, hasLow: hasEnds, hasHigh: hasEnds }], name }
  if (operator === '<' || operator === '≤') return inside
  return operator === '>' || operator === '≥' ? complement(inside) : undefined
}

/** `|x - c|` by its letter and c. */
function shiftedAbsolute(tree: Tree): { readonly name: string; readonly centre: Expression } | undefined {
  if (tree.kind !== 'expression' || tree.expression.kind !== 'call' || tree.expression.name !== 'Abs') return undefined
  const [inner] = tree.expression.args
  if (inner?.kind !== 'call' || inner.name !== 'Add' || inner.args.length !== 2) return undefined
  const variable = inner.args.find((arg) => arg.kind === 'symbol' && /^[a-z]$/.test(arg.name))
  const rest = inner.args.find((arg) => arg !== variable)
  if (variable?.kind !== 'symbol' || !rest || symbolsOf(rest).size > 0) return undefined
  return { name: variable.name, centre: callOf('Negate', rest) }
}

/** `|x - c| < a` is c - a < x < c + a. */
function shiftedHalf(
  { name, centre }: { readonly name: string; readonly centre: Expression },
  operator: RelationOperator,
  bound: Tree,
  steps: Steps,
): RealSet | undefined {
  const radius = endOf(bound, steps)
  if (!radius || !(radius.value > 0) || radius.value === Number.POSITIVE_INFINITY) return undefined
  const [low, high] = [callOf('Negate', radius.expression), radius.expression].map((part) =>
    endOf({ kind: 'expression', expression: callOf('Add', centre, part), percent: false, unit: undefined }, steps),
  )
  if (!low || !high) return undefined
  const hasEnds = operator === '≤' || operator === '>'
  const inside: RealSet = { intervals: [{ low, high, hasLow: hasEnds, hasHigh: hasEnds }], name }
  if (operator === '<' || operator === '≤') return inside
  return operator === '>' || operator === '≥' ? complement(inside) : undefined
}

function absoluteName(tree: Tree): string | undefined {
  if (tree.kind !== 'expression' || tree.expression.kind !== 'call' || tree.expression.name !== 'Abs') return undefined
  const [inner] = tree.expression.args
  return inner?.kind === 'symbol' ? inner.name : undefined
}

function nameOf(tree: Tree): string | undefined {
  if (tree.kind !== 'expression') return undefined
  const { expression } = tree
  if (expression.kind === 'symbol') return expression.name
  const isFunction = expression.kind === 'call' && expression.name.startsWith('function:')
  return isFunction ? describeTree(tree) : undefined
}

function flipped(operator: RelationOperator): RelationOperator {
  const pairs: Partial<Record<RelationOperator, RelationOperator>> = { '<': '>', '>': '<', '≤': '≥', '≥': '≤' }
  return pairs[operator] ?? operator
}

function complement(set: RealSet): RealSet {
  const rest: Interval[] = []
  let low = MINUS_INFINITY
  let hasLow = false
  for (const interval of set.intervals) {
    if (low.value < interval.low.value || (low.value === interval.low.value && hasLow && !interval.hasLow)) {
      rest.push({ low, high: interval.low, hasLow, hasHigh: !interval.hasLow && interval.low.value > -Infinity })
    }
    low = interval.high
    hasLow = !interval.hasHigh && interval.high.value < Infinity
  }
  if (low.value < Infinity) rest.push({ low, high: INFINITY, hasLow, hasHigh: false })
  return { intervals: rest, name: set.name }
}

function intersection(a: RealSet, b: RealSet): RealSet {
  const [left, right] = [complement(a), complement(b)]
  const outside = united([...left.intervals, ...right.intervals], undefined)
  return { ...complement(outside), name: a.name ?? b.name }
}

/** Sorted and merged where intervals overlap or touch at a point that one of them has. */
function united(intervals: readonly Interval[], name: string | undefined): RealSet {
  const sorted = intervals.toSorted((a, b) => a.low.value - b.low.value || Number(b.hasLow) - Number(a.hasLow))
  const merged: Interval[] = []
  for (const next of sorted) {
    const last = merged.at(-1)
    const touches =
      last &&
      (next.low.value < last.high.value || (next.low.value === last.high.value && (next.hasLow || last.hasHigh)))
    if (!last || !touches) {
      merged.push(next)
      continue
    }
    const isFurther = next.high.value > last.high.value
    const isSame = next.high.value === last.high.value
    merged[merged.length - 1] = {
      ...last,
      high: isFurther ? next.high : last.high,
      hasHigh: isFurther ? next.hasHigh : last.hasHigh || (isSame && next.hasHigh),
    }
  }
  return { intervals: merged, name }
}
