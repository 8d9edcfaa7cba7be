/** What evaluation works with: values that know their error, and the operations that keep track of it. */

import type { Expression } from '../tree.ts'
import type { Complex, ComplexField } from './complex.ts'

/** A value with the base-2 logarithm of its absolute error; -Infinity where it is exact. */
export interface Value<T> {
  readonly z: Complex<T>
  readonly noise: number
}

/** Thrown where an expression has no value at a point: a pole, an overflow, lost digits, an unknown function. */
export class NoValue {
  readonly reason: string

  /** No error with a stack: points without a value are everyday, and the stack was the costly part of them. */
  constructor(reason: string) {
    this.reason = reason
  }
}

export interface Evaluator<T> {
  readonly field: ComplexField<T>
  /** Base-2 logarithm of the size of a value; -Infinity for 0. */
  magnitude(z: Complex<T>): number
  exact(z: Complex<T>): Value<T>
  real(value: number): Value<T>
  add(a: Value<T>, b: Value<T>): Value<T>
  negate(a: Value<T>): Value<T>
  multiply(a: Value<T>, b: Value<T>): Value<T>
  divide(a: Value<T>, b: Value<T>): Value<T>
  power(a: Value<T>, b: Value<T>): Value<T>
  exp(a: Value<T>): Value<T>
  ln(a: Value<T>): Value<T>
  sqrt(a: Value<T>): Value<T>
  isZero(a: Value<T>): boolean
  evaluate(expression: Expression, point: ReadonlyMap<string, Complex<T>>): Value<T>
}
