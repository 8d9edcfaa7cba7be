/** The functions that the evaluator knows, by their MathJSON names. */

import { type Evaluator, NoValue, type Value } from './evaluator.ts'

type Apply = <T>(e: Evaluator<T>, args: readonly Value<T>[]) => Value<T>

const one =
  (apply: <T>(e: Evaluator<T>, a: Value<T>) => Value<T>): Apply =>
  (e, [a, ...rest]) => {
    if (!a || rest.length > 0) throw new NoValue('one argument expected')
    return apply(e, a)
  }

const two =
  (apply: <T>(e: Evaluator<T>, a: Value<T>, b: Value<T>) => Value<T>): Apply =>
  (e, [a, b, ...rest]) => {
    if (!a || !b || rest.length > 0) throw new NoValue('two arguments expected')
    return apply(e, a, b)
  }

const reciprocal = <T>(e: Evaluator<T>, a: Value<T>): Value<T> => e.divide(e.real(1), a)
const subtract = <T>(e: Evaluator<T>, a: Value<T>, b: Value<T>): Value<T> => e.add(a, e.negate(b))
const imaginary = <T>(e: Evaluator<T>): Value<T> => e.exact(e.field.i)
const square = <T>(e: Evaluator<T>, a: Value<T>): Value<T> => e.multiply(a, a)

/** Sine and cosine; the error grows with the imaginary part, and with the size of the angle. */
function circular<T>(e: Evaluator<T>, a: Value<T>, which: 'sin' | 'cos'): Value<T> {
  const { field } = e
  if (!field.isReal(a.z)) {
    const turned = e.multiply(imaginary(e), a)
    const [plus, minus] = [e.exp(turned), e.exp(e.negate(turned))]
    return which === 'cos'
      ? e.divide(e.add(plus, minus), e.real(2))
      : e.divide(subtract(e, plus, minus), e.multiply(e.real(2), imaginary(e)))
  }
  if (field.isZero(a.z)) return which === 'sin' ? a : e.real(1)
  const { reals } = field
  const z = field.real(which === 'sin' ? reals.sin(a.z.re) : reals.cos(a.z.re))
  if (!reals.isFinite(z.re)) throw new NoValue('angle too large')
  const bits = -Math.log2(reals.tolerance) + 6
  // The cosine of a tiny angle is told from 1 by its square alone.
  if (which === 'cos' && 2 * e.magnitude(a.z) < 2 - bits && e.magnitude(a.z) > a.noise) throw new NoValue('digits lost')
  return { z, noise: Math.max(a.noise, -bits, e.magnitude(a.z) - bits) }
}

const sin = <T>(e: Evaluator<T>, a: Value<T>): Value<T> => circular(e, a, 'sin')
const cos = <T>(e: Evaluator<T>, a: Value<T>): Value<T> => circular(e, a, 'cos')
const sinh = <T>(e: Evaluator<T>, a: Value<T>): Value<T> =>
  e.divide(subtract(e, e.exp(a), e.exp(e.negate(a))), e.real(2))
const cosh = <T>(e: Evaluator<T>, a: Value<T>): Value<T> => e.divide(e.add(e.exp(a), e.exp(e.negate(a))), e.real(2))

function arctan<T>(e: Evaluator<T>, a: Value<T>): Value<T> {
  if (e.field.isZero(a.z)) return a
  if (e.field.isReal(a.z)) {
    const { reals } = e.field
    const bits = -Math.log2(reals.tolerance) + 6
    const z = e.field.real(reals.atan2(a.z.re, reals.one))
    return { z, noise: Math.max(a.noise, e.magnitude(z) - bits) }
  }
  // atan z = (ln(1 + iz) - ln(1 - iz)) / 2i
  const turned = e.multiply(imaginary(e), a)
  const difference = subtract(e, e.ln(e.add(e.real(1), turned)), e.ln(subtract(e, e.real(1), turned)))
  return e.divide(difference, e.multiply(e.real(2), imaginary(e)))
}

/** asin z = -i ln(iz + sqrt(1 - z^2)) */
function arcsin<T>(e: Evaluator<T>, a: Value<T>): Value<T> {
  const root = e.sqrt(subtract(e, e.real(1), square(e, a)))
  const logarithm = e.ln(e.add(e.multiply(imaginary(e), a), root))
  return cleaned(e, a, e.negate(e.multiply(imaginary(e), logarithm)))
}

/** A real argument within -1..1 has a real inverse: the rounding in its imaginary part goes. */
function cleaned<T>(e: Evaluator<T>, argument: Value<T>, result: Value<T>): Value<T> {
  const { field } = e
  if (!field.isReal(argument.z) || Math.abs(field.reals.toNumber(argument.z.re)) > 1) return result
  return { z: field.real(result.z.re), noise: result.noise }
}

function arccos<T>(e: Evaluator<T>, a: Value<T>): Value<T> {
  const half = e.divide(e.evaluate({ kind: 'symbol', name: 'Pi' }, new Map()), e.real(2))
  return subtract(e, half, arcsin(e, a))
}

const arsinh = <T>(e: Evaluator<T>, a: Value<T>): Value<T> => e.ln(e.add(a, e.sqrt(e.add(square(e, a), e.real(1)))))
const arcosh = <T>(e: Evaluator<T>, a: Value<T>): Value<T> =>
  e.ln(e.add(a, e.multiply(e.sqrt(e.add(a, e.real(1))), e.sqrt(subtract(e, a, e.real(1))))))
const artanh = <T>(e: Evaluator<T>, a: Value<T>): Value<T> =>
  e.divide(subtract(e, e.ln(e.add(e.real(1), a)), e.ln(subtract(e, e.real(1), a))), e.real(2))

const logarithm = <T>(e: Evaluator<T>, a: Value<T>, base: number): Value<T> => e.divide(e.ln(a), e.ln(e.real(base)))

/** A whole number near a real value, where rounding hides it. */
function floor<T>(e: Evaluator<T>, a: Value<T>): Value<T> {
  const { field } = e
  if (!field.isReal(a.z) || a.noise > -4) throw new NoValue('floor of no real number')
  const { reals } = field
  const nearest = reals.floor(reals.add(a.z.re, reals.fromNumber(0.5)))
  const offset = reals.add(a.z.re, reals.negate(nearest))
  const isWhole = reals.magnitude(offset) <= a.noise + 2
  return e.exact(field.real(isWhole ? nearest : reals.floor(a.z.re)))
}

function root<T>(e: Evaluator<T>, a: Value<T>, degree: Value<T>): Value<T> {
  const { field } = e
  const n = field.isReal(degree.z) ? field.reals.toNumber(degree.z.re) : Number.NaN
  // The cube root of -8 is -2, as answers mean it.
  if (field.isReal(a.z) && field.reals.sign(a.z.re) < 0 && Number.isInteger(n) && Math.abs(n % 2) === 1) {
    return e.negate(e.power(e.negate(a), reciprocal(e, degree)))
  }
  return e.power(a, reciprocal(e, degree))
}

function absolute<T>(e: Evaluator<T>, a: Value<T>): Value<T> {
  return { z: e.field.real(e.field.length(a.z)), noise: a.noise }
}

function factorial<T>(e: Evaluator<T>, a: Value<T>): Value<T> {
  const n = e.field.isReal(a.z) ? e.field.reals.toNumber(a.z.re) : Number.NaN
  if (!Number.isInteger(n) || n < 0 || n > 400) throw new NoValue('factorial of no small whole number')
  let product = e.real(1)
  for (let k = 2; k <= n; k++) product = e.multiply(product, e.real(k))
  return product
}

function compareReal<T>(e: Evaluator<T>, a: Value<T>, b: Value<T>): number {
  const difference = subtract(e, a, b)
  if (!e.field.isReal(difference.z)) throw new NoValue('order of complex numbers')
  return e.isZero(difference) ? 0 : e.field.reals.sign(difference.z.re)
}

const FUNCTIONS: Readonly<Record<string, Apply>> = {
  Add: (e, args) => args.reduce((sum, each) => e.add(sum, each)),
  Multiply: (e, args) => args.reduce((product, each) => e.multiply(product, each)),
  Negate: one((e, a) => e.negate(a)),
  Divide: two((e, a, b) => e.divide(a, b)),
  Power: two((e, a, b) => e.power(a, b)),
  Sqrt: one((e, a) => e.sqrt(a)),
  Root: two(root),
  Exp: one((e, a) => e.exp(a)),
  Ln: (e, [a, base]) => {
    if (!a) throw new NoValue('one argument expected')
    return base ? e.divide(e.ln(a), e.ln(base)) : e.ln(a)
  },
  Log: (e, [a, base]) => {
    if (!a) throw new NoValue('one argument expected')
    return base ? e.divide(e.ln(a), e.ln(base)) : logarithm(e, a, 10)
  },
  Lb: one((e, a) => logarithm(e, a, 2)),
  Lg: one((e, a) => logarithm(e, a, 10)),
  Sin: one(sin),
  Cos: one(cos),
  Tan: one((e, a) => e.divide(sin(e, a), cos(e, a))),
  Cot: one((e, a) => e.divide(cos(e, a), sin(e, a))),
  Sec: one((e, a) => reciprocal(e, cos(e, a))),
  Csc: one((e, a) => reciprocal(e, sin(e, a))),
  Sinh: one(sinh),
  Cosh: one(cosh),
  Tanh: one((e, a) => e.divide(sinh(e, a), cosh(e, a))),
  Coth: one((e, a) => e.divide(cosh(e, a), sinh(e, a))),
  Sech: one((e, a) => reciprocal(e, cosh(e, a))),
  Csch: one((e, a) => reciprocal(e, sinh(e, a))),
  Arcsin: one(arcsin),
  Arccos: one(arccos),
  Arctan: one(arctan),
  Arccot: one((e, a) => arctan(e, reciprocal(e, a))),
  Arcsec: one((e, a) => arccos(e, reciprocal(e, a))),
  Arccsc: one((e, a) => arcsin(e, reciprocal(e, a))),
  Arsinh: one(arsinh),
  Arcosh: one(arcosh),
  Artanh: one(artanh),
  Arcoth: one((e, a) => artanh(e, reciprocal(e, a))),
  Arsech: one((e, a) => arcosh(e, reciprocal(e, a))),
  Arcsch: one((e, a) => arsinh(e, reciprocal(e, a))),
  Abs: one(absolute),
  Floor: one(floor),
  Ceil: one((e, a) => e.negate(floor(e, e.negate(a)))),
  Mod: two((e, a, b) => subtract(e, a, e.multiply(b, floor(e, e.divide(a, b))))),
  Min: (e, args) => args.reduce((least, each) => (compareReal(e, each, least) < 0 ? each : least)),
  Max: (e, args) => args.reduce((most, each) => (compareReal(e, each, most) > 0 ? each : most)),
  Factorial: one(factorial),
  Binomial: two((e, n, k) => e.divide(factorial(e, n), e.multiply(factorial(e, k), factorial(e, subtract(e, n, k))))),
  Degrees: one((e, a) => e.multiply(a, e.divide(e.evaluate({ kind: 'symbol', name: 'Pi' }, new Map()), e.real(180)))),
}

/** @throws NoValue for a function that is not known here, or has no value there */
export function evaluateFunction<T>(e: Evaluator<T>, name: string, args: readonly Value<T>[]): Value<T> {
  const apply = Object.hasOwn(FUNCTIONS, name) ? FUNCTIONS[name] : undefined
  if (!apply || args.length === 0) throw new NoValue(`${name} is not known`)
  return apply(e, args)
}

/** Functions that are no smooth functions of a complex number: their symbols are taken as real. */
export const REAL_ONLY: ReadonlySet<string> = new Set(['Abs', 'Floor', 'Ceil', 'Mod', 'Min', 'Max', 'Conjugate'])
/** Functions of whole numbers: their symbols are taken as whole. */
export const WHOLE_ONLY: ReadonlySet<string> = new Set(['Factorial', 'Factorial2', 'Binomial'])

export function isKnownFunction(name: string): boolean {
  return Object.hasOwn(FUNCTIONS, name) || name === 'Sum' || name === 'Product'
}
