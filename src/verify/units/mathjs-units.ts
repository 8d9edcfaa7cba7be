/** SI prefixes and derived units by mathjs: its unit class alone, loaded at the first word that may be one. */

import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import type { Dimensions } from './table.ts'

// Importing mathjs as a whole costs over a second; its unit class with the arithmetic that it asks for costs 40 ms.
const UNIT_CLASS = 'lib/cjs/type/unit/Unit.js'
const DIMENSION_NAMES = [
  'mass',
  'length',
  'time',
  'current',
  'temperature',
  'luminosity',
  'amount',
  'angle',
  'data',
] as const

/** What is looked at of a unit of mathjs. */
interface UnitPart {
  readonly unit: {
    readonly name: string
    readonly value: number
    readonly offset: number
    readonly dimensions: readonly number[]
  }
  readonly prefix: { readonly name: string; readonly value: number }
}
type UnitClass = new (value: null, name: string) => { readonly units: readonly UnitPart[] }

export interface LibraryUnit {
  readonly dimensions: Dimensions
  /** Size in SI base units, as mathjs has it: the unit's own and its prefix's. */
  readonly sizes: readonly [unit: number, prefix: number]
}

// Units that words of everyday answers are not mistaken for: a stick, a rod, a chain are counted.
const KNOWN: ReadonlySet<string> = new Set(
  `m meter metre inch foot yard mile angstrom acre hectare L l litre liter g gram ton tonne grain s second min minute h hour day Hz hertz
  rad radian grad A ampere mol mole cd candela N newton dyn dyne lbf poundforce J joule erg Wh BTU eV electronvolt W watt hp VA Pa
  psi atm bar torr mmHg coulomb C Ah F farad V volt ohm H henry S siemens Wb weber T tesla K kelvin b B bit byte`.split(
    /\s+/,
  ),
)

const PREFIXES: ReadonlySet<string> = new Set(
  ` da h k M G T P E Z Y R Q d c m u n p f a z y r q deca hecto kilo mega giga tera peta exa zetta yotta ronna quetta deci centi
  milli micro nano pico femto atto zepto yocto ronto quecto Ki Mi Gi Ti Pi Ei Zi Yi kibi mebi gibi tebi pebi exi zebi yobi MM`.split(
    /\s+/,
  ),
)

/** A known unit behind a known prefix, or none: most words are no such thing, and the library throws on each of them. */
function mayBeUnit(name: string): boolean {
  for (let at = 0; at < name.length && at <= 6; at++) {
    const base = name.slice(at)
    if ((KNOWN.has(base) || KNOWN.has(base.replace(/s$/, ''))) && PREFIXES.has(name.slice(0, at))) return true
  }
  return false
}

let unitClass: UnitClass | undefined

/** Undefined where mathjs knows no unit of that name, or one that is hardly meant. */
export function libraryUnit(name: string): LibraryUnit | undefined {
  if (name.length > 20 || !/^[A-Za-zµμΩ]+$/.test(name)) return undefined
  const plain = name.replace(/[µμ]/g, 'u').replace('Ω', 'ohm')
  if (!mayBeUnit(plain)) return undefined
  unitClass ??= loadUnitClass()
  try {
    const [part, ...rest] = new unitClass(null, plain).units
    if (!part || rest.length > 0 || part.unit.offset !== 0) return undefined
    const base = part.unit.name
    if (!KNOWN.has(base) && !KNOWN.has(base.replace(/s$/, ''))) return undefined
    const dimensions = Object.fromEntries(
      DIMENSION_NAMES.map((dimension, at) => [dimension, part.unit.dimensions[at] ?? 0] as const).filter(
        ([, power]) => power !== 0,
      ),
    )
    return { dimensions, sizes: [part.unit.value, part.prefix.value] }
  } catch {
    // mathjs throws on every word that is not a unit.
    return undefined
  }
}

function loadUnitClass(): UnitClass {
  const require = createRequire(import.meta.url)
  const file = join(dirname(require.resolve('mathjs/package.json')), UNIT_CLASS)
  const { createUnitClass }: { createUnitClass(dependencies: object): UnitClass } = require(file)
  // Units without a value are not calculated with: their number types are only named.
  class None {}
  return createUnitClass({
    config: { number: 'number' },
    addScalar: (a: number, b: number) => a + b,
    subtractScalar: (a: number, b: number) => a - b,
    multiplyScalar: (a: number, b: number) => a * b,
    divideScalar: (a: number, b: number) => a / b,
    pow: (a: number, b: number) => a ** b,
    abs: Math.abs,
    fix: Math.trunc,
    round: Math.round,
    equal: (a: number, b: number) => a === b,
    isNumeric: (value: unknown) => typeof value === 'number',
    format: String,
    number: Number,
    Complex: None,
    BigNumber: None,
    Fraction: None,
  })
}
