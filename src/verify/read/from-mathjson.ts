/** MathJSON, as the parser gives it, to our expressions; undefined wherever it holds an error or something unknown. */

import { add, createRational, divide, type Rational } from '../algebra/rational.ts'
import type { Steps } from '../algebra/steps.ts'
import { callOf, type Expression, numberOf, substitute, symbolOf } from '../tree.ts'

const CONSTANT_NAMES: Readonly<Record<string, string>> = {
  Pi: 'Pi',
  pi: 'Pi',
  ExponentialE: 'E',
  e: 'E',
  ImaginaryUnit: 'I',
  i: 'I',
  PositiveInfinity: 'Infinity',
  ComplexInfinity: 'Infinity',
}

// Letters that name functions where a parenthesis follows: f(x) is a call, x(x+1) a product.
const FUNCTION_LETTERS = /^(?:(?:[fghFGHPTW]|phi|psi|Gamma|Phi|Psi)(?:_\w+)?|[pq]_[A-Z]\w*)$/
const INVERSES: Readonly<Record<string, string>> = {
  Sin: 'Arcsin',
  Cos: 'Arccos',
  Tan: 'Arctan',
  Cot: 'Arccot',
  Sec: 'Arcsec',
  Csc: 'Arccsc',
  Sinh: 'Arsinh',
  Cosh: 'Arcosh',
  Tanh: 'Artanh',
}
const MOST_DIGITS = 1_000
const MOST_EXPONENT = 1_000

/** Undefined where some part of it is an error or unknown; too deep is unknown too. */
export function fromMathJson(json: unknown, steps: Steps): Expression | undefined {
  steps.spend()
  if (typeof json === 'number') return numberFromText(String(json))
  if (typeof json === 'string') return symbolFrom(json)
  if (Array.isArray(json)) return fromCall(json, steps)
  if (typeof json === 'object' && json !== null) {
    if ('num' in json && typeof json.num === 'string') return numberFromText(json.num)
    if ('sym' in json && typeof json.sym === 'string') return symbolFrom(json.sym)
    if ('fn' in json && Array.isArray(json.fn)) return fromCall(json.fn, steps)
  }
  return undefined
}

function symbolFrom(name: string): Expression | undefined {
  if (name.startsWith("'") || name === 'ContinuationPlaceholder' || name === 'Nothing') return undefined
  if (name === 'NegativeInfinity') return callOf('Negate', symbolOf('Infinity'))
  return symbolOf(CONSTANT_NAMES[name] ?? name)
}

function numberFromText(text: string): Expression | undefined {
  if (text === '+Infinity') return symbolOf('Infinity')
  const match = /^(-?)(\d*)(?:\.(\d*)(?:\((\d+)\))?)?(?:e([+-]?\d+))?$/i.exec(text)
  if (!match) return undefined
  const [, sign, whole = '', part = '', repeating, exponentText = '0'] = match
  const exponent = Number(exponentText)
  if (whole.length + part.length > MOST_DIGITS || Math.abs(exponent) > MOST_EXPONENT) return undefined
  let value = createRational(BigInt(`${whole}${part}` || '0'), 10n ** BigInt(part.length))
  if (value && repeating !== undefined) {
    const tail = createRational(BigInt(repeating), (10n ** BigInt(repeating.length) - 1n) * 10n ** BigInt(part.length))
    value = tail && add(value, tail)
  }
  if (value && exponent !== 0) {
    const scale = 10n ** BigInt(Math.abs(exponent))
    value =
      exponent > 0
        ? createRational(value.numerator * scale, value.denominator)
        : createRational(value.numerator, value.denominator * scale)
  }
  if (!value) return undefined
  const signed = sign === '-' ? { ...value, numerator: -value.numerator } : value
  return numberOf(signed, part === '' || repeating !== undefined ? undefined : Math.max(0, part.length - exponent))
}

function fromCall(json: readonly unknown[], steps: Steps): Expression | undefined {
  const [head, ...operands] = json
  if (typeof head !== 'string') return undefined
  switch (head) {
    case 'Error':
    case 'Sequence':
    case 'HorizontalSpacing':
      return undefined
    case 'Delimiter':
      return operands.length === 1 || isPlainDelimiter(operands) ? fromMathJson(operands[0], steps) : undefined
    case 'InvisibleOperator':
      return fromProduct(operands, steps)
    case 'Apply':
      return fromApply(operands, steps)
    case 'D':
    case 'Sum':
    case 'Product':
    case 'Integrate':
    case 'Limit':
      return fromBinder(head, operands, steps)
    case 'Rational':
      return fromCall(['Divide', ...operands], steps)
    default: {
      const args = readAll(operands, steps)
      // `(\sin x)^{-1}` is a reciprocal; only `\sin^{-1} x` is the inverse function.
      const inverse = head === 'Power' && !isDelimiter(operands[0]) ? inverseCall(args) : undefined
      return inverse ?? (args && simplifyCall(head, args))
    }
  }
}

function isPlainDelimiter(operands: readonly unknown[]): boolean {
  const marks = operands[1]
  const text = typeof marks === 'object' && marks !== null && 'str' in marks ? marks.str : marks
  return text === '()' || text === "'()'" || text === '[]' || text === "'[]'"
}

function readAll(operands: readonly unknown[], steps: Steps): Expression[] | undefined {
  const args: Expression[] = []
  for (const operand of operands) {
    const arg = fromMathJson(operand, steps)
    if (!arg) return undefined
    args.push(arg)
  }
  return args
}

function isDelimiter(json: unknown): boolean {
  return Array.isArray(json) && json[0] === 'Delimiter'
}

/** `\sin^{-1} x`, which comes as a power of the call. */
function inverseCall([call, exponent]: readonly Expression[] = []): Expression | undefined {
  if (call?.kind !== 'call' || call.args.length !== 1 || !isMinusOne(exponent)) return undefined
  const name = INVERSES[call.name]
  return name === undefined ? undefined : { kind: 'call', name, args: call.args }
}

/** Renames what has two names, and reads `-5` as a number. */
function simplifyCall(name: string, args: readonly Expression[]): Expression | undefined {
  const [first, second] = args
  if (name === 'Negate' && first?.kind === 'number') {
    return numberOf({ ...first.value, numerator: -first.value.numerator }, first.decimals)
  }
  if (name === 'Subtract' && first && second) return callOf('Add', first, negated(second))
  // The segment AB by its length.
  if (name === 'Conjugate' && first?.kind === 'call' && first.name === 'Multiply' && first.args.every(isCapital))
    return first
  if (name === 'Norm' && args.length === 1) return { kind: 'call', name: 'Abs', args }
  if (name === 'Measurement' && first && second) return callOf('PlusMinus', first, second)
  if (name === 'Subscript' && first?.kind === 'symbol' && second && second.kind !== 'call') {
    return symbolOf(`${first.name}_${second.kind === 'symbol' ? second.name : second.value.numerator}`)
  }
  const zeta = name === 'Zeta' && args.length === 1 ? zetaAt(first) : undefined
  if (zeta) return zeta
  if (/^[A-Za-z]$|^[a-z]\w*$/.test(name)) return { kind: 'call', name: `function:${name}`, args }
  if (name === 'Tuple' || name === 'List' || name === 'Set' || name === 'Pair') return undefined
  return { kind: 'call', name, args }
}

function isCapital(expression: Expression): boolean {
  return expression.kind === 'symbol' && /^[A-HJ-Z]$/.test(expression.name)
}

const ZETA: Readonly<Record<string, bigint>> = { 2: 6n, 4: 90n, 6: 945n, 8: 9_450n }

/** The zeta function at small even numbers: `π^2/6` at 2. */
function zetaAt(argument: Expression | undefined): Expression | undefined {
  if (argument?.kind !== 'number' || argument.value.denominator !== 1n) return undefined
  const divisor = ZETA[String(argument.value.numerator)]
  const power = callOf('Power', symbolOf('Pi'), argument)
  return divisor === undefined ? undefined : callOf('Divide', power, numberOf({ numerator: divisor, denominator: 1n }))
}

function negated(expression: Expression): Expression {
  return simplifyCall('Negate', [expression]) ?? expression
}

function isMinusOne(expression: Expression | undefined): boolean {
  return expression?.kind === 'number' && expression.value.numerator === -1n && expression.value.denominator === 1n
}

/** What stands side by side: a product, a mixed number, or a function with its argument. */
function fromProduct(operands: readonly unknown[], steps: Steps): Expression | undefined {
  const factors: Expression[] = []
  for (let at = 0; at < operands.length; at++) {
    const call = callAt(operands, at, steps)
    if (call === 'unreadable') return undefined
    if (call) {
      factors.push(call)
      at++
      continue
    }
    const factor = fromMathJson(operands[at], steps)
    if (!factor) return undefined
    const previous = factors.at(-1)
    const mixed = previous && factors.length === 1 ? mixedNumber(previous, factor, operands[at]) : undefined
    if (mixed) factors[factors.length - 1] = mixed
    else factors.push(factor)
  }
  const [only] = factors
  return factors.length === 1 ? only : { kind: 'call', name: 'Multiply', args: factors }
}

// The parser gives Greek letters by their names.
const GREEK =
  /^(?:alpha|beta|gamma|delta|epsilon|zeta|eta|theta|iota|kappa|lambda|mu|nu|xi|omicron|pi|rho|sigma|tau|upsilon|phi|chi|psi|omega|Alpha|Beta|Delta|Theta|Lambda|Xi|Pi|Sigma|Omega|ell|hbar)$/

/** `\operatorname{sgn}`, `\operatorname{erf}`: a name of several letters before a parenthesis is not a factor. */
function isFunctionName(name: string): boolean {
  return /^[A-Za-z][a-z]{1,}$/.test(name) && !GREEK.test(name) && !(name in CONSTANT_NAMES) && !name.endsWith('Unit')
}

/** `f(x)` and `f(x, y)`; an argument of several parts after any other symbol cannot be a product. */
function callAt(operands: readonly unknown[], at: number, steps: Steps): Expression | 'unreadable' | undefined {
  const name = operands[at]
  const next = operands[at + 1]
  if (typeof name !== 'string' || !Array.isArray(next) || next[0] !== 'Delimiter') return undefined
  const inner: unknown = next[1]
  const isSequence = Array.isArray(inner) && inner[0] === 'Sequence'
  if (!FUNCTION_LETTERS.test(name) && !isSequence && !isFunctionName(name)) return undefined
  const args = readAll(isSequence ? inner.slice(1) : [inner], steps)
  return args ? { kind: 'call', name: `function:${name}`, args } : 'unreadable'
}

/** `7\frac{9}{65}` is 7 + 9/65: a whole number before a proper fraction of whole numbers. */
function mixedNumber(whole: Expression, part: Expression, json: unknown): Expression | undefined {
  if (whole.kind !== 'number' || whole.decimals !== undefined || whole.value.denominator !== 1n) return undefined
  if (!Array.isArray(json) || json[0] !== 'Divide' || whole.value.numerator <= 0n) return undefined
  if (part.kind !== 'call' || part.name !== 'Divide') return undefined
  const [top, bottom] = part.args
  if (top?.kind !== 'number' || bottom?.kind !== 'number') return undefined
  const value: Rational | undefined = divide(top.value, bottom.value)
  if (!value || top.value.denominator !== 1n || bottom.value.denominator !== 1n) return undefined
  if (value.numerator <= 0n || value.numerator >= value.denominator) return undefined
  return numberOf(add(whole.value, value))
}

/** `\sin^{-1}\left(x\right)` and `f'(x)` come as an operator applied to its argument. */
function fromApply(operands: readonly unknown[], steps: Steps): Expression | undefined {
  const [operator, ...rest] = operands
  const args = readAll(rest, steps)
  if (!args || !Array.isArray(operator)) return undefined
  const [kind, name, count] = operator
  if (typeof name !== 'string') return undefined
  if (kind === 'InverseFunction') return { kind: 'call', name: INVERSES[name] ?? `inverse:${name}`, args }
  if (kind === 'Derivative') return { kind: 'call', name: `derivative:${name}:${String(count ?? 1)}`, args }
  return undefined
}

/**
 * Sums, products, integrals, limits: the body, then for each index its name and bounds, flattened. An index that has
 * bounds is bound: it gets a name of its own, so that its letter does not matter.
 */
function fromBinder(name: string, operands: readonly unknown[], steps: Steps): Expression | undefined {
  const args: Expression[] = []
  const bound = new Map<string, Expression>()
  for (const operand of operands) {
    const isTuple =
      Array.isArray(operand) && (operand[0] === 'Tuple' || operand[0] === 'Function' || operand[0] === 'Limits')
    const parts: readonly unknown[] = isTuple ? operand.slice(1) : [operand]
    for (const [at, part] of parts.entries()) {
      const isIndex = isTuple && typeof part === 'string' && at === (operand[0] === 'Function' ? 1 : 0)
      const arg = isIndex ? symbolOf(part) : part === 'Nothing' ? NOTHING : fromMathJson(part, steps)
      if (!arg) return undefined
      if (isIndex && parts.length > 1) bound.set(CONSTANT_NAMES[part] ?? part, symbolOf(`#${bound.size}`))
      args.push(isIndex ? symbolOf(CONSTANT_NAMES[part] ?? part) : arg)
    }
  }
  const call: Expression = { kind: 'call', name, args }
  return bound.size === 0 ? call : substitute(call, bound)
}

const NOTHING = numberOf({ numerator: 0n, denominator: 1n })
