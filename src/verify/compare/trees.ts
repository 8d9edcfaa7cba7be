/** Two answers as trees: the rule that fits their kinds. */

import type { Steps } from '../algebra/steps.ts'
import type { Policies } from '../policy.ts'
import { withoutDeclarations, withoutUnsaid } from '../read/declarations.ts'
import { sayTheSame } from '../read/words.ts'
import type { Rule } from '../reasons.ts'
import { callOf, type GroupTree, numberOf, type Tree, treeOf } from '../tree.ts'
import { distributed } from './distribute.ts'
import { compareExpressions } from './expressions.ts'
import { sameFamilies } from './families.ts'
import { compareGroups } from './groups.ts'
import { all, type Context, different, equal, type Outcome, under, unknown } from './outcome.ts'
import { comparePieces } from './pieces.ts'
import { compareQuantities, sumOfUnits } from './quantities.ts'
import { compareRelations, compareRelationWith } from './relations.ts'
import { otherConstants, renameParameters } from './rename.ts'
import { compareResidues } from './residues.ts'
import { compareSetTrees, equalSets } from './set-trees.ts'
import { compareTupleWith } from './vector.ts'

/** @throws StepsExceeded when the steps are used up */
export function compareTrees(gold: Tree, answer: Tree, policies: Policies, steps: Steps): Outcome {
  const [left, right] = withoutUnsaid(withoutDeclarations(gold), withoutDeclarations(answer))
  const renamed = renameParameters(left, right)
  const context: Context = {
    steps,
    policies,
    parameter: renamed.parameter,
    compare: (a, b) => compareAny(a, b, context),
  }
  const outcome = compareAny(left, renamed.answer, context)
  if (outcome.kind === 'equal') return outcome
  const families = sameFamilies(left, right, steps)
  if (families) return families
  for (const other of otherConstants(left, renamed.answer)) {
    const again = compareAny(left, other, context)
    if (again.kind === 'equal') return under('constants', again)
  }
  return outcome
}

function compareAny(gold: Tree, answer: Tree, context: Context): Outcome {
  context.steps.spend(5)
  const residues = compareResidues(gold, answer, context)
  if (residues) return residues
  const sets = gold.kind === 'sets' || answer.kind === 'sets' ? compareSetTrees(gold, answer, context) : undefined
  if (sets) return sets
  if (gold.kind === 'relation' || answer.kind === 'relation') return compareWithRelation(gold, answer, context)
  if (gold.kind === 'expression' && answer.kind === 'expression') return compareQuantities(gold, answer, context)
  const pieces = comparePieces(gold, answer, context)
  if (pieces) return pieces
  if (gold.kind === 'group' || answer.kind === 'group') return compareWithGroup(gold, answer, context)
  if (gold.kind === 'matrix' && answer.kind === 'matrix') return compareRows('matrix', gold.rows, answer.rows, context)
  if (gold.kind === 'cases' && answer.kind === 'cases') return compareCases(gold.rows, answer.rows, context)
  if (gold.kind === 'text' && answer.kind === 'text') {
    return sayTheSame(gold.text, answer.text) ? equal('words') : unknown('words')
  }
  if (areEndless(gold, answer) || areEndless(answer, gold)) return equal('words')
  if (isNamedSet(gold, answer) || isNamedSet(answer, gold)) return equal('words')
  if (isUnitMatrix(gold, answer) || isUnitMatrix(answer, gold)) return equal('matrix')
  const letter = [gold, answer].find((side) => side.kind === 'text' && /^[a-z]$/.test(side.text))
  const symbol = [gold, answer].find((side) => side.kind === 'expression' && side.expression.kind === 'symbol')
  if (letter && symbol) return isNamed(symbol, letter) ? equal('words') : unknown('words')
  return compareSmall(gold, answer, context)
}

/** How many there are: `infinitely many` and ∞. */
function areEndless(words: Tree, value: Tree): boolean {
  return (
    words.kind === 'text' &&
    sayTheSame(words.text, 'infinitely many') &&
    value.kind === 'expression' &&
    value.expression.kind === 'symbol' &&
    value.expression.name === 'Infinity'
  )
}

const SET_NAMES: Readonly<Record<string, string>> = {
  PositiveIntegers: 'positive integers',
  Integers: 'integers',
  RationalNumbers: 'rational numbers',
}

/** `all positive integers` and Z^+. */
function isNamedSet(words: Tree, symbol: Tree): boolean {
  if (words.kind !== 'text' || symbol.kind !== 'expression' || symbol.expression.kind !== 'symbol') return false
  return SET_NAMES[symbol.expression.name] === words.text
}

/** The matrix that `I_2` names. */
function isUnitMatrix(matrix: Tree, symbol: Tree): boolean {
  if (matrix.kind !== 'matrix' || symbol.kind !== 'expression' || symbol.expression.kind !== 'symbol') return false
  const isCell = (cell: Tree, value: bigint): boolean =>
    cell.kind === 'expression' &&
    cell.expression.kind === 'number' &&
    cell.expression.value.denominator === 1n &&
    cell.expression.value.numerator === value
  return (
    symbol.expression.name === `I_${matrix.rows.length}` &&
    matrix.rows.every(
      (row, y) => row.length === matrix.rows.length && row.every((cell, x) => isCell(cell, x === y ? 1n : 0n)),
    )
  )
}

/** `\text{(b)}` against `b`. */
function isNamed(symbol: Tree, letter: Tree): boolean {
  if (symbol.kind !== 'expression' || symbol.expression.kind !== 'symbol' || letter.kind !== 'text') return false
  return symbol.expression.name.toLowerCase() === letter.text
}

/** Times, ratios and numerals. */
function compareSmall(gold: Tree, answer: Tree, context: Context): Outcome {
  if (gold.kind === 'clock' && answer.kind === 'clock') {
    const unsaid = [gold, answer].filter((clock) => clock.half === undefined)
    // 20:30 counts to 24; 8:30 may be either half of the day.
    const isOnDial = unsaid.length > 0 && unsaid.every((clock) => clock.seconds < 46_800)
    const day = isOnDial ? 43_200 : 86_400
    return gold.seconds % day === answer.seconds % day ? equal('clock') : different('clock')
  }
  if (gold.kind === 'base' && answer.kind === 'base') {
    return gold.digits === answer.digits && gold.base === answer.base ? equal('base') : different('base')
  }
  // A numeral without its base means the same base.
  if (gold.kind === 'base' && answer.kind === 'expression') return compareNumeral(gold.digits, answer, context)
  // A base where the gold answer has none is another number: 21 in base 7 is 15.
  if (answer.kind === 'base' && gold.kind === 'expression') return unknown('base')
  const [left, right] = [ratioOf(gold), ratioOf(answer)]
  if (left && right) {
    if (left.length !== right.length) return different('ratio')
    const [first, ...rest] = left
    const [other, ...others] = right
    if (first && other)
      return all(
        'ratio',
        rest.map((each, at) => compareQuotients(each, first, others[at], other, context)),
      )
  }
  const two = left ?? right
  const single = left ? answer : gold
  if (two?.length === 2 && single.kind === 'expression') {
    const [a, b] = two
    if (a?.kind === 'expression' && b?.kind === 'expression') {
      return compareExpressions(callOf('Divide', a.expression, b.expression), single.expression, context)
    }
  }
  return unknown('kinds')
}

function compareNumeral(digits: string, other: Extract<Tree, { kind: 'expression' }>, context: Context): Outcome {
  if (!/^\d+$/.test(digits)) return unknown('base')
  return compareExpressions(numberOf({ numerator: BigInt(digits), denominator: 1n }), other.expression, context)
}

function ratioOf(tree: Tree): readonly Tree[] | undefined {
  if (tree.kind === 'ratio') return tree.items
  if (tree.kind !== 'clock' || tree.half !== undefined || tree.seconds % 60 !== 0) return undefined
  const parts = [Math.floor(tree.seconds / 3600), (tree.seconds % 3600) / 60]
  return parts.map((part) => treeOf(numberOf({ numerator: BigInt(part), denominator: 1n })))
}

function compareQuotients(a: Tree, b: Tree, c: Tree | undefined, d: Tree, context: Context): Outcome {
  if (a.kind !== 'expression' || b.kind !== 'expression' || c?.kind !== 'expression' || d.kind !== 'expression') {
    return unknown('ratio')
  }
  return compareExpressions(
    callOf('Divide', a.expression, b.expression),
    callOf('Divide', c.expression, d.expression),
    context,
  )
}

function compareWithRelation(gold: Tree, answer: Tree, context: Context): Outcome {
  if (gold.kind === 'relation' && answer.kind === 'relation') {
    const outcome = compareRelations(gold, answer, context)
    if (outcome.kind === 'equal') return outcome
    const parts = compareDistributed(gold, answer, context)
    return parts?.kind === 'equal' ? parts : (equalSets(gold, answer, context) ?? outcome)
  }
  const [relation, other] = gold.kind === 'relation' ? [gold, answer] : [answer, gold]
  if (relation.kind !== 'relation') return unknown('relation')
  const single = other.kind === 'group' && other.items.length === 1 ? other.items[0] : undefined
  if (single) return compareAny(gold === relation ? gold : single, gold === relation ? single : answer, context)
  const outcome = compareRelationWith(relation, other, context, gold === relation)
  if (outcome.kind === 'equal') return outcome
  const labelled = other.kind === 'group' ? compareDistributed(gold, answer, context) : undefined
  if (labelled?.kind === 'equal') return labelled
  return equalSets(gold, answer, context) ?? outcome
}

/** `x = 1, 2` is `x = 1, x = 2`; `(p, q) = (3, 2)` is `p = 3, q = 2`. */
function compareDistributed(gold: Tree, answer: Tree, context: Context): Outcome | undefined {
  const [left, right] = [distributed(gold), distributed(answer)]
  if (left === gold && right === answer) return undefined
  return left.kind === 'group' && right.kind === 'group' ? compareGroups(left, right, context) : undefined
}

function compareWithGroup(gold: Tree, answer: Tree, context: Context): Outcome {
  if (gold.kind === 'group' && answer.kind === 'group') {
    const outcome = compareGroups(gold, answer, context)
    if (outcome.kind === 'equal') return outcome
    const inner = compareOnlyMember(gold, answer, context)
    if (inner) return inner
    const turns = compareDistributed(gold, answer, context)
    if (turns?.kind === 'equal') return turns
    const hasRelations = [...gold.items, ...answer.items].some((item) => item.kind === 'relation')
    return (hasRelations ? equalSets(gold, answer, context) : undefined) ?? outcome
  }
  const [group, other] = gold.kind === 'group' ? [gold, answer] : [answer, gold]
  if (group.kind !== 'group') return unknown('kinds')
  const total = sumOfUnits(group)
  if (total) return gold === group ? compareAny(total, other, context) : compareAny(other, total, context)
  const vector = other.kind === 'expression' && compareTupleWith(group, other.expression, context, gold === group)
  if (vector) return vector
  const [only] = group.items
  if (group.items.length === 1 && only) {
    return gold === group ? compareAny(only, other, context) : compareAny(other, only, context)
  }
  if (other.kind === 'matrix') {
    // A vector may be written in a row: (1, 2, 3).
    const isVector = other.rows.every((row) => row.length === 1) || other.rows.length === 1
    const row: GroupTree = { ...group, items: other.rows.flat() }
    if (!isVector || group.open === '{') return different('matrix')
    return gold === group ? compareGroups(group, row, context) : compareGroups(row, group, context)
  }
  const restated = restatedValue(group, context)
  if (restated) return gold === group ? compareAny(restated, other, context) : compareAny(other, restated, context)
  return other.kind === 'text' ? unknown('words') : different('count')
}

/** `1/2 or 0.5` says one value twice. */
function restatedValue(group: GroupTree, context: Context): Tree | undefined {
  const [first, ...rest] = group.items
  if (group.open !== '' || group.joint !== 'or' || !first || rest.length === 0 || rest.length > 3) return undefined
  return rest.every((item) => compareAny(first, item, context).kind === 'equal') ? first : undefined
}

/** `{(1, 2)}` is its only member. */
function compareOnlyMember(gold: GroupTree, answer: GroupTree, context: Context): Outcome | undefined {
  const [left, right] = [onlyMember(gold), onlyMember(answer)]
  if (!left === !right) return undefined
  return compareAny(left ?? gold, right ?? answer, context)
}

function onlyMember(group: GroupTree): Tree | undefined {
  const [only] = group.items
  return group.items.length === 1 && group.open === '{' && only?.kind === 'group' && only.open !== '{'
    ? only
    : undefined
}

function compareRows(
  rule: Rule,
  gold: readonly (readonly Tree[])[],
  answer: readonly (readonly Tree[])[],
  context: Context,
): Outcome {
  if (gold.length !== answer.length) return different(rule)
  const parts: Outcome[] = []
  for (const [y, row] of gold.entries()) {
    if (row.length !== answer[y]?.length) return different(rule)
    for (const [x, cell] of row.entries()) {
      const other = answer[y]?.[x]
      if (!other) return different(rule)
      const part = compareAny(cell, other, context)
      if (part.kind === 'different') return { ...part, rule }
      parts.push(part)
    }
  }
  return all(rule, parts)
}

/** Cases in any order. */
function compareCases(
  gold: readonly (readonly Tree[])[],
  answer: readonly (readonly Tree[])[],
  context: Context,
): Outcome {
  const asTuple = (items: readonly Tree[]): Tree => ({ kind: 'group', open: '(', close: ')', items })
  const asList = (rows: readonly (readonly Tree[])[]): GroupTree => ({
    kind: 'group',
    open: '{',
    close: '}',
    items: rows.map(asTuple),
  })
  const outcome = compareGroups(asList(gold), asList(answer), context)
  return { ...outcome, rule: 'cases' }
}
