/** Families of values over all whole numbers, in either parametrisation: `±π/4 + kπ` is `π/4 + kπ/2`. */

import { normalForm, rationalOf } from '../algebra/normal-form.ts'
import { createRational, divide, multiply, type Rational } from '../algebra/rational.ts'
import type { Steps } from '../algebra/steps.ts'
import { callOf, type Expression, expressionsOf, numberOf, substitute, symbolsOf, type Tree } from '../tree.ts'
import { equal, type Outcome } from './outcome.ts'
import { reducedRational } from './same-family.ts'

interface Line {
  readonly offset: Expression
  readonly period: Expression
}

const PARAMETER = /^[kmnlNKtj]$/
const MOST_LINES = 240

/** Equal where both sides are the same values; undefined where one is not such a family, or they are not proven the same. */
export function sameFamilies(gold: Tree, answer: Tree, steps: Steps): Outcome | undefined {
  // Only where angles are meant: `3 + 4k` may be anything.
  if (![gold, answer].every((side) => expressionsOf(side).some(isAngular))) return undefined
  const [name, otherName] = [labelOf(gold), labelOf(answer)]
  if (name !== undefined && otherName !== undefined && name !== otherName) return undefined
  const [left, right] = [linesOf(gold, steps), linesOf(answer, steps)]
  const base = left?.[0]?.period
  if (!left || !right || !base) return undefined
  const [one, other] = [ratios(left, base, steps), ratios(right, base, steps)]
  const whole = one && other && commonMultiple([...one, ...other])
  if (!whole) return undefined
  const [a, b] = [spread(left, one, whole), spread(right, other, whole)]
  if (!a || !b) return undefined
  const isIn = (offset: Expression, offsets: readonly Expression[]): boolean =>
    offsets.some((each) => differsByWhole(offset, each, base, whole, steps))
  return a.every((offset) => isIn(offset, b)) && b.every((offset) => isIn(offset, a)) ? equal('family') : undefined
}

/** The letter that the values are said to be of. */
function labelOf(tree: Tree): string | undefined {
  const relation = tree.kind === 'group' ? tree.items.find(({ kind }) => kind === 'relation') : tree
  const label = relation?.kind === 'relation' ? relation.sides[0] : undefined
  return label?.kind === 'expression' && label.expression.kind === 'symbol' ? label.expression.name : undefined
}

function isAngular(expression: Expression): boolean {
  if (expression.kind === 'symbol') return expression.name === 'Pi'
  return expression.kind === 'call' && (expression.name === 'Degrees' || expression.args.some(isAngular))
}

/** The values of a label, or bare ones; each with the one parameter. */
function linesOf(tree: Tree, steps: Steps): readonly Line[] | undefined {
  const values = valuesOf(tree)
  if (!values || values.length === 0) return undefined
  const lines: Line[] = []
  for (const value of values) {
    const [name, ...rest] = symbolsOf(value)
    if (name === undefined || rest.length > 0 || !PARAMETER.test(name)) return undefined
    const turns = mentionsSign(value, name) ? [2n, 2n] : [1n]
    for (const [start, step] of turns.entries()) {
      const at = (k: bigint): Expression =>
        substitute(
          withoutSigns(value, name, step * k + BigInt(start)),
          new Map([[name, whole(step * k + BigInt(start))]]),
        )
      const period = minus(at(1n), at(0n))
      if (ratioOf(minus(at(3n), at(1n)), period, steps)?.numerator !== 2n) return undefined
      lines.push({ offset: at(0n), period })
    }
  }
  return lines
}

function valuesOf(tree: Tree): readonly Expression[] | undefined {
  if (tree.kind === 'expression')
    return tree.percent
      ? undefined
      : [tree.unit?.dimension === 'angle^1' ? callOf('Degrees', tree.expression) : tree.expression]
  if (
    tree.kind === 'relation' &&
    tree.sides.length === 2 &&
    /^[=∈]$/.test(tree.operators[0] ?? '') &&
    tree.sides[0]?.kind === 'expression' &&
    tree.sides[0].expression.kind === 'symbol'
  ) {
    return tree.sides[1] && valuesOf(tree.sides[1])
  }
  if (tree.kind !== 'group' || (tree.open !== '' && tree.open !== '{'))
    return tree.kind === 'sets' && tree.operator === '∪' ? flat(tree.items) : undefined
  return flat(tree.items)
}

function flat(items: readonly Tree[]): readonly Expression[] | undefined {
  const values = items.map(valuesOf)
  return values.every((value) => value !== undefined) ? values.flat() : undefined
}

function mentionsSign(expression: Expression, name: string): boolean {
  if (expression.kind !== 'call') return false
  return isSign(expression, name) || expression.args.some((arg) => mentionsSign(arg, name))
}

/** `(-1)^k` */
function isSign(expression: Expression, name: string): boolean {
  if (expression.kind !== 'call' || expression.name !== 'Power') return false
  const [base, exponent] = expression.args
  return (
    base?.kind === 'number' &&
    base.value.numerator === -base.value.denominator &&
    exponent !== undefined &&
    symbolsOf(exponent).has(name)
  )
}

/** The signs that `(-1)^k` has at one k, and everything else as it is. */
function withoutSigns(expression: Expression, name: string, k: bigint): Expression {
  if (expression.kind !== 'call') return expression
  if (isSign(expression, name)) return substitute(expression, new Map([[name, whole(k)]]))
  return { ...expression, args: expression.args.map((arg) => withoutSigns(arg, name, k)) }
}

function whole(value: bigint): Expression {
  return numberOf({ numerator: value, denominator: 1n })
}

function minus(a: Expression, b: Expression): Expression {
  return callOf('Add', a, callOf('Negate', b))
}

function ratioOf(top: Expression, bottom: Expression, steps: Steps): Rational | undefined {
  const below = normalForm(bottom, steps)
  const zero = below && rationalOf(below)
  if (!below || zero?.numerator === 0n) return undefined
  const form = normalForm(callOf('Divide', top, bottom), steps)
  return form && reducedRational(form)
}

function ratios(lines: readonly Line[], base: Expression, steps: Steps): readonly Rational[] | undefined {
  const found = lines.map(({ period }) => ratioOf(period, base, steps))
  return found.every((ratio) => ratio !== undefined && ratio.numerator !== 0n)
    ? found.filter((ratio) => ratio !== undefined)
    : undefined
}

function commonMultiple(values: readonly Rational[]): Rational | undefined {
  let [top, bottom] = [1n, 0n]
  for (const { numerator, denominator } of values) {
    const size = numerator < 0n ? -numerator : numerator
    top = (top / divisorOf(top, size)) * size
    bottom = divisorOf(bottom, denominator)
  }
  return createRational(top, bottom === 0n ? 1n : bottom)
}

function divisorOf(a: bigint, b: bigint): bigint {
  return b === 0n ? a : divisorOf(b, a % b)
}

/** Every line written out over one common period. */
function spread(
  lines: readonly Line[],
  sizes: readonly Rational[],
  whole: Rational,
): readonly Expression[] | undefined {
  const offsets: Expression[] = []
  for (const [at, { offset, period }] of lines.entries()) {
    const size = sizes[at]
    const count = size && divide(whole, size)
    const copies = count && (count.numerator < 0n ? -count.numerator : count.numerator) / count.denominator
    if (copies === undefined || offsets.length + Number(copies) > MOST_LINES) return undefined
    for (let j = 0n; j < copies; j++) {
      offsets.push(callOf('Add', offset, callOf('Multiply', numberOf({ numerator: j, denominator: 1n }), period)))
    }
  }
  return offsets
}

function differsByWhole(a: Expression, b: Expression, base: Expression, whole: Rational, steps: Steps): boolean {
  const ratio = ratioOf(minus(a, b), base, steps)
  const inverse = createRational(whole.denominator, whole.numerator)
  return ratio !== undefined && inverse !== undefined && multiply(ratio, inverse).denominator === 1n
}
