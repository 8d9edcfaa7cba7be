/** Unions, intersections and differences, sets that were built from conditions, and whatever is a set of real numbers. */

import type { GroupTree, Tree } from '../tree.ts'
import { compareGroups } from './groups.ts'
import { type Context, different, type Outcome } from './outcome.ts'
import { compareRealSets, realSetOf } from './real-set.ts'
import { compareWholeSets } from './whole-sets.ts'

/** Inequalities and intervals as sets of real numbers; undefined where one of them is none. */
export function equalSets(gold: Tree, answer: Tree, context: Context): Outcome | undefined {
  const left = realSetOf(gold, context.steps)
  const right = left && realSetOf(answer, context.steps)
  return left && right && compareRealSets(left, right, context)
}

/** Undefined where no rule of sets applies. */
export function compareSetTrees(gold: Tree, answer: Tree, context: Context): Outcome | undefined {
  const whole = compareWholeSets(gold, answer, context)
  if (whole) return whole
  const asReal = equalSets(gold, answer, context)
  if (asReal) return asReal
  const [goldInner, answerInner] = [builtFrom(gold), builtFrom(answer)]
  if (goldInner || answerInner) return context.compare(goldInner ?? gold, answerInner ?? answer)
  const [left, right] = [finiteSet(gold, context), finiteSet(answer, context)]
  if (left && right) return compareGroups(left, right, context)
  if (gold.kind === 'sets' && answer.kind === 'sets' && gold.operator === answer.operator) {
    const order = gold.operator === '∖' ? '(' : '{'
    const asGroup = (items: readonly Tree[]): GroupTree => ({
      kind: 'group',
      open: order,
      close: order === '(' ? ')' : '}',
      items,
    })
    return compareGroups(asGroup(gold.items), asGroup(answer.items), context)
  }
  if (gold.kind === 'relation' || answer.kind === 'relation') return undefined
  return different('sets')
}

/** The condition of a set that was built from one. */
function builtFrom(tree: Tree): Tree | undefined {
  return tree.kind === 'sets' && tree.items.length === 1 ? tree.items[0] : undefined
}

/** Unions, intersections and differences of finite sets, worked out. */
function finiteSet(tree: Tree, context: Context): GroupTree | undefined {
  if (tree.kind === 'group')
    return tree.open === '{' || tree.open === '' ? { ...tree, open: '{', close: '}' } : undefined
  if (tree.kind !== 'sets') return undefined
  const sets: GroupTree[] = []
  for (const item of tree.items) {
    const set = finiteSet(item, context)
    if (!set) return undefined
    sets.push(set)
  }
  const [first, ...rest] = sets
  if (!first) return undefined
  const has = (set: GroupTree, item: Tree): boolean =>
    set.items.some((other) => context.compare(item, other).kind === 'equal')
  let items = first.items
  for (const set of rest) {
    const isIn = tree.operator === '∩'
    items = tree.operator === '∪' ? items.concat(set.items) : items.filter((item) => has(set, item) === isIn)
  }
  return { ...first, items }
}
