/** gcd and lcm of letters as those of polynomials: gcd(2x, xy) is x, and gcd(x, y) is 1. */

import { callOf, type Expression, numberOf, symbolOf } from '../tree.ts'
import { exactCall } from './exact-calls.ts'
import { normalForm, rationalOf } from './normal-form.ts'
import type { Polynomial } from './polynomial.ts'
import type { Rational } from './rational.ts'
import type { Steps } from './steps.ts'

/** The expression with such calls worked out where all arguments are single terms; undefined where there is none. */
export function withPolynomialDivisors(expression: Expression, steps: Steps): Expression | undefined {
  if (expression.kind !== 'call') return undefined
  const args = expression.args.map((arg) => withPolynomialDivisors(arg, steps) ?? arg)
  const divisor =
    expression.name === 'GCD' || expression.name === 'LCM' ? divisorOf(expression.name, args, steps) : undefined
  if (divisor) return divisor
  return args.some((arg, at) => arg !== expression.args[at]) ? { ...expression, args } : undefined
}

function divisorOf(name: string, args: readonly Expression[], steps: Steps): Expression | undefined {
  const terms: { readonly coefficient: Rational; readonly exponents: ReadonlyMap<string, number> }[] = []
  for (const arg of args) {
    const form = normalForm(arg, steps)
    const below = form && rationalOf({ ...form, top: form.bottom, bottom: form.bottom })
    const term = form && below ? onlyTerm(form.top) : undefined
    if (!form || !term || form.bottom.size !== 1 || !form.bottom.has('')) return undefined
    terms.push({ coefficient: term.coefficient, exponents: new Map(term.monomial) })
  }
  if (terms.length < 2 || terms.every((term) => term.exponents.size === 0)) return undefined
  const coefficient = exactCall(
    name,
    terms.map((term) => term.coefficient),
  )
  if (!coefficient) return undefined
  const atoms = new Set(terms.flatMap((term) => [...term.exponents.keys()]))
  const factors = [...atoms].map((atom) => {
    const exponents = terms.map((term) => term.exponents.get(atom) ?? 0)
    const exponent = name === 'GCD' ? Math.min(...exponents) : Math.max(...exponents)
    return callOf('Power', symbolOf(atom), numberOf({ numerator: BigInt(exponent), denominator: 1n }))
  })
  return callOf('Multiply', numberOf(coefficient), ...factors)
}

function onlyTerm(polynomial: Polynomial): ReturnType<Polynomial['get']> {
  const [term] = polynomial.values()
  return polynomial.size === 1 ? term : undefined
}
