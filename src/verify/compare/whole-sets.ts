/** Sets of whole numbers that a condition picks out: `{x ∈ Z : 1 ≤ x ≤ 4}` is `{1, 2, 3, 4}` and no interval. */

import { type GroupTree, numberOf, type Tree, treeOf, type Within } from '../tree.ts'
import { compareGroups } from './groups.ts'
import { type Context, different, equal, type Outcome, unknown } from './outcome.ts'
import { type RealSet, realSetOf } from './real-set.ts'

const MOST_MEMBERS = 500

/** Undefined where neither side is one. */
export function compareWholeSets(gold: Tree, answer: Tree, context: Context): Outcome | undefined {
  const [left, right] = [withinOf(gold), withinOf(answer)]
  if (left === undefined && right === undefined) return undefined
  if (left !== undefined && right !== undefined) return compareBoth(gold, left, answer, right, context)
  const [whole, within, other] = left === undefined ? [answer, right, gold] : [gold, left, answer]
  const finite = finiteGroup(other)
  const set = within && realSetOf(whole, context.steps)
  if (!set || within === undefined) return unknown('whole')
  if (!finite) return realSetOf(other, context.steps) ? different('whole') : undefined
  const outcomes = startsOf(within).map((start) => {
    const members = membersOf(set, start)
    return members ? compareGroups(members, finite, context) : unknown('whole')
  })
  return bestOf(outcomes)
}

/** Whether the naturals start at 0 or at 1 is a matter of taste: either may be meant. */
function startsOf(within: Within): readonly (number | undefined)[] {
  return within === 'N' ? [1, 0] : [undefined]
}

function bestOf(outcomes: readonly Outcome[]): Outcome {
  const best =
    outcomes.find(({ kind }) => kind === 'equal') ?? outcomes.find(({ kind }) => kind === 'unknown') ?? outcomes[0]
  return best ? { ...best, rule: 'whole' } : unknown('whole')
}

function compareBoth(gold: Tree, left: Within, answer: Tree, right: Within, context: Context): Outcome | undefined {
  const [a, b] = [realSetOf(gold, context.steps), realSetOf(answer, context.steps)]
  if (!a || !b) return undefined
  const outcomes = startsOf(left).flatMap((start) =>
    startsOf(right).map((other) => (endsText(a, start) === endsText(b, other) ? equal('whole') : different('whole'))),
  )
  return bestOf(outcomes)
}

/** The first and last whole numbers of every interval; intervals that follow each other without a gap are one. */
function endsText(set: RealSet, start: number | undefined): string {
  const runs: [number, number][] = []
  for (const [low, high] of wholeRuns(set, start)) {
    const last = runs.at(-1)
    if (last && low <= last[1] + 1) last[1] = Math.max(last[1], high)
    else runs.push([low, high])
  }
  return runs.map((run) => run.join('..')).join(' ')
}

function wholeRuns(set: RealSet, start: number | undefined): (readonly [number, number])[] {
  return set.intervals
    .map(({ low, high, hasLow, hasHigh }) => {
      const first = Number.isInteger(low.value) && !hasLow ? low.value + 1 : Math.ceil(low.value - 1e-9)
      const last = Number.isInteger(high.value) && !hasHigh ? high.value - 1 : Math.floor(high.value + 1e-9)
      return [Math.max(first, start ?? Number.NEGATIVE_INFINITY), last] as const
    })
    .filter(([low, high]) => low <= high)
}

/** Written out; undefined where there are too many of them. */
function membersOf(set: RealSet, start: number | undefined): GroupTree | undefined {
  const items: Tree[] = []
  for (const [low, high] of wholeRuns(set, start)) {
    if (!Number.isFinite(low) || !Number.isFinite(high) || high - low > MOST_MEMBERS) return undefined
    for (let value = low; value <= high; value++)
      items.push(treeOf(numberOf({ numerator: BigInt(value), denominator: 1n })))
  }
  return { kind: 'group', open: '{', close: '}', items }
}

function withinOf(tree: Tree): Within | undefined {
  return tree.kind === 'sets' && tree.within !== 'values' ? tree.within : undefined
}

function finiteGroup(tree: Tree): GroupTree | undefined {
  if (
    tree.kind === 'group' &&
    (tree.open === '{' || tree.open === '') &&
    tree.items.every((item) => item.kind === 'expression')
  )
    return { ...tree, open: '{', close: '}' }
  if (tree.kind === 'relation' && tree.sides.length === 2 && tree.operators[0] === '∈' && tree.sides[1])
    return finiteGroup(tree.sides[1])
  return undefined
}

/** A condition on a letter as one on whole numbers, where it was said to be one. */
export function asWholeSet(tree: Tree): Tree {
  return tree.kind === 'relation' || (tree.kind === 'group' && tree.open === '')
    ? { kind: 'sets', operator: '∪', items: [tree], within: 'Z' }
    : tree
}
