/** Numeric value of an expression at a point, in any precision, with a running bound on its error. */

import { callOf, type Expression, numberOf } from '../tree.ts'
import { type Complex, createComplexField } from './complex.ts'
import { evaluateFunction } from './evaluate-function.ts'
import { type Evaluator, NoValue, type Value } from './evaluator.ts'
import { isWhole } from './exact-calls.ts'
import { divide, type Rational } from './rational.ts'
import type { Reals } from './reals.ts'
import type { Steps } from './steps.ts'

const MOST_SUMMANDS = 2_000n

/**
 * @param isRealOnly roots and logarithms of negative numbers have no value, instead of their principal one
 */
export function createEvaluator<T>(reals: Reals<T>, steps: Steps, isRealOnly = false): Evaluator<T> {
  const field = createComplexField(reals)
  const bits = -Math.log2(reals.tolerance) + 6
  const isExactly = (a: Value<T>): boolean => a.noise === Number.NEGATIVE_INFINITY

  function magnitude({ re, im }: Complex<T>): number {
    return Math.max(reals.magnitude(re), reals.magnitude(im))
  }

  function create(z: Complex<T>, noise: number): Value<T> {
    if (!reals.isFinite(z.re) || !reals.isFinite(z.im)) throw new NoValue('out of range')
    const rounding = magnitude(z) - bits
    // A value known to fewer than a few bits still serves as a zero, which only the comparison can tell.
    return { z, noise: Math.max(noise, rounding) }
  }

  const evaluator: Evaluator<T> = {
    field,
    magnitude,
    exact: (z) => ({ z, noise: Number.NEGATIVE_INFINITY }),
    real: (value) => ({ z: field.number(value), noise: Number.NEGATIVE_INFINITY }),
    add(a, b) {
      const z = field.add(a.z, b.z)
      const [sizeA, sizeB] = [magnitude(a.z), magnitude(b.z)]
      // A summand that means something and is swallowed whole: 2^(10^9) + 1 would look like 2^(10^9).
      const small = sizeA < sizeB ? a : b
      const least = Math.min(sizeA, sizeB)
      if (least < Math.max(sizeA, sizeB) - bits && least > small.noise + 2) throw new NoValue('digits lost')
      if (isExactly(a) && isExactly(b) && Math.max(sizeA, sizeB) < 40) return { z, noise: exactNoise(a, b, z) }
      return create(z, Math.max(a.noise, b.noise, Math.max(sizeA, sizeB) - bits))
    },
    negate: (a) => ({ z: field.negate(a.z), noise: a.noise }),
    multiply(a, b) {
      if (isExactly(a) && field.isZero(a.z)) return a
      if (isExactly(b) && field.isZero(b.z)) return b
      const z = field.multiply(a.z, b.z)
      if (isExactly(a) && isExactly(b) && isSmallWhole(a) && isSmallWhole(b)) return { z, noise: a.noise }
      return create(z, Math.max(a.noise + magnitude(b.z), b.noise + magnitude(a.z), a.noise + b.noise) + 1)
    },
    divide(a, b) {
      const size = magnitude(b.z)
      if (size <= b.noise + 3 || field.isZero(b.z)) throw new NoValue('division by zero')
      if (isExactly(a) && field.isZero(a.z)) return a
      const z = field.divide(a.z, b.z)
      return create(z, Math.max(a.noise - size, b.noise + magnitude(a.z) - 2 * size) + 1)
    },
    power(a, b) {
      if (evaluator.isZero(b)) {
        if (evaluator.isZero(a)) throw new NoValue('0 to the 0')
        return evaluator.real(1)
      }
      if (evaluator.isZero(a)) {
        if (reals.sign(b.z.re) <= 0) throw new NoValue('0 to a negative power')
        return { z: field.number(0), noise: a.noise === Number.NEGATIVE_INFINITY ? a.noise : a.noise * 0.1 }
      }
      if (magnitude(b.z) < 2 - bits && magnitude(b.z) > b.noise) throw new NoValue('digits lost')
      const z = stayingReal(field.power(a.z, b.z), a.z)
      const size = magnitude(z)
      const relative = a.noise - magnitude(a.z)
      const throughBase = relative + Math.max(0, magnitude(b.z)) + size
      const throughExponent = b.noise + Math.log2(Math.abs(magnitude(a.z)) + 4) + size
      return create(z, Math.max(throughBase, throughExponent, size - bits + Math.max(0, magnitude(b.z))) + 1)
    },
    exp(a) {
      // e to a tiny power is told from 1 by that power alone.
      if (!field.isZero(a.z) && magnitude(a.z) < 2 - bits && magnitude(a.z) > a.noise) throw new NoValue('digits lost')
      const z = field.exp(a.z)
      return create(z, Math.max(a.noise, magnitude(a.z) - bits) + magnitude(z) + 1)
    },
    ln(a) {
      if (evaluator.isZero(a)) throw new NoValue('logarithm of zero')
      return create(stayingReal(field.ln(a.z), a.z), Math.max(a.noise - magnitude(a.z) + 1, -bits))
    },
    sqrt(a) {
      if (isExactly(a) && field.isZero(a.z)) return a
      if (evaluator.isZero(a)) return { z: field.number(0), noise: a.noise / 2 }
      const z = stayingReal(field.sqrt(a.z), a.z)
      return create(z, a.noise - magnitude(z) + 1)
    },
    isZero: (a) => magnitude(a.z) <= a.noise + 1 || field.isZero(a.z),
    evaluate,
  }

  function stayingReal(result: Complex<T>, argument: Complex<T>): Complex<T> {
    if (isRealOnly && field.isReal(argument) && !field.isReal(result)) throw new NoValue('not real')
    return result
  }

  function exactNoise(a: Value<T>, b: Value<T>, z: Complex<T>): number {
    return isSmallWhole(a) && isSmallWhole(b) ? Number.NEGATIVE_INFINITY : magnitude(z) - bits
  }

  function isSmallWhole({ z }: Value<T>): boolean {
    const re = reals.toNumber(z.re)
    const im = reals.toNumber(z.im)
    return Number.isInteger(re) && Number.isInteger(im) && Math.abs(re) < 2 ** 25 && Math.abs(im) < 2 ** 25
  }

  function evaluate(expression: Expression, point: ReadonlyMap<string, Complex<T>>): Value<T> {
    steps.spend(10)
    if (expression.kind === 'number') {
      const z = field.real(reals.fromRational(expression.value))
      return isWhole(expression.value) && magnitude(z) < 40 ? evaluator.exact(z) : create(z, Number.NEGATIVE_INFINITY)
    }
    if (expression.kind === 'symbol') return symbolValue(expression.name, point)
    const { name, args } = expression
    if (name === 'Sum' || name === 'Product') return evaluateRange(name, args, point)
    const root = name === 'Power' ? oddRoot(args) : undefined
    if (root) return evaluate(root, point)
    const values = args.map((arg) => evaluate(arg, point))
    return evaluateFunction(evaluator, name, values)
  }

  function symbolValue(name: string, point: ReadonlyMap<string, Complex<T>>): Value<T> {
    if (name === 'Pi') return create(field.real(reals.pi), Number.NEGATIVE_INFINITY)
    if (name === 'E') return create(field.real(reals.exp(reals.one)), Number.NEGATIVE_INFINITY)
    if (name === 'I') return evaluator.exact(field.i)
    const z = point.get(name)
    if (!z) throw new NoValue(`no value for ${name}`)
    return create(z, Number.NEGATIVE_INFINITY)
  }

  /** A finite sum or product over whole numbers. */
  function evaluateRange(
    name: 'Sum' | 'Product',
    args: readonly Expression[],
    point: ReadonlyMap<string, Complex<T>>,
  ): Value<T> {
    const [body, index, low, high] = args
    if (args.length !== 4 || !body || index?.kind !== 'symbol' || !low || !high)
      throw new NoValue('a sum without bounds')
    const [first, last] = [boundAt(low, point), boundAt(high, point)]
    if (last - first > MOST_SUMMANDS) throw new NoValue('too many summands')
    let total = evaluator.real(name === 'Sum' ? 0 : 1)
    for (let k = first; k <= last; k++) {
      steps.spend(40)
      const inner = new Map(point).set(index.name, field.real(reals.fromRational({ numerator: k, denominator: 1n })))
      const value = evaluate(body, inner)
      total = name === 'Sum' ? evaluator.add(total, value) : evaluator.multiply(total, value)
    }
    return total
  }

  function boundAt(bound: Expression, point: ReadonlyMap<string, Complex<T>>): bigint {
    if (bound.kind === 'number' && isWhole(bound.value)) return bound.value.numerator
    const { z } = evaluate(bound, point)
    const value = field.isReal(z) ? reals.toNumber(z.re) : Number.NaN
    if (!Number.isSafeInteger(value)) throw new NoValue('bounds that are not whole')
    return BigInt(value)
  }

  return evaluator
}

/** `x^{5/3}` as the fifth power of the cube root, which is real where x is, as answers mean it. */
function oddRoot(args: readonly Expression[]): Expression | undefined {
  const [base, exponent] = args
  const value = exponent && quotientOf(exponent)
  if (!base || !value || value.denominator === 1n || value.denominator % 2n === 0n) return undefined
  const root = callOf('Root', base, numberOf({ numerator: value.denominator, denominator: 1n }))
  return callOf('Power', root, numberOf({ numerator: value.numerator, denominator: 1n }))
}

function quotientOf(expression: Expression): Rational | undefined {
  if (expression.kind === 'number') return expression.value
  if (expression.kind !== 'call') return undefined
  const [top, bottom] = expression.args.map(quotientOf)
  if (expression.name === 'Negate' && top) return { ...top, numerator: -top.numerator }
  return expression.name === 'Divide' && top && bottom ? divide(top, bottom) : undefined
}
