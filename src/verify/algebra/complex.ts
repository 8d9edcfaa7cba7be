/** Complex functions on any precision of real numbers: principal values throughout. */

import type { Reals } from './reals.ts'

export interface Complex<T> {
  readonly re: T
  readonly im: T
}

export interface ComplexField<T> {
  readonly reals: Reals<T>
  readonly i: Complex<T>
  real(value: T): Complex<T>
  number(value: number): Complex<T>
  add(a: Complex<T>, b: Complex<T>): Complex<T>
  negate(a: Complex<T>): Complex<T>
  multiply(a: Complex<T>, b: Complex<T>): Complex<T>
  divide(a: Complex<T>, b: Complex<T>): Complex<T>
  exp(a: Complex<T>): Complex<T>
  ln(a: Complex<T>): Complex<T>
  sqrt(a: Complex<T>): Complex<T>
  /** |a| as a real number. */
  length(a: Complex<T>): T
  /** By repeated products for small whole exponents, else exp(b ln a). */
  power(a: Complex<T>, b: Complex<T>): Complex<T>
  isReal(a: Complex<T>): boolean
  isZero(a: Complex<T>): boolean
}

export function createComplexField<T>(reals: Reals<T>): ComplexField<T> {
  const { add, multiply, negate, divide } = reals
  const zero = reals.zero
  const one: Complex<T> = { re: reals.one, im: zero }
  const field: ComplexField<T> = {
    reals,
    i: { re: zero, im: reals.one },
    real: (re) => ({ re, im: zero }),
    number: (value) => ({ re: reals.fromNumber(value), im: zero }),
    add: (a, b) => ({ re: add(a.re, b.re), im: add(a.im, b.im) }),
    negate: (a) => ({ re: negate(a.re), im: negate(a.im) }),
    multiply(a, b) {
      if (isZero(a.im) && isZero(b.im)) return { re: multiply(a.re, b.re), im: zero }
      return {
        re: add(multiply(a.re, b.re), negate(multiply(a.im, b.im))),
        im: add(multiply(a.re, b.im), multiply(a.im, b.re)),
      }
    },
    divide(a, b) {
      if (isZero(b.im)) return { re: divide(a.re, b.re), im: isZero(a.im) ? zero : divide(a.im, b.re) }
      const square = add(multiply(b.re, b.re), multiply(b.im, b.im))
      const top = field.multiply(a, { re: b.re, im: negate(b.im) })
      return { re: divide(top.re, square), im: divide(top.im, square) }
    },
    exp(a) {
      const size = reals.exp(a.re)
      if (isZero(a.im)) return { re: size, im: zero }
      return { re: multiply(size, reals.cos(a.im)), im: multiply(size, reals.sin(a.im)) }
    },
    ln(a) {
      if (isZero(a.im) && reals.sign(a.re) > 0) return { re: reals.ln(a.re), im: zero }
      return { re: reals.ln(field.length(a)), im: reals.atan2(a.im, a.re) }
    },
    sqrt(a) {
      if (!isZero(a.im)) return field.exp(field.multiply(field.number(0.5), field.ln(a)))
      if (reals.sign(a.re) >= 0) return { re: reals.sqrt(a.re), im: zero }
      return { re: zero, im: reals.sqrt(negate(a.re)) }
    },
    length(a) {
      if (isZero(a.im)) return reals.sign(a.re) < 0 ? negate(a.re) : a.re
      return reals.sqrt(add(multiply(a.re, a.re), multiply(a.im, a.im)))
    },
    power(a, b) {
      const whole = isZero(b.im) ? reals.toNumber(b.re) : Number.NaN
      if (Number.isInteger(whole) && Math.abs(whole) <= 4096) {
        const value = wholePower(a, Math.abs(whole))
        return whole < 0 ? field.divide(one, value) : value
      }
      if (whole === 0.5) return field.sqrt(a)
      if (field.isZero(a)) return reals.sign(b.re) > 0 ? a : { re: reals.fromNumber(Number.NaN), im: zero }
      return field.exp(field.multiply(b, field.ln(a)))
    },
    isReal: (a) => isZero(a.im),
    isZero: (a) => isZero(a.re) && isZero(a.im),
  }

  function isZero(a: T): boolean {
    return reals.sign(a) === 0
  }

  function wholePower(base: Complex<T>, exponent: number): Complex<T> {
    let result = one
    let square = base
    for (let n = exponent; n > 0; n = Math.floor(n / 2)) {
      if (n % 2 === 1) result = field.multiply(result, square)
      if (n > 1) square = field.multiply(square, square)
    }
    return result
  }
  return field
}
