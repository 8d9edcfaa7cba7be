/** The values that expressions of a template work on, and how they stand in a text. */

import type { Random } from '../../core/seed.ts'
import { add, isNumeric, multiply, type Numeric } from './exact.ts'
import { compare, numberText } from './exact-functions.ts'
import { TemplateFault, valueFault } from './fault.ts'

/** A number that has its own wording: `half`, `twice`, `six-sided`. Arithmetic takes the number, prose the label. */
export interface Labelled {
  readonly kind: 'labelled'
  readonly label: string
  readonly number: Numeric
}
/** A list, tuple or set. */
export interface List {
  readonly kind: 'list'
  readonly items: readonly Value[]
}
/** Numbers start, start+step, …, never written out unless asked: range(10**9) costs nothing. */
export interface Range {
  readonly kind: 'range'
  readonly start: Numeric
  readonly step: Numeric
  readonly count: number
}
export interface Dictionary {
  readonly kind: 'dictionary'
  readonly entries: readonly (readonly [Value, Value])[]
}
/** Undefined is Python's None. */
export type Value = Numeric | string | boolean | undefined | Labelled | List | Range | Dictionary

/** The drawn values of a template by the place of their variable, and the chance that is left to draw from. */
export interface Scope {
  readonly values: Value[]
  readonly random: Random
  /** When the work for these values has to be done, on the clock of performance.now(), in milliseconds. */
  readonly deadlineMs: number
}

/** Work for one instance; a good template takes some milliseconds. */
const MOST_MS = 5000

/** No values yet. */
export function createScope(random: Random = () => 0): Scope {
  return { values: [], random, deadlineMs: performance.now() + MOST_MS }
}

/** @throws TemplateFault for a template whose expressions never end */
export function requireTime({ deadlineMs }: Scope): void {
  if (performance.now() > deadlineMs)
    throw new TemplateFault(`one instance takes longer than ${MOST_MS / 1000} seconds`)
}

/** Longer lists are refused: no template needs them, and a mistyped one should not fill the memory. */
const LONGEST_LIST = 1_000_000

export function isLabelled(value: Value): value is Labelled {
  return typeof value === 'object' && value.kind === 'labelled'
}

export function isList(value: Value): value is List {
  return typeof value === 'object' && value.kind === 'list'
}

export function isRange(value: Value): value is Range {
  return typeof value === 'object' && value.kind === 'range'
}

export function listOf(items: readonly Value[]): List {
  if (items.length > LONGEST_LIST) throw new TemplateFault(`a list of more than ${LONGEST_LIST} items`)
  return { kind: 'list', items }
}

/** The number in a value: of a label its number, of a pair ("half", 0.5) its second part. @throws TemplateFault */
export function numberIn(value: Value): Numeric {
  if (typeof value === 'number') return value
  if (isNumeric(value)) return value
  if (typeof value === 'boolean') return value ? 1 : 0
  const number = labelledOf(value)?.number
  if (number === undefined) throw new TemplateFault(`${describe(value)} stands where a number is expected`)
  return number
}

/** A pair of a wording and a number, as the lists of templates write what a word counts for. */
export function labelledOf(value: Value): Labelled | undefined {
  if (isLabelled(value)) return value
  if (!isList(value) || value.items.length !== 2) return undefined
  const [label, number] = value.items
  return isNumeric(number) && typeof label === 'string' ? { kind: 'labelled', label, number } : undefined
}

/** A whole number within what an index or a count may be. @throws TemplateFault */
export function integerIn(value: Value): number {
  const number = numberIn(value)
  if (typeof number === 'number') return number
  throw valueFault(`${numberText(number)} stands where a whole number is expected`)
}

/** The items of anything that can be gone through. @throws TemplateFault */
export function itemsOf(value: Value): readonly Value[] {
  if (typeof value === 'string') return [...value]
  if (typeof value === 'object') {
    switch (value.kind) {
      case 'list':
        return value.items
      case 'range':
        if (value.count > LONGEST_LIST) throw new TemplateFault(`a list of more than ${LONGEST_LIST} items`)
        return listOf(Array.from({ length: countOf(value) }, (_, place) => itemAt(value, place))).items
      case 'dictionary':
        return value.entries.map(([key]) => key)
      case 'labelled':
        return [value.label, value.number]
    }
  }
  throw new TemplateFault(`${describe(value)} stands where a list is expected`)
}

/** @throws TemplateFault for what is no collection */
export function countOf(value: Value): number {
  if (!isRange(value)) return itemsOf(value).length
  return value.count
}

/** The item at a place that exists. */
export function itemAt(value: Value, place: number): Value {
  if (!isRange(value)) return itemsOf(value)[place]
  if (typeof value.start === 'number' && typeof value.step === 'number') return value.start + place * value.step
  return add(value.start, multiply(value.step, place))
}

/** Python's truth: zero, the empty and None are false. */
export function isTrue(value: Value): boolean {
  if (typeof value === 'boolean') return value
  if (typeof value === 'number') return value !== 0
  if (typeof value === 'string') return value !== ''
  if (value === undefined) return false
  if (isNumeric(value)) return compare(value, 0) !== 0
  if (isLabelled(value)) return isTrue(value.number)
  return value.kind === 'dictionary' ? value.entries.length > 0 : countOf(value) > 0
}

export function isEqual(a: Value, b: Value): boolean {
  if (typeof a === 'string' || typeof b === 'string') {
    // A label equals its wording as well as its number.
    return wordingOf(a) === wordingOf(b)
  }
  if (isList(a) && isList(b) && labelledOf(a) === undefined) {
    return a.items.length === b.items.length && a.items.every((item, place) => isEqual(item, b.items[place]))
  }
  if (a === undefined || b === undefined) return a === b
  const [left, right] = [comparable(a), comparable(b)]
  return left !== undefined && right !== undefined && compare(left, right) === 0
}

function wordingOf(value: Value): Value {
  return isLabelled(value) ? value.label : value
}

function comparable(value: Value): Numeric | undefined {
  if (isNumeric(value)) return value
  if (typeof value === 'boolean') return value ? 1 : 0
  return labelledOf(value)?.number
}

/** As it stands in prose. */
export function textOf(value: Value): string {
  if (typeof value === 'number') return numberText(value)
  if (typeof value === 'string') return value
  if (typeof value === 'boolean') return value ? 'True' : 'False'
  if (value === undefined) return 'None'
  if (isNumeric(value)) return numberText(value)
  if (isLabelled(value)) return value.label
  if (value.kind === 'dictionary') return `{${value.entries.map(([key, item]) => `${textOf(key)}: ${textOf(item)}`)}}`
  const labelled = labelledOf(value)
  return labelled === undefined ? `[${itemsOf(value).map(textOf).join(', ')}]` : labelled.label
}

/** What a message calls a value. */
export function describe(value: Value): string {
  if (value === undefined) return 'None'
  if (typeof value === 'string') return `the text "${value.length > 40 ? `${value.slice(0, 40)}…` : value}"`
  if (typeof value === 'boolean' || isNumeric(value)) return textOf(value)
  return value.kind === 'labelled' ? `"${value.label}"` : `a ${value.kind}`
}
