/** What may follow a number without changing what it says: percent, scale words, units, a few words of prose. */

import { namesOnly } from '../spelling/lexicon.ts'
import { matchAt } from './number-token.ts'

export interface NumberTail {
  readonly percent: boolean
  /** `million` is 1000000; 1 where no scale word stands there. */
  readonly factor: bigint
  /** Canonical name of a measure (`cm`, `hour^2`); undefined for none and for plain words such as `apples`. */
  readonly measure: string | undefined
  /** Other words behind it, in lower case: what was counted. */
  readonly noun: string | undefined
}

const SCALES: Readonly<Record<string, bigint>> = {
  dozen: 12n,
  hundred: 100n,
  thousand: 1_000n,
  million: 1_000_000n,
  billion: 1_000_000_000n,
  trillion: 1_000_000_000_000n,
}

const MEASURE_NAMES = `mm millimeter millimetre|cm centimeter centimetre|m meter metre|km kilometer kilometre|in inch inches|
  ft foot feet|yd yard|mi mile|mg milligram|g gram|kg kilogram|lb pound|oz ounce|ml milliliter millilitre|l liter litre|
  gal gallon|qt quart|pt pint|sec second|min minute|hr hour|day|week|month|year yr|mph|kph|cent|dollar usd|euro eur|yen|rupee|degree °|radian`
const MEASURES: ReadonlyMap<string, string> = new Map(
  MEASURE_NAMES.split('|').flatMap((line) => {
    const names = line.trim().split(/\s+/)
    // A single letter behind a number is a variable unless told otherwise: 10m may be a product.
    return names.filter((name) => name.length > 1 || name === '°').map((name) => [name, names[0] ?? name] as const)
  }),
)

const PERCENT = /\s*(?:%|percent\b|per cent\b|pct\b)/y
const SCALE = /\s*(hundred|thousand|million|billion|trillion|dozen)s?\b/iy
const DEGREE = /\s*°/y
const SLASH_WORD = /\s*\/\s*(?=[A-Za-z]{3})/y
const WORD = /([,;]?\s+|\s*\(|-)?([A-Za-z][A-Za-z'’]*)(\)?)\.?(?:\s*\^\s*\{?([23])\}?|([²³]))?/y
const CURRENCY = /\s*[€£¥₹＄]/y
const MONEY: Readonly<Record<string, string>> = {
  '＄': 'dollar',
  '€': 'euro',
  '£': 'pound sterling',
  '¥': 'yen',
  '₹': 'rupee',
}

/** The tail that fills `text` from `at` to its end; undefined where the rest says more than a unit and words. */
export function readTail(text: string, at: number): NumberTail | undefined {
  let end = at
  let percent = false
  let factor = 1n
  let measure: string | undefined
  const nouns: string[] = []
  const scale = matchAt(SCALE, text, end)
  if (scale) {
    factor = SCALES[(scale[1] ?? '').toLowerCase()] ?? 1n
    end += scale[0].length
  }
  const sign = matchAt(PERCENT, text, end) ?? matchAt(CURRENCY, text, end)
  if (sign) {
    measure = MONEY[sign[0].trim()]
    percent = measure === undefined
    end += sign[0].length
  }
  const degree = matchAt(DEGREE, text, end)
  if (degree) {
    measure = 'degree'
    end += degree[0].length
  }
  for (let first = true; end < text.length; first = false) {
    const slash = matchAt(SLASH_WORD, text, end)
    if (slash) end += slash[0].length
    const word = matchAt(WORD, text, end)
    if (!word) return undefined
    const [whole, gap = '', name = '', closing, power, superscript] = word
    if ((gap.trim() === '(') !== (closing === ')')) return undefined
    const known = measureOf(name)
    end += whole.length
    if (!first) {
      if (gap === '' && !slash) return undefined
    } else if (known) {
      measure = `${known}${power ?? superscript ?? ''}`
    } else if (!isUnitWord(name, gap, end < text.length)) {
      return undefined
    }
    if (!first || !known) nouns.push(name.toLowerCase())
  }
  const noun = nouns.join(' ')
  if (!namesOnly(noun)) return undefined
  return { percent, factor, measure, noun: noun === '' ? undefined : noun }
}

/** Letters right behind a number are a product of variables unless they are a word: 5x, 10xy, 5-abc, but 10weeks. */
function isUnitWord(name: string, gap: string, more: boolean): boolean {
  if (gap === '-') return false
  if (gap === '') return name.length > 3
  return name.length > 2 || (more && /^(?:a|an|as|at|in|is|of|on|so)$/.test(name))
}

function measureOf(name: string): string | undefined {
  const lower = name.toLowerCase()
  return MEASURES.get(lower) ?? (lower.endsWith('s') ? MEASURES.get(lower.slice(0, -1)) : undefined)
}
