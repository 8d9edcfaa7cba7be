/** Equations written in a text: `3*4=12`. Read for fingerprints and for a cheap look at the reasoning; nothing is evaluated as code. */

// Two expressions, each walking on from where it stopped: as one, a long sum without an end costs quadratic time.
const EXPRESSION = /[-+]?[\d.]+(\s*[-+*/x×÷]\s*\$?[\d.]+)*/g
const RESULT = /\s*=\s*\$?[-+]?[\d.]*\d/y

// What stands on the same line just before or behind an equation that is only a part of one: `9 hours * 2/3 = 6`, `1 - 3/5 = 2/5`, `2,5 * 8 = 20`.
const JOINED_BEFORE = /(?:\p{L}|\p{N},|(?:[\p{N})\]}%^*/×÷+–−-]|\bof|\b[xX])[^\S\n]*)\$?$/u
const JOINED_SIGN = /[\p{L}\p{N})\]}%][^\S\n]*$/u
const JOINED_BEHIND = /^[^\S\n]*(?:\p{N}|[%^!°]|\p{L}*[^\S\n]*[-+*/x×÷–−][^\S\n]*\$?[\d(.])/u
/** Characters around an equation that are looked at. */
const MARGIN = 24

/** The equations of a text in order, without spaces, separators and units. */
export function equationsOf(text: string): string[] {
  return Array.from(findEquations(text), ({ equation }) => equation)
}

/** Whether a text states an equation that is false; one that may be a part of a longer one counts as true. */
export function hasFalseEquation(text: string): boolean {
  for (const { equation, isWhole } of findEquations(text)) {
    if (isWhole && isEquationTrue(equation) === false) return true
  }
  return false
}

function* findEquations(text: string): Generator<{ readonly equation: string; readonly isWhole: boolean }> {
  const plain = text.replace(/(\d),(?=\d{3})/g, '$1')
  for (const { 0: expression, 1: operation, index } of plain.matchAll(EXPRESSION)) {
    if (operation === undefined) continue
    RESULT.lastIndex = index + expression.length
    const result = RESULT.exec(plain)
    if (!result) continue
    const before = plain.slice(Math.max(0, index - MARGIN), index)
    const behind = plain.slice(RESULT.lastIndex, RESULT.lastIndex + MARGIN)
    const continues = /^[-+]/.test(expression) ? JOINED_SIGN : JOINED_BEFORE
    const isWhole = !continues.test(before) && !JOINED_BEHIND.test(behind)
    yield { equation: normalize(expression + result[0]), isWhole }
  }
}

function normalize(equation: string): string {
  return equation.replace(/[\s$]/g, '').replace(/[x×]/g, '*').replace(/÷/g, '/')
}

/** Relative error that floating point may bring into a chain of a few operations. */
const ROUNDING = 1e-9

/**
 * Whether an equation as `equationsOf` gives it is true. A result with decimals may be rounded to them (10/3=3.33); a whole one
 * must be exact. undefined where it cannot be read (3.5.2) or a divisor is 0.
 */
export function isEquationTrue(equation: string): boolean | undefined {
  const [left = '', right = ''] = equation.split('=')
  const value = resultOf(left)
  const stated = Number(right)
  if (!Number.isFinite(value) || !Number.isFinite(stated)) return undefined
  const decimals = right.includes('.') ? right.length - right.indexOf('.') - 1 : 0
  const allowed = (decimals === 0 ? 0 : 0.5 * 10 ** -decimals) + ROUNDING * Math.max(1, Math.abs(value))
  return Math.abs(value - stated) <= allowed
}

/** Sums of products, from left to right; NaN where a number is none. */
function resultOf(expression: string): number {
  let sum = 0
  let product = Number.NaN
  for (const [, operation = '+', digits = ''] of expression.matchAll(/([-+*/])?([\d.]+)/g)) {
    const number = Number(digits)
    if (operation === '*') product *= number
    else if (operation === '/') product /= number
    else {
      if (!Number.isNaN(product)) sum += product
      product = operation === '-' ? -number : number
    }
    if (Number.isNaN(product)) return Number.NaN
  }
  return sum + product
}
