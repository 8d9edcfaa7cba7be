/** Numeric probing: two expressions at seeded points, first in doubles, then with 256 bits where doubles do not settle it. */

import { BIG_FLOATS } from '../algebra/big-float.ts'
import type { Complex } from '../algebra/complex.ts'
import { createEvaluator } from '../algebra/evaluate.ts'
import { isKnownFunction, REAL_ONLY, WHOLE_ONLY } from '../algebra/evaluate-function.ts'
import { type Evaluator, NoValue } from '../algebra/evaluator.ts'
import { DOUBLES } from '../algebra/reals.ts'
import type { Steps } from '../algebra/steps.ts'
import { callOf, callsOf, type Expression, symbolOf, symbolsOf } from '../tree.ts'

export interface ProbeResult {
  /** `unknown`: too few points had a value. */
  readonly kind: 'equal' | 'different' | 'unknown'
  /** Points that agreed. */
  readonly agreed: number
}

/** One coordinate of a point: real and imaginary part. */
export type Coordinate = readonly [re: number, im: number]
export type Point = ReadonlyMap<string, Coordinate>

const ROUNDS = { positive: 5, complex: 5, signed: 6, whole: 30, counted: 14 }
// Break points of |x - c|, max and floor lie anywhere: sizes on a log scale up to 1e4, both signs.
const FAR = [4.2, 9.6, 17, 41, 96, 240, 610, 1_500, 3_700, 9_400]
const FAR_WHOLE = [1, 2, 7, -3, 100]
const LEAST_AGREEING = 6
const LEAST_OF_CONSTANTS = 1

const NO_NAMES: ReadonlySet<string> = new Set()

/** Compares the values of two expressions; those in `whole` stand for whole numbers; symbols of either side are coordinates of the points. */
export function probe(
  left: Expression,
  right: Expression,
  steps: Steps,
  whole: ReadonlySet<string> = NO_NAMES,
): ProbeResult {
  const names = [...symbolsOf(right, symbolsOf(left))].sort()
  const calls = callsOf(right, callsOf(left))
  const doubles = createEvaluator(DOUBLES, steps)
  const realDoubles = createEvaluator(DOUBLES, steps, true)
  let agreed = 0
  let isConfirmed = names.length === 0
  const counted = boundsOf(right, boundsOf(left, new Set(whole)))
  for (const point of pointsFor(names, calls, counted)) {
    const verdict = compareAt(
      left,
      right,
      point,
      isSignedPoint(point) ? realDoubles : doubles,
      !isConfirmed || names.length === 0,
      steps,
    )
    if (verdict === 'different') return { kind: 'different', agreed }
    if (verdict !== 'equal') continue
    isConfirmed = true
    agreed++
  }
  const least = names.length === 0 ? LEAST_OF_CONSTANTS : LEAST_AGREEING
  return { kind: agreed >= least ? 'equal' : 'unknown', agreed }
}

/** A real constant to within a share of itself; undefined where it has no real value. For rounding and for order. */
export function realValueOf(expression: Expression, steps: Steps): number | undefined {
  try {
    const { z, noise } = createEvaluator(DOUBLES, steps).evaluate(expression, new Map())
    const isReal = Math.log2(Math.abs(z.im)) <= noise + 1 || z.im === 0
    if (isReal && noise < Math.max(-20, Math.log2(Math.abs(z.re)) - 30)) return z.re
  } catch (error) {
    if (!(error instanceof NoValue)) throw error
  }
  return undefined
}

function compareAt(
  left: Expression,
  right: Expression,
  point: Point,
  doubles: Evaluator<number>,
  needsBoth: boolean,
  steps: Steps,
): 'equal' | 'different' | 'unknown' {
  const first = compareIn(doubles, left, right, point)
  // Doubles alone prove a difference. Equality of constants, one point of every function, and what doubles cannot
  // hold go to the second precision: a root in sixty roots moves the value by less than a double shows.
  if (first === 'different') return first
  if (first === 'equal' && !needsBoth) return first
  steps.spend(2_000)
  const second = compareIn(createEvaluator(BIG_FLOATS, steps, isSignedPoint(point)), left, right, point)
  return second === 'vague' ? 'unknown' : second
}

function compareIn<T>(
  evaluator: Evaluator<T>,
  left: Expression,
  right: Expression,
  point: Point,
): 'equal' | 'different' | 'unknown' | 'vague' {
  const { field, magnitude } = evaluator
  const at = new Map<string, Complex<T>>()
  for (const [name, [re, im]] of point) {
    at.set(name, { re: field.reals.fromNumber(re), im: field.reals.fromNumber(im) })
  }
  try {
    const a = evaluator.evaluate(left, at)
    const b = evaluator.evaluate(right, at)
    const isSigned = isSignedPoint(point)
    // At negative real points branches part: only two real values count.
    if (isSigned && !(isAboutReal(evaluator, a) && isAboutReal(evaluator, b))) return 'unknown'
    const difference = magnitude(field.add(a.z, field.negate(b.z)))
    const noise = Math.max(a.noise, b.noise) + 3
    const size = Math.max(magnitude(a.z), magnitude(b.z))
    if (difference > noise) return isOtherBranch(evaluator, a.z, b.z) ? 'unknown' : 'different'
    // Noise as large as the values themselves says nothing, unless the value is zero as far as anyone can see.
    if (size !== Number.NEGATIVE_INFINITY && noise > size - 20 && noise > -24) return 'vague'
    return 'equal'
  } catch (error) {
    if (error instanceof NoValue) return 'unknown'
    throw error
  }
}

/** Logarithms of one value, a turn apart: where neither side is real, ln(a/b) and ln a - ln b may part by 2πi. */
function isOtherBranch<T>({ field }: Evaluator<T>, a: Complex<T>, b: Complex<T>): boolean {
  const { toNumber } = field.reals
  const [left, right] = [toNumber(a.im), toNumber(b.im)]
  const turns = (left - right) / (2 * Math.PI)
  const isTurn = Math.abs(turns) > 0.5 && Math.abs(turns - Math.round(turns)) < 1e-9
  const [one, other] = [toNumber(a.re), toNumber(b.re)]
  return isTurn && left !== 0 && right !== 0 && Math.abs(one - other) <= 1e-9 * Math.max(1, Math.abs(one))
}

function isSignedPoint(point: Point): boolean {
  return [...point.values()].some(([re, im]) => re < 0 && im === 0)
}

function isAboutReal<T>(evaluator: Evaluator<T>, value: { readonly z: Complex<T>; readonly noise: number }): boolean {
  const { reals } = evaluator.field
  return reals.magnitude(value.z.im) <= value.noise + 2
}

/** Points that look irrational, away from poles and whole numbers; the same for the same names, on every machine. */
export function* pointsFor(
  names: readonly string[],
  calls: ReadonlySet<string>,
  counted: ReadonlySet<string> = NO_NAMES,
): Generator<Point> {
  if (names.length === 0) {
    yield new Map()
    return
  }
  const next = createStream(names.join(' '))
  const pointOf = (coordinate: () => Coordinate): Point => new Map(names.map((name) => [name, coordinate()]))
  const isWhole = [...calls].some((name) => WHOLE_ONLY.has(name))
  const isReal = isWhole || [...calls].some((name) => REAL_ONLY.has(name))
  if (isWhole) {
    // Many, as a choice of more than there are has no value in factorials.
    for (let i = 0; i < ROUNDS.whole; i++) yield pointOf(() => [2 + Math.floor(next() * 9) + (i % 10), 0])
    return
  }
  if (counted.size > 0) {
    for (let i = 0; i < ROUNDS.counted; i++) {
      const real = (): Coordinate => [binary(0.3 + 2.4 * next()), 0]
      yield new Map(
        names.map(
          (name, at) => [name, counted.has(name) ? [1 + ((i * (at + 1) + at) % ROUNDS.counted), 0] : real()] as const,
        ),
      )
    }
    return
  }
  for (let i = 0; i < ROUNDS.positive; i++) yield pointOf(() => [binary(0.3 + 2.4 * next()), 0])
  if (!isReal) {
    // A small angle to the axis: ln(xy) = ln x + ln y holds there, |x| = x does not.
    for (let i = 0; i < ROUNDS.complex; i++) {
      yield pointOf(() => [binary(0.4 + 1.6 * next()), binary((next() - 0.5) * 0.3)])
    }
  }
  for (let i = 0; i < ROUNDS.signed; i++) {
    yield pointOf(() => [binary((0.3 + 2 * next()) * (next() < 0.6 ? -1 : 1)), 0])
  }
  for (const size of FAR) yield pointOf(() => [binary(size * (0.9 + 0.2 * next())), 0])
  for (const size of FAR) {
    yield pointOf(() => [binary(size * (0.4 + next()) * (next() < 0.7 ? -1 : 1)), 0])
  }
  if (![...calls].some((name) => STEPPED.has(name))) return
  for (const value of FAR_WHOLE) yield pointOf(() => [value + Math.floor(3 * next()), 0])
}

const STEPPED: ReadonlySet<string> = new Set(['Floor', 'Ceil', 'Mod'])

/** The letters that bounds of sums and products are made of: they stand for whole numbers. */
function boundsOf(expression: Expression, into: Set<string>): Set<string> {
  if (expression.kind !== 'call') return into
  if (expression.name === 'Sum' || expression.name === 'Product') {
    for (const bound of expression.args.slice(2)) symbolsOf(bound, into)
  }
  for (const arg of expression.args) boundsOf(arg, into)
  return into
}

/** To 40 bits after the point, so that both precisions see the same number. */
function binary(value: number): number {
  return Math.round(value * 2 ** 40) / 2 ** 40
}

/** Mulberry32 on a hash of the text. */
function createStream(text: string): () => number {
  let state = 0x9e3779b9
  for (let i = 0; i < text.length; i++) state = Math.imul(state ^ text.charCodeAt(i), 0x01000193)
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

/** Calls that cannot be evaluated, each as a symbol of its own: equal ones (by `keyOf`) get the same symbol. */
export function hideUnknownCalls(expression: Expression, keyOf: (call: Expression) => string): Expression {
  if (expression.kind !== 'call') return expression
  const isEndless =
    (expression.name === 'Sum' || expression.name === 'Product') &&
    expression.args.slice(2).some((bound) => bound.kind === 'symbol' && bound.name === 'Infinity')
  if (!isKnownFunction(expression.name) || isEndless) return symbolOf(`hidden ${keyOf(expression)}`)
  return callOf(expression.name, ...expression.args.map((arg) => hideUnknownCalls(arg, keyOf)))
}
