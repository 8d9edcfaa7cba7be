/** The values that a line of #init may give, where they never change. */

import { isNumeric } from './exact.ts'
import { compare } from './exact-functions.ts'
import type { DrawLine } from './template.ts'
import { countOf, isLabelled, isList, isRange, itemAt, numberIn, type Value } from './value.ts'

/** What a line draws one value from; undefined where that depends on other variables or is drawn otherwise. */
export function domainOf(line: DrawLine): Value {
  if (line.needs.size > 0 || line.domain === undefined) return undefined
  const domain = line.domain({ values: [], random: () => 0 })
  return isList(domain) || isRange(domain) ? domain : undefined
}

/** The value of a domain that equals a number; undefined where none does. */
export function findNumber(domain: Value, number: Value): Value {
  if (!isNumeric(number) && !isLabelled(number)) return undefined
  const count = countOf(domain)
  const wanted = numberIn(number)
  if (isRange(domain) && typeof domain.start === 'number' && typeof domain.step === 'number') {
    if (typeof wanted !== 'number') return undefined
    const place = (wanted - domain.start) / domain.step
    return Number.isInteger(place) && place >= 0 && place < count ? wanted : undefined
  }
  for (let place = 0; place < count; place++) {
    const item = itemAt(domain, place)
    if (compare(numberIn(item), wanted) === 0) return item
  }
  return undefined
}

/** A list that needs no other variable, of numbers that all differ: each value stands in one place. */
export function hasDistinctNumbers(line: DrawLine): boolean {
  const domain = domainOf(line)
  if (domain === undefined) return false
  if (isRange(domain)) return true
  if (!isList(domain) || domain.items.length > 1000) return false
  if (!domain.items.every((item) => isNumeric(item) || isLabelled(item))) return false
  const sorted = domain.items.map(numberIn).toSorted(compare)
  return sorted.every((number, place) => place === 0 || compare(sorted[place - 1] ?? number, number) !== 0)
}
