/** Units of measurement: names, dimensions, and their sizes as exact numbers of a base unit. */

import { createRational, multiply, power, type Rational } from '../algebra/rational.ts'
import type { Unit } from '../tree.ts'

// name(s) = size in the first unit of its dimension, as a quotient of whole numbers.
const TABLE: Readonly<Record<string, string>> = {
  length:
    'm meter metre=1|mm millimeter millimetre=1/1000|cm centimeter centimetre=1/100|dm decimeter=1/10|km kilometer kilometre=1000|in inch inches=127/5000|ft foot feet=381/1250|yd yard=1143/1250|mi mile=201168/125',
  mass: 'g gram gm=1|mg milligram=1/1000|kg kilogram=1000|lb pound=45359237/100000|oz ounce=45359237/1600000|ton tonne=1000000',
  volume:
    'l liter litre=1|ml milliliter millilitre=1/1000|gal gallon=473176473/125000000|qt quart=473176473/500000000|pt pint=473176473/1000000000|cup=473176473/2000000000',
  time: 's sec second=1|min minute=60|h hr hour=3600|day=86400|week=604800',
  months: 'month=1|year yr=12',
  money: 'dollar buck usd=1|cent penny pennies=1/100',
  speed: 'mph=1397/3125|kph kmh kmph=5/18',
  angle: 'degree deg=1',
  data: 'byte=8|bit=1',
  memory: 'kb=1024|mb=1048576|gb=1073741824',
  voltage: 'v volt=1',
  charge: 'c coulomb=1',
  current: 'a amp ampere=1',
  power: 'w watt=1|kw kilowatt=1000',
  energy: 'j joule=1|kj kilojoule=1000',
  force: 'n newton=1',
  pressure: 'pa pascal=1',
  frequency: 'hz hertz=1',
}

interface Entry {
  readonly dimension: string
  readonly factor: Rational
}

const UNITS: ReadonlyMap<string, Entry> = new Map(
  Object.entries(TABLE).flatMap(([dimension, units]) =>
    units.split('|').flatMap((unit) => {
      const [names = '', size = '1'] = unit.split('=')
      const [top = '1', bottom = '1'] = size.split('/')
      const factor = createRational(BigInt(top), BigInt(bottom)) ?? { numerator: 1n, denominator: 1n }
      return names.split(' ').map((name) => [name, { dimension, factor }] as const)
    }),
  ),
)

/** True for a word that names a unit, alone or in the plural. */
export function isUnitWordName(word: string): boolean {
  return entryOf(word) !== undefined
}

function entryOf(word: string): Entry | undefined {
  const lower = word.toLowerCase().replace(/\.$/, '')
  return UNITS.get(lower) ?? (lower.length > 3 && lower.endsWith('s') ? UNITS.get(lower.slice(0, -1)) : undefined)
}

const POWER_WORDS: Readonly<Record<string, number>> = { square: 2, sq: 2, squared: 2, cubic: 3, cubed: 3, cu: 3 }

/**
 * The unit that a text behind a number says: `cm^2`, `square inches`, `km/h`, `miles per hour`, `dollars`.
 * Words that are no known unit give a unit of that name without a factor.
 */
export function readUnit(text: string): Unit {
  const words = text
    .toLowerCase()
    .replace(/[()]/g, ' ')
    .replace(/\bper\b|\ba(?=\s+(?:day|week|hour|minute|month|year)\b)/g, '/')
    .match(/[a-z°µ]+\.?|\/|\^\s*\{?\s*-?\d\s*\}?/g)
  if (!words) return { name: text.trim(), factor: undefined, dimension: text.trim() }
  let factor: Rational = { numerator: 1n, denominator: 1n }
  const parts: string[] = []
  let sign = 1
  let pending = 1
  for (const [at, word] of words.entries()) {
    if (word === '/') {
      sign = -1
      continue
    }
    if (word.startsWith('^')) continue
    const powerWord = POWER_WORDS[word]
    if (powerWord !== undefined) {
      pending = word.endsWith('d') ? 1 : powerWord
      continue
    }
    const entry = entryOf(word)
    if (!entry) return { name: words.join(' '), factor: undefined, dimension: words.join(' ') }
    const exponent = sign * pending * exponentAfter(words, at)
    pending = 1
    sign = 1
    const raised = power(entry.factor, BigInt(exponent))
    if (raised) factor = multiply(factor, raised)
    parts.push(`${entry.dimension}^${exponent}`)
  }
  return { name: words.join(' '), factor, dimension: parts.sort().join(' ') }
}

function exponentAfter(words: readonly string[], at: number): number {
  const next = words[at + 1]
  if (next === 'squared') return 2
  if (next === 'cubed') return 3
  return next?.startsWith('^') ? Number(/-?\d/.exec(next)?.[0] ?? '1') : 1
}
