/** Units of measurement: which words are one, their dimensions, and their sizes as exact numbers of SI base units. */

import { createRational, multiply, power, type Rational } from '../algebra/rational.ts'
import type { Unit } from '../tree.ts'
import { libraryUnit } from './mathjs-units.ts'
import { type Dimensions, UNIT_TABLE } from './table.ts'

interface Entry {
  readonly dimensions: Dimensions
  readonly factor: Rational
  readonly offset?: Rational | undefined
}

const MOST_REMEMBERED = 2_000
const remembered = new Map<string, Entry | undefined>()

/** True for a word that names a unit, alone or in the plural. */
export function isUnitWordName(word: string): boolean {
  // Two letters side by side are more likely a product, unless they are a well-known unit.
  if (word.length < 3) return UNIT_TABLE.has(word) || UNIT_TABLE.has(word.toLowerCase()) || WELL_KNOWN.test(word)
  return entryOf(word) !== undefined
}

const WELL_KNOWN = /^(?:[kMGmµ][NJAVWFHCTΩ]|Hz|Pa|eV|Wb|N|J|V|A|W|C|K|F|T|H)$/

function entryOf(word: string): Entry | undefined {
  if (remembered.has(word)) return remembered.get(word)
  const entry = findEntry(word)
  if (remembered.size >= MOST_REMEMBERED) remembered.clear()
  remembered.set(word, entry)
  return entry
}

/** Capitals count where both ways are units (mW and MW); else they do not. */
function findEntry(word: string): Entry | undefined {
  const name = word.replace(/\.$/, '')
  return (
    tableEntry(name) ??
    libraryEntry(name) ??
    tableEntry(name.toLowerCase()) ??
    (name.length > 3 ? libraryEntry(name.toLowerCase()) : undefined)
  )
}

function tableEntry(name: string): Entry | undefined {
  const entry =
    UNIT_TABLE.get(name) ?? (name.length > 3 && name.endsWith('s') ? UNIT_TABLE.get(name.slice(0, -1)) : undefined)
  const factor = entry && rationalFrom(entry.size)
  return (
    entry &&
    factor && {
      dimensions: entry.dimensions,
      factor,
      offset: entry.offset === undefined ? undefined : rationalFrom(entry.offset),
    }
  )
}

function libraryEntry(name: string): Entry | undefined {
  const found = libraryUnit(name)
  const [size, prefix] = found?.sizes.map((each) => decimal(each)) ?? []
  return found && size && prefix && { dimensions: found.dimensions, factor: multiply(size, prefix) }
}

function rationalFrom(size: string): Rational | undefined {
  const [top = '1', bottom = '1'] = size.split('/')
  return createRational(BigInt(top), BigInt(bottom))
}

/** The number that a double is written as: 0.45359237 exactly. */
function decimal(value: number): Rational | undefined {
  const [, whole = '', part = '', exponent = '0'] = /^(\d+)(?:\.(\d+))?(?:e([+-]?\d+))?$/.exec(String(value)) ?? []
  if (whole === '') return undefined
  const scale = Number(exponent) - part.length
  const digits = BigInt(`${whole}${part}`)
  return scale >= 0 ? createRational(digits * 10n ** BigInt(scale)) : createRational(digits, 10n ** BigInt(-scale))
}

const POWER_WORDS: ReadonlyMap<string, number> = new Map([
  ['square', 2],
  ['sq', 2],
  ['cubic', 3],
  ['cu', 3],
])
const POWERS_BEHIND: ReadonlyMap<string, number> = new Map([
  ['squared', 2],
  ['cubed', 3],
  ['²', 2],
  ['³', 3],
  ['⁻¹', -1],
])
const TOKENS = /°\s*[CF](?![A-Za-z])|[A-Za-zµμΩ$€£₹]+\.?|[°℃℉]|\/|\^\s*\{?\s*[-+]?\d\s*\}?|[²³]|⁻¹|[()]|·|[^\s]/g

/**
 * The unit that a text behind a number says: `cm^2`, `square inches`, `km/h`, `miles per hour`, `kg·m/s^2`, `dollars`.
 * Words that are no known unit give a unit of that name without a factor.
 */
export function readUnit(text: string): Unit {
  const plain = text
    .replace(/\\(?:cdot|times)(?![A-Za-z])|[⋅*×]/g, '·')
    .replace(/\\Omega(?![A-Za-z])|Ω/g, 'Ω')
    .replace(/\\mu(?![A-Za-z])\s*/g, 'µ')
    .replace(/([kMGmµ])\s+Ω/g, '$1Ω')
    .replace(/\bdegrees?\s+(celsius|fahrenheit|kelvin|C|F)\b/gi, (_, name: string) =>
      /^c/i.test(name) ? '°C' : /^f/i.test(name) ? '°F' : 'K',
    )
    .replace(/\\[,;: ]|~/g, ' ')
    .replace(/\b[Pp]er\b|\ba(?=\s+(?:day|week|hour|minute|month|year)\b)/g, '/')
    .trim()
  return known(plain.match(TOKENS) ?? []) ?? { name: nameOf(plain), factor: undefined, dimension: nameOf(plain) }
}

/** Names in one spelling: small letters, the plural gone. */
function nameOf(text: string): string {
  return text
    .toLowerCase()
    .replace(/[^\p{L}\p{N}^/·-]+/gu, ' ')
    .split(' ')
    .map((word) => (word.length > 3 && /[^s]s$/.test(word) ? word.slice(0, -1) : word))
    .join(' ')
    .trim()
}

function known(tokens: readonly string[]): Unit | undefined {
  let factor: Rational = { numerator: 1n, denominator: 1n }
  let offset: Rational | undefined
  const powers = new Map<string, number>()
  const names: string[] = []
  let [sign, pending, isBelow, count] = [1, 1, false, 0]
  for (const [at, token] of tokens.entries()) {
    if (token === '/') sign = -1
    else if (token === '(') isBelow = sign < 0
    else if (token === ')') [isBelow, sign] = [false, 1]
    else if (POWER_WORDS.has(token.toLowerCase())) pending = POWER_WORDS.get(token.toLowerCase()) ?? 1
    else if (token === '·' || token.startsWith('^') || POWERS_BEHIND.has(token)) continue
    else {
      const entry = entryOf(token.replace(/\s+/g, ''))
      if (!entry) return undefined
      const exponent = sign * pending * powerBehind(tokens[at + 1])
      const raised = power(entry.factor, BigInt(exponent))
      if (!raised) return undefined
      factor = multiply(factor, raised)
      offset = entry.offset
      count++
      names.push(`${token.replace(/\.$/, '')}^${exponent}`)
      for (const [name, size] of Object.entries(entry.dimensions))
        powers.set(name, (powers.get(name) ?? 0) + size * exponent)
      pending = 1
      if (!isBelow) sign = 1
    }
  }
  if (count === 0) return undefined
  const dimension = [...powers]
    .filter(([, exponent]) => exponent !== 0)
    .map(([name, exponent]) => `${name}^${exponent}`)
    .sort()
    .join(' ')
  return { name: names.join(' '), factor, dimension, offset: count === 1 ? offset : undefined }
}

function powerBehind(token: string | undefined): number {
  if (token === undefined) return 1
  return token.startsWith('^') ? Number(/[-+]?\d/.exec(token)?.[0] ?? '1') : (POWERS_BEHIND.get(token) ?? 1)
}
