/** Relations that stand for several: `x = 1, 2`, `(p, q) = (3, 2)`, `a = b = c = 1`, `p = 2, q = 5, p = 5, q = 2`. */

import { bareList, type GroupTree, type RelationTree, type Tree } from '../tree.ts'
import { hasValueForEach, isLabel } from './groups.ts'

/** One relation for each value; the same tree where there is nothing to give out. */
export function distributed(tree: Tree): Tree {
  if (tree.kind === 'group') return tree.open === '' ? byTurns(tree) : tree
  if (tree.kind === 'relation' && tree.operators[0] === '≠') return excluding(tree)
  if (tree.kind !== 'relation' || !tree.operators.every((operator) => operator === '=')) return tree
  if (tree.sides.length > 2) return chain(tree)
  const [left, right] = tree.sides
  if (!left || right?.kind !== 'group') return tree
  if (!hasValueForEach(left, right)) return tree
  if (left.kind !== 'group' || areTuplesOf(right, left.items.length)) {
    return bareList(right.items.map((item): Tree => ({ ...tree, sides: [left, item] })))
  }
  return bareList(right.items.map((item, at): Tree => ({ ...tree, sides: [left.items[at] ?? left, item] })))
}

/** `x ≠ 1, 2` excludes both. */
function excluding(relation: RelationTree): Tree {
  const [left, right] = relation.sides
  if (!left || relation.sides.length !== 2 || right?.kind !== 'group' || right.open !== '') return relation
  return bareList(
    right.items.map((item): Tree => ({ ...relation, sides: [left, item] })),
    'and',
  )
}

/** `(p, q) = (2, 5), (5, 2)` says two pairs. */
function areTuplesOf(group: GroupTree, length: number): boolean {
  return group.open === '' && group.items.every((item) => item.kind === 'group' && item.items.length === length)
}

/** `a = b = 1`: each name has the last value. */
function chain(relation: RelationTree): Tree {
  const names = relation.sides.slice(0, -1)
  const value = relation.sides.at(-1)
  if (!value || !names.every((name) => name.kind === 'expression' && name.expression.kind === 'symbol')) return relation
  return bareList(names.map((name): Tree => ({ kind: 'relation', operators: ['='], sides: [name, value] })))
}

/** `p = 2, q = 5, p = 5, q = 2`: names that come again in the same turns are one tuple a turn. */
function byTurns(group: GroupTree): GroupTree {
  const names: Tree[] = []
  const values: Tree[] = []
  for (const item of group.items) {
    const [name, value] =
      item.kind === 'relation' && item.sides.length === 2 && item.operators[0] === '=' ? item.sides : []
    if (!name || !value || !isLabel(name) || value.kind !== 'expression') return group
    names.push(name)
    values.push(value)
  }
  const keys = names.map((name) => JSON.stringify(name, (_, value) => (typeof value === 'bigint' ? `${value}` : value)))
  const length = keys.indexOf(keys[0] ?? '', 1)
  if (length < 2 || keys.length % length !== 0 || !keys.every((key, at) => key === keys[at % length])) return group
  const tuple = (items: readonly Tree[]): Tree => ({ kind: 'group', open: '(', close: ')', items })
  const left = tuple(names.slice(0, length))
  const turns: Tree[] = []
  for (let at = 0; at < values.length; at += length) {
    turns.push({ kind: 'relation', operators: ['='], sides: [left, tuple(values.slice(at, at + length))] })
  }
  return bareList(turns)
}
