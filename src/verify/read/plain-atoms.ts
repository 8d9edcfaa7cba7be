/** The atoms of plain LaTeX: numbers, letters, brackets, fractions, roots, functions with their arguments. */

import { commandAt, type MathJson, matchHere, peek, type Reader, takes } from './plain-reader.ts'

const FUNCTIONS: Readonly<Record<string, string>> = {
  sin: 'Sin',
  cos: 'Cos',
  tan: 'Tan',
  cot: 'Cot',
  sec: 'Sec',
  csc: 'Csc',
  arcsin: 'Arcsin',
  arccos: 'Arccos',
  arctan: 'Arctan',
  sinh: 'Sinh',
  cosh: 'Cosh',
  tanh: 'Tanh',
  ln: 'Ln',
  exp: 'Exp',
  log: 'Log',
  lg: 'Lg',
}
const SYMBOLS: Readonly<Record<string, string>> = {
  pi: 'Pi',
  infty: 'PositiveInfinity',
  alpha: 'alpha',
  beta: 'beta',
  delta: 'delta',
  theta: 'theta',
  lambda: 'lambda',
  mu: 'mu',
  omega: 'omega',
  epsilon: 'epsilon',
  phi: 'phi',
  psi: 'psi',
  rho: 'rho',
  sigma: 'sigma',
  tau: 'tau',
  eta: 'eta',
  kappa: 'kappa',
  nu: 'nu',
  xi: 'xi',
  chi: 'chi',
  Delta: 'Delta',
  Omega: 'Omega',
}
const LISTED: Readonly<Record<string, string>> = { max: 'Max', min: 'Min', gcd: 'GCD', lcm: 'LCM' }
const ROUNDED: Readonly<Record<string, string>> = { lfloor: 'Floor', lceil: 'Ceil' }
const NAMED = /\{(floor|ceil)\}(?=\()/y

/** What a power may stand on. */
export function readAtom(reader: Reader): MathJson | undefined {
  const character = peek(reader)
  if (character === '(') return readEnclosed(reader, ')', (inner) => ['Delimiter', inner])
  if (character === '{') return readBraced(reader)
  if (character === '\\') return readCommand(reader)
  if (character === '|') return readBars(reader)
  return /[\d.]/.test(character) ? readNumber(reader) : readLetter(reader)
}

/** A sum or a product in braces becomes part of the one around it. */
function readBraced(reader: Reader): MathJson | undefined {
  const inner = readEnclosed(reader, '}', (each) => each)
  return Array.isArray(inner) && /^(?:Add|Multiply|InvisibleOperator)$/.test(String(inner[0])) ? undefined : inner
}

function readBars(reader: Reader): MathJson | undefined {
  reader.isInBars = true
  const abs = readEnclosed(reader, '|', (inner) => ['Abs', inner])
  reader.isInBars = false
  return abs
}

function readEnclosed(reader: Reader, close: string, wrap: (inner: MathJson) => MathJson): MathJson | undefined {
  reader.at++
  const inner = reader.readSum(reader)
  return inner !== undefined && takes(reader, close) ? wrap(inner) : undefined
}

const NUMBER = /\d+(?:\.\d+)?/y
const MORE_DIGITS = /\s*[\d.]|\s*[eE]\s*[-+\d]/y
const TIMES_TEN = /\s*\\(?:times\s*10\s*\^\s*\d|(?:times|cdot)\s*10\s*\^\s*\{\s*-?\d{1,3}\s*\})/y
const REPEATING = /\s*\(/y
// Whole numbers that a double holds exactly.
const MOST_DIGITS = 15

function readNumber(reader: Reader): MathJson | undefined {
  const digits = matchHere(NUMBER, reader)
  if (digits === undefined || /^0\d/.test(digits)) return undefined
  reader.at += digits.length
  if (matchHere(MORE_DIGITS, reader) !== undefined) return undefined
  const scale = matchHere(TIMES_TEN, reader)
  if (scale !== undefined) {
    reader.at += scale.length
    return { num: `${digits}e${scale.slice(scale.indexOf('^')).replace(/[^-\d]/g, '')}` }
  }
  if (digits.includes('.') && matchHere(REPEATING, reader) !== undefined) return undefined
  if (digits.includes('.')) return digits.length > 4 * MOST_DIGITS ? undefined : { num: digits }
  return digits.length > MOST_DIGITS ? undefined : Number(digits)
}

const SUBSCRIPT = /_(?:[A-Za-z\d]|\{(?:\d+|[A-Za-z]|[ijkmn]{2})\})/y
// The index of a term next to another: a_{n+2}.
const INDEX = /_\{([ijkmn])\s*([-+])\s*(\d{1,3})\}/y

function readLetter(reader: Reader): MathJson | undefined {
  const letter = peek(reader)
  if (!/[A-Za-z]/.test(letter)) return undefined
  reader.at++
  const index = withIndex(reader, letter)
  if (index !== undefined) return index
  const name = withSubscript(reader, letter)
  // Some capitals are functions to the library.
  return /[A-Z]/.test(letter) && peek(reader) === '(' ? undefined : name
}

function withIndex(reader: Reader, name: string): MathJson | undefined {
  const below = matchHere(INDEX, reader)
  if (below === undefined) return undefined
  INDEX.lastIndex = 0
  const [, letter = '', sign, number] = INDEX.exec(below) ?? []
  reader.at += below.length
  return ['Subscript', name, [sign === '+' ? 'Add' : 'Subtract', letter, Number(number)]]
}

function withSubscript(reader: Reader, name: string): string {
  const below = matchHere(SUBSCRIPT, reader)
  if (below === undefined) return name
  reader.at += below.length
  return `${name}_${below.replace(/[_{}]/g, '')}`
}

/** One digit, one letter, one symbol, or what stands in braces: behind `^`, `\frac`, `\sqrt`. */
export function readArgument(reader: Reader): MathJson | undefined {
  const character = peek(reader)
  if (character === '{') return readEnclosed(reader, '}', (inner) => inner)
  if (/[A-Za-z\d]/.test(character)) {
    reader.at++
    return /\d/.test(character) ? Number(character) : character
  }
  const name = commandAt(reader)
  const symbol = SYMBOLS[name]
  if (symbol !== undefined) reader.at += 1 + name.length
  return symbol
}

function readCommand(reader: Reader): MathJson | undefined {
  const name = commandAt(reader)
  reader.at += 1 + name.length
  const symbol = SYMBOLS[name]
  if (symbol !== undefined) return symbol === 'Pi' ? symbol : withSubscript(reader, symbol)
  if (name === 'frac') {
    const top = readArgument(reader)
    const bottom = top === undefined ? undefined : readArgument(reader)
    return top === undefined || bottom === undefined ? undefined : ['Divide', top, bottom]
  }
  if (name === 'sqrt') return readRoot(reader)
  const called = FUNCTIONS[name]
  return called === undefined ? readBracketed(name, reader) : readCalled(called, reader)
}

/** `\binom{n}{k}`, `\max(a, b)`, `\lfloor x\rfloor`. */
function readBracketed(name: string, reader: Reader): MathJson | undefined {
  if (name === 'binom') {
    const above = readArgument(reader)
    const below = above === undefined ? undefined : readArgument(reader)
    return above === undefined || below === undefined ? undefined : ['Binomial', above, below]
  }
  const listed = LISTED[name]
  if (listed !== undefined) return peek(reader) === '(' ? readListed(listed, reader) : undefined
  const rounded = ROUNDED[name]
  if (rounded !== undefined) {
    const inner = reader.readSum(reader)
    const close = commandAt(reader)
    if (inner === undefined || close !== (name === 'lfloor' ? 'rfloor' : 'rceil')) return undefined
    reader.at += 1 + close.length
    return [rounded, inner]
  }
  const named = name === 'operatorname' ? matchHere(NAMED, reader) : undefined
  if (named === undefined) return undefined
  reader.at += named.length
  return readEnclosed(reader, ')', (inner) => [named === '{floor}' ? 'Floor' : 'Ceil', inner])
}

function readListed(name: string, reader: Reader): MathJson | undefined {
  const items: MathJson[] = []
  do {
    reader.at++
    const item = reader.readSum(reader)
    if (item === undefined) return undefined
    items.push(item)
  } while (peek(reader) === ',')
  return takes(reader, ')') ? [name, ...items] : undefined
}

function readRoot(reader: Reader): MathJson | undefined {
  const hasIndex = takes(reader, '[')
  const index = hasIndex ? reader.readSum(reader) : undefined
  if (hasIndex && (index === undefined || !takes(reader, ']'))) return undefined
  const radicand = readArgument(reader)
  if (radicand === undefined) return undefined
  return index === undefined ? ['Sqrt', radicand] : ['Root', radicand, index]
}

/** A function with its argument: what stands in brackets, or factors up to a sign. */
function readCalled(name: string, reader: Reader): MathJson | undefined {
  const base = name === 'Log' && takes(reader, '_') ? readArgument(reader) : name === 'Lg' ? 10 : undefined
  const power = takes(reader, '^') ? readArgument(reader) : undefined
  const argument = readFunctionArgument(reader)
  if (argument === undefined) return undefined
  const call: MathJson = base === undefined ? [name, argument] : base === 2 ? ['Lb', argument] : ['Log', argument, base]
  return power === undefined ? call : ['Power', call, power]
}

const SIMPLE = /[A-Za-z\d.\s]*(?:\\(?:pi|theta|alpha|beta|omega)(?![A-Za-z])|[A-Za-z\d])(?=\s*(?:[-+),}]|$))/y
const ENDS = /\s*(?:[-+),}]|$)/y
// The sine of an angle in degrees.
const ANGLE = /\d+(?:\.\d+)?\s*\^\{\\circ\}(?=\s*(?:[-+),}]|$))/y

/** Without parentheses only where nothing follows that might belong to it or not. */
function readFunctionArgument(reader: Reader): MathJson | undefined {
  const character = peek(reader)
  if (character === '(') return readEnclosed(reader, ')', (inner) => inner)
  if (character === '|') return reader.isInBars ? undefined : readBars(reader)
  const simple = matchHere(SIMPLE, reader)
  if (simple !== undefined) return readLetters(reader, reader.at + simple.length)
  if (matchHere(ANGLE, reader) !== undefined) {
    const angle = readAtom(reader)
    return angle === undefined ? undefined : readDegrees(reader, angle)
  }
  const isOne = character === '{' || /^(?:frac|sqrt)$/.test(commandAt(reader))
  const only = isOne ? readArgumentOrCommand(reader) : undefined
  if (only === undefined || matchHere(ENDS, reader) !== undefined) return only
  // \frac{7}{5}\pi, and nothing behind it.
  const rest = character === '\\' ? matchHere(SIMPLE, reader) : undefined
  const factors = rest === undefined ? undefined : readLetters(reader, reader.at + rest.length)
  if (factors === undefined) return undefined
  const isProduct = Array.isArray(factors) && factors[0] === 'InvisibleOperator'
  return ['InvisibleOperator', only, ...(isProduct ? factors.slice(1) : [factors])]
}

const DEGREES = '^{\\circ}'

/** `15^{\circ}`; undefined where something else stands behind the value. */
export function readDegrees(reader: Reader, value: MathJson): MathJson | undefined {
  if (peek(reader) !== '^' || !reader.text.startsWith(DEGREES, reader.at)) return undefined
  reader.at += DEGREES.length
  return ['Degrees', value]
}

/** Letters and numbers side by side, up to a place. */
function readLetters(reader: Reader, end: number): MathJson | undefined {
  const factors: MathJson[] = []
  while (peek(reader) !== '' && reader.at < end) {
    const factor = readAtom(reader)
    if (factor === undefined) return undefined
    factors.push(factor)
  }
  return factors.length > 1 ? ['InvisibleOperator', ...factors] : factors[0]
}

function readArgumentOrCommand(reader: Reader): MathJson | undefined {
  return peek(reader) === '{' ? readEnclosed(reader, '}', (inner) => inner) : readCommand(reader)
}
