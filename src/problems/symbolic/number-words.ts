/** PURE: numbers as English writes them, both ways: forty-two, twice, three quarters, one-fifth, 1,000, 20%, $5, 1/2. */

import { add, divide, type Exact, fromDecimal, isNumeric, multiply, type Numeric, negate, ratio } from './exact.ts'

const ONES = [
  'zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen',
  'eighteen nineteen',
]
  .join(' ')
  .split(' ')
const TENS = ['', '', 'twenty', 'thirty', 'forty', 'fifty', 'sixty', 'seventy', 'eighty', 'ninety']
const SCALES: readonly (readonly [string, number])[] = [
  ['billion', 1e9],
  ['million', 1e6],
  ['thousand', 1000],
  ['hundred', 100],
]
const PARTS: ReadonlyMap<string, number> = new Map(
  Object.entries({
    half: 2,
    halve: 2,
    third: 3,
    quarter: 4,
    fourth: 4,
    fifth: 5,
    sixth: 6,
    seventh: 7,
    eighth: 8,
    ninth: 9,
    tenth: 10,
    eleventh: 11,
    twelfth: 12,
    fifteenth: 15,
    twentieth: 20,
    hundredth: 100,
  }),
)
const MULTIPLES: ReadonlyMap<string, number> = new Map(
  Object.entries({
    a: 1,
    an: 1,
    once: 1,
    single: 1,
    twice: 2,
    double: 2,
    doubled: 2,
    pair: 2,
    couple: 2,
    thrice: 3,
    triple: 3,
    tripled: 3,
    treble: 3,
    quadruple: 4,
    quintuple: 5,
    dozen: 12,
    score: 20,
    none: 0,
    no: 0,
  }),
)

/** 42 as `forty-two`, for whole numbers below a trillion; undefined for others. */
export function wordsOf(value: Numeric): string | undefined {
  if (typeof value !== 'number' || Math.abs(value) >= 1e12) return undefined
  return value < 0 ? `minus ${wordsOf(-value)}` : positiveWords(value)
}

function positiveWords(value: number): string {
  if (value < 20) return ONES[value] ?? ''
  if (value < 100) return `${TENS[Math.floor(value / 10)]}${value % 10 === 0 ? '' : `-${ONES[value % 10]}`}`
  const [name, size] = SCALES.find(([, unit]) => value >= unit) ?? ['hundred', 100]
  const rest = value % size
  return `${positiveWords(Math.floor(value / size))} ${name}${rest === 0 ? '' : ` ${positiveWords(rest)}`}`
}

/** 1st, 2nd, 3rd, 11th. */
export function ordinalOf(value: number): string {
  const isTeen = Math.floor(Math.abs(value) / 10) % 10 === 1
  const ending = isTeen ? 'th' : (['th', 'st', 'nd', 'rd'][Math.abs(value) % 10] ?? 'th')
  return `${value}${ending}`
}

/** The number that a wording says; undefined where it says none. */
export function readWords(text: string): Numeric | undefined {
  const clean = text.trim().toLowerCase().replace(/\s+/g, ' ')
  return readDigits(clean) ?? readPhrase(clean)
}

/** The number that a text begins with: `three hours`, `an hour`, `16-minute`. */
export function readLeading(text: string): Numeric | undefined {
  const words = text.trim().split(/[\s-]+/)
  for (let count = Math.min(words.length, 6); count > 0; count--) {
    const number = readWords(words.slice(0, count).join(' '))
    if (number !== undefined) return number
  }
  return undefined
}

const DIGITS =
  /^([-+−])?\s*[$€£¥₹₣₤]?\s*(\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d*)?|\.\d+)(?:\s*\/\s*(\d+(?:\.\d+)?))?\s*%?$/
const MIXED = /^(\d+)(?: |-| and )(\d+)\/(\d+)$/

function readDigits(text: string): Numeric | undefined {
  const mixed = MIXED.exec(text)
  if (mixed !== null) return add(Number(mixed[1]), fraction(Number(mixed[2]), Number(mixed[3])) ?? 0)
  const [, sign, digits, bottom] = DIGITS.exec(text) ?? []
  if (digits === undefined) return undefined
  const top = fromDecimal(digits.replaceAll(',', ''))
  const below = bottom === undefined ? 1 : fromDecimal(bottom)
  if (below === 0) return undefined
  const value = bottom === undefined ? top : asFraction(divide(top, below))
  return sign === '-' || sign === '−' ? negate(value) : value
}

function asFraction(value: Numeric): Numeric {
  return typeof value === 'number' || value.kind === 'inexact' ? value : { ...value, style: 'fraction' }
}

function fraction(top: number, bottom: number): Exact | undefined {
  return bottom === 0 ? undefined : ratio(top, bottom, 'fraction')
}

function readPhrase(text: string): Numeric | undefined {
  const and = /^(.+?) and (?:an? )?(.+?)( times)?$/.exec(text)
  if (and !== null) {
    const [whole, part] = [readPhrase(and[1] ?? ''), readPhrase(and[2] ?? '')]
    if (whole !== undefined && part !== undefined && isPart(part)) return add(whole, part)
  }
  const words = text.replace(/^(?:an?|the)[ -]/, '').replace(/ (?:times|as many|as much|percent)$/, '')
  const known = MULTIPLES.get(words)
  if (known !== undefined) return known
  const multiple = /^(.+) (dozen|times)$/.exec(words)
  if (multiple !== null) {
    const count = readWords(multiple[1] ?? '')
    return count === undefined ? undefined : multiply(count, multiple[2] === 'dozen' ? 12 : 1)
  }
  return readFractionWords(words) ?? readCardinal(words.split(/[ -]/).filter((word) => word !== 'and'))
}

function isPart(value: Numeric): boolean {
  return isNumeric(value) && typeof value !== 'number'
}

/** half, one-third, three quarters. */
function readFractionWords(words: string): Numeric | undefined {
  const match = /^(?:(.+)[ -])?([a-z]+?)s?$/.exec(words)
  const bottom = PARTS.get(match?.[2] ?? '')
  if (bottom === undefined) return undefined
  const top = match?.[1] === undefined ? 1 : readCardinal(match[1].split(/[ -]/))
  return top === undefined ? undefined : fraction(top, bottom)
}

function readCardinal(words: readonly string[]): number | undefined {
  if (words.length === 0) return undefined
  for (const [name, size] of SCALES) {
    const at = words.lastIndexOf(name)
    if (at < 0) continue
    const above = at === 0 ? 1 : readCardinal(words.slice(0, at))
    const below = at === words.length - 1 ? 0 : readCardinal(words.slice(at + 1))
    return above === undefined || below === undefined ? undefined : above * size + below
  }
  const [first = '', second] = words
  const tens = TENS.indexOf(first)
  if (first !== '' && tens >= 2) {
    const ones = second === undefined ? 0 : ONES.indexOf(second)
    return words.length <= 2 && ones >= 0 && ones < 10 ? tens * 10 + ones : undefined
  }
  const value = words.length === 1 ? ONES.indexOf(first) : -1
  return value < 0 ? undefined : value
}
