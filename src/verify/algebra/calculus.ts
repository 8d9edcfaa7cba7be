/** Derivatives of elementary functions, and definite integrals of polynomials, sines, cosines and exponentials, worked out. */

import { callOf, type Expression, numberOf, substitute, symbolsOf } from '../tree.ts'
import { createRational, type Rational } from './rational.ts'
import type { Steps } from './steps.ts'

const ZERO = whole(0n)
const ONE = whole(1n)
// Any other letter may stand for a function of the variable: dy/dx is not 0.
const CONSTANT = /^[abckmnpqABCN](?:_\w+)?$/

/** The expression with its derivatives and integrals worked out, as far as they can be; the same one where there are none. */
export function workedOut(expression: Expression, steps: Steps): Expression {
  if (expression.kind !== 'call') return expression
  const args = expression.args.map((arg) => workedOut(arg, steps))
  const value = calculated(expression.name, args, steps)
  return value ?? (args.some((arg, at) => arg !== expression.args[at]) ? { ...expression, args } : expression)
}

/** What a call `D` or `Integrate` comes to; undefined for any other, and where it stays as it is written. */
function calculated(name: string, args: readonly Expression[], steps: Steps): Expression | undefined {
  if (name !== 'D' && name !== 'Integrate') return undefined
  const [body, variable, low, high] = args
  if (!body || variable?.kind !== 'symbol' || sizeOf(body) > MOST_NODES || !isIn(body, variable.name)) return undefined
  if (name === 'D' && args.length === 2) return derivative(body, variable.name, steps)
  if (name === 'D' || args.length !== 4 || !low || !high || isEndless(low) || isEndless(high)) return undefined
  const whole = antiderivative(body, variable.name, steps)
  const at = (bound: Expression): Expression => substitute(whole ?? ZERO, new Map([[variable.name, bound]]))
  return whole && callOf('Add', at(high), callOf('Negate', at(low)))
}

// A derivative of a derivative of a product may be as long as two to the number of them.
const MOST_NODES = 200

function sizeOf(expression: Expression): number {
  if (expression.kind !== 'call') return 1
  let size = 1
  for (const arg of expression.args) {
    if (size > MOST_NODES) break
    size += sizeOf(arg)
  }
  return size
}

function isIn(body: Expression, variable: string): boolean {
  const names = symbolsOf(body)
  return names.has(variable) && [...names].every((name) => name === variable || CONSTANT.test(name))
}

function isEndless(bound: Expression): boolean {
  return bound.kind === 'symbol' ? bound.name === 'Infinity' : bound.kind === 'call' && bound.args.some(isEndless)
}

/** Undefined where a function is met whose derivative is not known here. */
function derivative(expression: Expression, by: string, steps: Steps): Expression | undefined {
  steps.spend(10)
  if (!symbolsOf(expression).has(by)) return ZERO
  if (expression.kind !== 'call') return ONE
  const { name, args } = expression
  const [first, second] = args
  if (!first) return undefined
  if (name === 'Add') {
    const terms = args.map((arg) => derivative(arg, by, steps)).filter((term) => term !== undefined)
    return terms.length === args.length ? callOf('Add', ...terms) : undefined
  }
  const inner = derivative(first, by, steps)
  if (!inner) return undefined
  if (args.length === 1) {
    const outer = OUTER[name]?.(first)
    return outer && callOf('Multiply', outer, inner)
  }
  if (name === 'Multiply') {
    const rest = args.length > 2 ? callOf('Multiply', ...args.slice(1)) : second
    const other = rest && derivative(rest, by, steps)
    return rest && other && callOf('Add', callOf('Multiply', inner, rest), callOf('Multiply', first, other))
  }
  const other = second && derivative(second, by, steps)
  if (!second || !other || args.length !== 2) return undefined
  if (name === 'Divide') {
    const top = callOf('Add', callOf('Multiply', inner, second), callOf('Negate', callOf('Multiply', first, other)))
    return callOf('Divide', top, callOf('Power', second, whole(2n)))
  }
  if (name !== 'Power') return undefined
  if (!symbolsOf(second).has(by)) {
    const lower = callOf('Power', first, callOf('Add', second, whole(-1n)))
    return callOf('Multiply', second, lower, inner)
  }
  // u^v is e^(v ln u).
  const logarithm = callOf('Ln', first)
  const change = callOf(
    'Add',
    callOf('Multiply', other, logarithm),
    callOf('Divide', callOf('Multiply', second, inner), first),
  )
  return callOf('Multiply', expression, change)
}

/** The derivative of a function of one argument, at that argument. */
const OUTER: Readonly<Record<string, (u: Expression) => Expression>> = {
  Negate: () => whole(-1n),
  Sqrt: (u) => callOf('Divide', ONE, callOf('Multiply', whole(2n), callOf('Sqrt', u))),
  Exp: (u) => callOf('Exp', u),
  Ln: (u) => callOf('Divide', ONE, u),
  // Whatever its base is.
  Log: (u) => callOf('Divide', callOf('Log', u), callOf('Multiply', u, callOf('Ln', u))),
  Sin: (u) => callOf('Cos', u),
  Cos: (u) => callOf('Negate', callOf('Sin', u)),
  Tan: (u) => callOf('Divide', ONE, callOf('Power', callOf('Cos', u), whole(2n))),
  Arcsin: (u) => callOf('Divide', ONE, callOf('Sqrt', oneLessSquare(u))),
  Arctan: (u) => callOf('Divide', ONE, callOf('Add', ONE, callOf('Power', u, whole(2n)))),
  Sinh: (u) => callOf('Cosh', u),
  Cosh: (u) => callOf('Sinh', u),
}

function oneLessSquare(u: Expression): Expression {
  return callOf('Add', ONE, callOf('Negate', callOf('Power', u, whole(2n))))
}

/** Of sums of powers that are defined everywhere, of sin x, cos x, e^x, each with a constant factor. */
function antiderivative(expression: Expression, by: string, steps: Steps): Expression | undefined {
  steps.spend(10)
  const variable: Expression = { kind: 'symbol', name: by }
  if (!symbolsOf(expression).has(by)) return callOf('Multiply', expression, variable)
  if (expression.kind !== 'call') return callOf('Divide', callOf('Power', variable, whole(2n)), whole(2n))
  const { name, args } = expression
  const [first, second] = args
  if (name === 'Add') {
    const terms = args.map((arg) => antiderivative(arg, by, steps)).filter((term) => term !== undefined)
    return terms.length === args.length ? callOf('Add', ...terms) : undefined
  }
  if (name === 'Multiply') {
    const changing = args.filter((arg) => symbolsOf(arg).has(by))
    const [only] = changing
    const inner = changing.length === 1 && only ? antiderivative(only, by, steps) : undefined
    return inner && callOf('Multiply', ...args.filter((arg) => arg !== only), inner)
  }
  const isBare = first?.kind === 'symbol' && first.name === by
  if (name === 'Negate' && first) {
    const inner = antiderivative(first, by, steps)
    return inner && callOf('Negate', inner)
  }
  if (name === 'Divide' && first && second && !symbolsOf(second).has(by)) {
    const inner = antiderivative(first, by, steps)
    return inner && callOf('Divide', inner, second)
  }
  if (name === 'Power' && isBare && second?.kind === 'number' && isPositive(second.value)) {
    const next = createRational(second.value.numerator + second.value.denominator, second.value.denominator)
    return next && callOf('Divide', callOf('Power', variable, numberOf(next)), numberOf(next))
  }
  if (name === 'Power' && first?.kind === 'symbol' && first.name === 'E' && second?.kind === 'symbol') return expression
  if (name === 'Sin' && isBare) return callOf('Negate', callOf('Cos', variable))
  return name === 'Cos' && isBare ? callOf('Sin', variable) : undefined
}

function isPositive(value: Rational): boolean {
  return value.numerator > 0n
}

function whole(n: bigint): Expression {
  return numberOf({ numerator: n, denominator: 1n })
}
