/** Sets of whole numbers that repeat: residue classes and families such as `5k + 2`, compared class by class. */

import { normalForm, rationalOf } from '../algebra/normal-form.ts'
import type { Rational } from '../algebra/rational.ts'
import { type Expression, numberOf, substitute, symbolsOf, type Tree } from '../tree.ts'
import { all, type Context, different, equal, type Outcome, unknown } from './outcome.ts'

interface Periodic {
  /** The letter that the numbers are values of; undefined where none is named. */
  readonly name: string | undefined
  readonly modulus: bigint
  /** Between 0 and the modulus. */
  readonly residues: ReadonlySet<bigint>
}

const MOST_MODULUS = 100_000n
const COUNTER = /^[jklmnrstqKN]$/
// `n = 5k + 2` is about whole numbers; `x = 2t + 1` is a line, and `a_n = 2n + 1` a sequence.
const WHOLE_LABEL = /^[nmNpaqd]$/
const WHOLE_COUNTER = /^[jklmnKN]$/

/** Undefined where neither side is a residue class, or where one of them is not a set of whole numbers that repeats. */
export function compareResidues(gold: Tree, answer: Tree, context: Context): Outcome | undefined {
  const hasClass = [gold, answer].some(mentionsResidue)
  if (!hasClass && !(isFamily(gold) && isFamily(answer)) && !areFamiliesOfX(gold, answer)) return undefined
  const [left, right] = [periodicOf(gold, context), periodicOf(answer, context)]
  if (left && right) {
    if (left.name !== undefined && right.name !== undefined && left.name !== right.name) return unknown('residue')
    return areSame(left, right) ? equal('residue') : different('residue')
  }
  if (!hasClass) return undefined
  return gold.kind === 'residue' && answer.kind === 'residue'
    ? compareSymbolic(gold, answer, context)
    : unknown('residue')
}

function mentionsResidue(tree: Tree): boolean {
  return tree.kind === 'residue' || (tree.kind === 'group' && tree.open === '' && tree.items.some(mentionsResidue))
}

/** `n = 5k + 2`, alone or several: a letter and values with one counter. */
function isFamily(tree: Tree): boolean {
  if (tree.kind === 'group') return tree.open === '' && tree.items.length > 0 && tree.items.every(isFamily)
  if (tree.kind === 'sets') return tree.within === 'values'
  if (tree.kind !== 'relation' || tree.sides.length !== 2 || !/^[=∈]$/.test(tree.operators[0] ?? '')) return false
  const [label, value] = tree.sides
  const name = nameOf(label)
  const counter = value && counterOf(value)
  const isWhole = name !== undefined && counter !== undefined && WHOLE_LABEL.test(name) && WHOLE_COUNTER.test(counter)
  return isWhole && name !== counter
}

/** `x = 4k+1 or x = 4k+3` and `x = 2m+1`: several on one side with another counter on the other are no lines. */
function areFamiliesOfX(gold: Tree, answer: Tree): boolean {
  const [left, right] = [countersOfX(gold), countersOfX(answer)]
  return left.length !== right.length && left.length > 0 && right.length > 0 && left[0] !== right[0]
}

/** The counter of every `x = 4k + 1`; none where a part is something else. */
function countersOfX(tree: Tree): readonly string[] {
  const parts = tree.kind === 'group' && tree.open === '' ? tree.items : [tree]
  const counters = parts.flatMap((part) => {
    const [label, value] =
      part.kind === 'relation' && part.sides.length === 2 && part.operators[0] === '=' ? part.sides : []
    const counter = value && nameOf(label) === 'x' ? counterOf(value) : undefined
    return counter !== undefined && WHOLE_COUNTER.test(counter) ? [counter] : []
  })
  return counters.length === parts.length ? counters : []
}

function counterOf(tree: Tree): string | undefined {
  if (tree.kind === 'group')
    return tree.items.length > 0 && tree.items.every((item) => counterOf(item) !== undefined) && tree.items[0]
      ? counterOf(tree.items[0])
      : undefined
  if (tree.kind !== 'expression' || tree.unit || tree.percent) return undefined
  const [name, ...rest] = symbolsOf(tree.expression)
  return name !== undefined && rest.length === 0 && COUNTER.test(name) ? name : undefined
}

function periodicOf(tree: Tree, context: Context): Periodic | undefined {
  switch (tree.kind) {
    case 'residue': {
      const modulus = wholeOf(tree.modulus, context)
      const values = valuesOf(tree.residues).map((value) => wholeOf(value, context))
      if (
        modulus === undefined ||
        modulus <= 0n ||
        modulus > MOST_MODULUS ||
        !values.every((value) => value !== undefined)
      )
        return undefined
      return { name: nameOf(tree.name), modulus, residues: new Set(values.map((value) => positive(value, modulus))) }
    }
    case 'group':
      return tree.open === '' && tree.joint !== 'and'
        ? united(tree.items.map((item) => periodicOf(item, context)))
        : undefined
    case 'sets': {
      const [term] = tree.items
      return tree.within === 'values' && term?.kind === 'expression' ? familyOf(term.expression, context) : undefined
    }
    case 'relation': {
      const [label, value] = tree.sides
      if (tree.sides.length !== 2 || !/^[=∈]$/.test(tree.operators[0] ?? '') || !value) return undefined
      const set = united(valuesOf(value).map((each) => familyOf(each, context)))
      const name = nameOf(label)
      // `n = k + 4` says how two letters are related.
      if (set?.modulus === 1n) return undefined
      return set && name !== undefined ? { ...set, name } : undefined
    }
    case 'expression':
      return tree.unit || tree.percent
        ? undefined
        : (modOf(tree.expression, context) ?? familyOf(tree.expression, context))
    default:
      return undefined
  }
}

/** `3 mod 10`, where the other side is a class. */
function modOf(expression: Expression, context: Context): Periodic | undefined {
  if (expression.kind !== 'call' || expression.name !== 'Mod') return undefined
  const [value, size] = expression.args.map((arg) => wholeOf(arg, context))
  if (value === undefined || size === undefined || size <= 0n || size > MOST_MODULUS) return undefined
  return { name: undefined, modulus: size, residues: new Set([positive(value, size)]) }
}

/** `ak + b` with whole a and b. */
function familyOf(expression: Expression, context: Context): Periodic | undefined {
  const [name, ...rest] = symbolsOf(expression)
  if (name === undefined || rest.length > 0 || !COUNTER.test(name)) return undefined
  const at = (k: bigint): bigint | undefined =>
    wholeOf(substitute(expression, new Map([[name, numberOf({ numerator: k, denominator: 1n })]])), context)
  const [zero, one, two, seven] = [at(0n), at(1n), at(2n), at(7n)]
  if (zero === undefined || one === undefined || two === undefined || seven === undefined) return undefined
  const step = one - zero
  if (step === 0n || two - one !== step || seven - zero !== 7n * step) return undefined
  const modulus = step < 0n ? -step : step
  return modulus > MOST_MODULUS ? undefined : { name: undefined, modulus, residues: new Set([positive(zero, modulus)]) }
}

function valuesOf(tree: Tree): readonly Expression[] {
  if (tree.kind === 'expression') return [tree.expression]
  return tree.kind === 'group' && (tree.open === '' || tree.open === '{') ? tree.items.flatMap(valuesOf) : []
}

function nameOf(tree: Tree | undefined): string | undefined {
  return tree?.kind === 'expression' && tree.expression.kind === 'symbol' ? tree.expression.name : undefined
}

function wholeOf(expression: Expression, context: Context): bigint | undefined {
  const form = normalForm(expression, context.steps)
  const value: Rational | undefined = form && rationalOf(form)
  return value?.denominator === 1n ? value.numerator : undefined
}

function positive(value: bigint, modulus: bigint): bigint {
  return ((value % modulus) + modulus) % modulus
}

function united(sets: readonly (Periodic | undefined)[]): Periodic | undefined {
  const [first, ...rest] = sets
  let whole = first
  for (const set of rest) {
    if (!whole || !set || (set.name !== undefined && whole.name !== undefined && set.name !== whole.name))
      return undefined
    const modulus = (whole.modulus / divisorOf(whole.modulus, set.modulus)) * set.modulus
    if (modulus > MOST_MODULUS) return undefined
    const residues: ReadonlySet<bigint> = new Set([...spread(whole, modulus), ...spread(set, modulus)])
    whole = { name: whole.name ?? set.name, modulus, residues }
  }
  return whole
}

function spread(set: Periodic, modulus: bigint): bigint[] {
  const residues: bigint[] = []
  for (const residue of set.residues)
    for (let value = residue; value < modulus; value += set.modulus) residues.push(value)
  return residues
}

function areSame(a: Periodic, b: Periodic): boolean {
  const modulus = (a.modulus / divisorOf(a.modulus, b.modulus)) * b.modulus
  if (modulus > MOST_MODULUS) return false
  const [left, right] = [new Set(spread(a, modulus)), new Set(spread(b, modulus))]
  return left.size === right.size && [...left].every((residue) => right.has(residue))
}

function divisorOf(a: bigint, b: bigint): bigint {
  return b === 0n ? a : divisorOf(b, a % b)
}

/** `a^p ≡ a (mod p)`: side by side, where nothing can be worked out. */
function compareSymbolic(
  gold: Extract<Tree, { kind: 'residue' }>,
  answer: Extract<Tree, { kind: 'residue' }>,
  context: Context,
): Outcome {
  const tree = (expression: Expression): Tree => ({ kind: 'expression', expression, percent: false, unit: undefined })
  const sides = all('residue', [
    context.compare(tree(gold.modulus), tree(answer.modulus)),
    context.compare(gold.residues, answer.residues),
    gold.name && answer.name ? context.compare(gold.name, answer.name) : equal('residue'),
  ])
  if (sides.kind !== 'different') return sides
  // Residues that differ may differ by a multiple.
  const isOther = context.compare(tree(gold.modulus), tree(answer.modulus)).kind === 'different'
  return isOther ? different('residue') : unknown('residue')
}
