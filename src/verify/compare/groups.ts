/** Lists, sets, tuples and intervals. */

import type { Rule } from '../reasons.ts'
import type { Expression, GroupTree, Joint, RelationTree, Tree } from '../tree.ts'
import { all, type Context, different, type Outcome, unknown } from './outcome.ts'

/** Brackets decide: sets and bare lists are free in order, tuples are not, `[` and `(` are different. */
export function compareGroups(gold: GroupTree, answer: GroupTree, context: Context): Outcome {
  if (isFree(gold) && isFree(answer)) {
    const outcome = compareFree(gold, answer, context)
    return outcome.kind === 'equal' && !areJoinedAlike(gold, answer) ? different('connective') : outcome
  }
  if (isFree(gold) || isFree(answer)) {
    const free = isFree(gold) ? gold : answer
    // A list without brackets may be a tuple whose brackets were left out; a set in braces is none.
    if (free.open === '{') return different('brackets')
    return compareInOrder('tuple', gold.items, answer.items, context)
  }
  if (gold.open !== answer.open || gold.close !== answer.close) {
    const isSequence = gold.items.length > 2 && isSquareOrRound(gold) && isSquareOrRound(answer)
    if (!isSequence) return different('brackets')
  }
  return compareInOrder('tuple', gold.items, answer.items, context)
}

/** Values of one unknown are all of them roots; conditions hold together or one of them does. */
function areJoinedAlike(gold: GroupTree, answer: GroupTree): boolean {
  const [left, right] = [jointOf(gold), jointOf(answer)]
  return left === undefined || right === undefined || left === right
}

/** Undefined where it does not matter; commas between values of different names mean that all of them hold. */
function jointOf(group: GroupTree): Joint | undefined {
  if (!group.items.some((item) => item.kind === 'relation' || (item.kind === 'group' && item.joint !== undefined)))
    return undefined
  const labels = labelled(group.items)
  // What a value is not, it is not all at once: `x ≠ 2, x ≠ 5`.
  if (!labels) return group.joint ?? (group.items.every(isExclusion) ? 'and' : undefined)
  if (onlyUnknown(labels.names) !== undefined) return undefined
  return group.joint ?? (new Set(labels.names).size === labels.names.length ? 'and' : undefined)
}

function isExclusion(item: Tree): boolean {
  return item.kind === 'relation' && item.operators.every((operator) => operator === '≠')
}

function isFree(group: GroupTree): boolean {
  return group.open === '' || group.open === '{'
}

function isSquareOrRound({ open, close }: GroupTree): boolean {
  return (open === '(' && close === ')') || (open === '[' && close === ']')
}

function compareFree(gold: GroupTree, answer: GroupTree, context: Context): Outcome {
  const isSet = gold.open === '{' || answer.open === '{'
  const [left, right] = strippedLabels(gold.items, answer.items)
  if (left.isOrdered || (context.policies.order === 'strict' && !isSet)) {
    return compareInOrder('list', left.items, right, context)
  }
  return matchItems(isSet ? 'set' : 'list', isSet, left.items, right, context)
}

/** `w = 16, d = 3` against `16, 3` is about values in order; one name throughout, `x = 1, x = 2`, only about values. */
function strippedLabels(
  gold: readonly Tree[],
  answer: readonly Tree[],
): readonly [{ items: readonly Tree[]; isOrdered: boolean }, readonly Tree[]] {
  const [goldLabels, answerLabels] = [labelled(gold), labelled(answer)]
  if (!goldLabels && !answerLabels) return [{ items: gold, isOrdered: false }, answer]
  if (goldLabels && answerLabels) {
    // x_1 = 3, x_2 = 5 and x = 3, x = 5 name the roots of one unknown.
    const [left, right] = [onlyUnknown(goldLabels.names), onlyUnknown(answerLabels.names)]
    const areRoots =
      left !== undefined && left === right && new Set(goldLabels.names).size !== new Set(answerLabels.names).size
    return areRoots
      ? [{ items: goldLabels.values, isOrdered: false }, answerLabels.values]
      : [{ items: gold, isOrdered: false }, answer]
  }
  const labels = goldLabels ?? answerLabels
  const isOneName = labels !== undefined && onlyUnknown(labels.names) !== undefined
  return [{ items: goldLabels?.values ?? gold, isOrdered: !isOneName }, answerLabels?.values ?? answer]
}

/** The one letter that all names are, with or without a number below it: x_1 and x_2 are values of x. */
function onlyUnknown(names: readonly string[]): string | undefined {
  if (new Set(names).size === 1) return /"name":"([a-z]|lambda)(?:_\d)?"/.exec(names[0] ?? '')?.[1] ?? names[0]
  // Two roots have no order; the terms of a sequence and the unknowns of a system have one.
  const letters = new Set(names.map((name) => /"name":"([xyzt]|lambda|r|m)_\d"/.exec(name)?.[1]))
  const [letter] = letters
  return letters.size === 1 && letter !== undefined && (names.length === 2 || letter === 'lambda') ? letter : undefined
}

/** Names and values where every item is `name = value`. */
function labelled(items: readonly Tree[]): { names: string[]; values: Tree[] } | undefined {
  const names: string[] = []
  const values: Tree[] = []
  for (const item of items) {
    const value = item.kind === 'relation' ? assignedValue(item) : undefined
    if (item.kind !== 'relation' || !value) return undefined
    names.push(labelText(item))
    values.push(...(value.kind === 'group' && value.open === '' ? value.items : [value]))
  }
  return names.length === 0 ? undefined : { names, values }
}

/** The right side of `name = value`. */
function assignedValue({ operators, sides }: RelationTree): Tree | undefined {
  const [left, right] = sides
  return sides.length === 2 && operators[0] === '=' && left && isLabel(left) ? right : undefined
}

function labelText({ sides }: RelationTree): string {
  return JSON.stringify(sides[0], (_, value) => (typeof value === 'bigint' ? `${value}` : value))
}

/** A name that a value is given to: `x`, `f(2)`, `|AB|`, `(p, q)`, words; not `2x` or `x + y`. */
export function isLabel(tree: Tree): boolean {
  if (tree.kind === 'text') return true
  if (tree.kind === 'ratio' || tree.kind === 'sets') return tree.items.every(isLabel)
  if (tree.kind === 'group') return tree.items.length > 1 && tree.items.every(isLabel)
  if (tree.kind !== 'expression' || tree.percent) return false
  const { expression } = tree
  if (expression.kind === 'symbol') return true
  if (expression.kind === 'number') return false
  const { name, args } = expression
  if (/^(?:function:|derivative:|Angle|Prime|Subscript|Over|Conjugate|Mean|D$)/.test(name)) return true
  const areCapitals = args.every((arg) => arg.kind === 'symbol' && /^[A-Z]/.test(arg.name))
  if (name === 'Multiply') return areCapitals
  if (name === 'Power') return isInverseName(expression)
  const [inner] = args
  return name === 'Abs' && args.length === 1 && inner !== undefined && isLabel({ ...tree, expression: inner })
}

/** A tuple of names has a value for each: `(x, y, z) = (1, 2)` says nothing. Of several tuples each has. */
export function hasValueForEach(label: Tree, value: Tree): boolean {
  if (label.kind !== 'group' || value.kind !== 'group' || value.items.length === label.items.length) return true
  return value.items.every((item) => item.kind === 'group' && item.items.length === label.items.length)
}

/** `m = 2, n = -2` is not about the m of `m = ±2`; x_1 and x_2 are values of x. */
export function namesAnother(label: Tree, other: Tree): boolean {
  const name = unknownOf(label)
  if (name === undefined || other.kind !== 'group') return false
  const names = other.items.map((item) =>
    item.kind === 'relation' && item.operators[0] === '=' ? unknownOf(item.sides[0]) : undefined,
  )
  return names.some((each) => each !== undefined && each !== name)
}

function unknownOf(label: Tree | undefined): string | undefined {
  if (label?.kind !== 'expression' || label.expression.kind !== 'symbol') return undefined
  return label.expression.name.replace(/_\d+$/, '')
}

/** `A^{-1}`, `A^T` next to a value: a matrix by its name. */
function isInverseName(expression: Expression): boolean {
  if (expression.kind !== 'call') return false
  const [name, exponent] = expression.args
  const isMinusOne =
    exponent?.kind === 'number' && exponent.value.numerator === -1n && exponent.value.denominator === 1n
  const isTransposed = exponent?.kind === 'symbol' && exponent.name === 'T'
  return name?.kind === 'symbol' && /^[A-Z]$/.test(name.name) && (isMinusOne || isTransposed)
}

export function compareInOrder(rule: Rule, gold: readonly Tree[], answer: readonly Tree[], context: Context): Outcome {
  if (gold.length !== answer.length) return different(rule)
  const parts: Outcome[] = []
  for (const [at, left] of gold.entries()) {
    const right = answer[at]
    if (!right) return different(rule)
    const part = context.compare(left, right)
    if (part.kind === 'different') return { ...part, rule }
    parts.push(part)
  }
  return all(rule, parts)
}

/** One partner each, whatever the order; in sets, repetition does not count. */
function matchItems(
  rule: Rule,
  isSet: boolean,
  gold: readonly Tree[],
  answer: readonly Tree[],
  context: Context,
): Outcome {
  const allowsExtra = context.policies.extra === 'allow'
  if (!isSet && gold.length !== answer.length && !(allowsExtra && answer.length > gold.length)) return different(rule)
  const { left, right, matched } = withoutTwins(gold, answer, isSet)
  const used = new Set<number>()
  const parts: Outcome[] = []
  let open: Outcome | undefined
  for (const item of left) {
    let found = false
    for (const [at, candidate] of right.entries()) {
      if (used.has(at) && !isSet) continue
      const outcome = context.compare(item, candidate)
      if (outcome.kind === 'unknown') open = outcome
      if (outcome.kind !== 'equal') continue
      used.add(at)
      parts.push(outcome)
      found = true
      break
    }
    if (!found && !(isSet && matched.some((twin) => context.compare(item, twin).kind === 'equal'))) {
      return open ? unknown(rule) : different(rule)
    }
  }
  for (const [at, candidate] of right.entries()) {
    if (used.has(at) || allowsExtra) continue
    const isRepeated = isSet && [...matched, ...left].some((twin) => context.compare(twin, candidate).kind === 'equal')
    if (!isRepeated) return open ? unknown(rule) : different(rule)
  }
  return all(rule, parts)
}

/** Items that are the same tree on both sides need no comparison: a set of thousands is matched in one pass. */
function withoutTwins(
  gold: readonly Tree[],
  answer: readonly Tree[],
  isSet: boolean,
): { left: Tree[]; right: Tree[]; matched: Tree[] } {
  const waiting = new Map<string, Tree[]>()
  for (const item of answer) {
    const key = keyOf(item)
    const twins = waiting.get(key)
    if (twins) twins.push(item)
    else waiting.set(key, [item])
  }
  const left: Tree[] = []
  const matched: Tree[] = []
  const seen = new Set<string>()
  for (const item of gold) {
    const key = keyOf(item)
    const twins = waiting.get(key)
    if (twins && twins.length > 0) {
      if (isSet) waiting.delete(key)
      else twins.pop()
      seen.add(key)
      matched.push(item)
    } else if (!(isSet && seen.has(key))) left.push(item)
  }
  return { left, right: [...waiting.values()].flat(), matched }
}

/** The same text for the same tree, whatever digits its decimals were written with. */
function keyOf(part: unknown): string {
  if (typeof part === 'string') return JSON.stringify(part)
  if (typeof part !== 'object' || part === null) return String(part)
  if (Array.isArray(part)) return `[${part.map(keyOf).join()}]`
  let key = '{'
  for (const [name, value] of Object.entries(part)) if (name !== 'decimals') key += `${name}:${keyOf(value)},`
  return `${key}}`
}
