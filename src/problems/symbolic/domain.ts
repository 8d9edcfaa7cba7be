/** The values that a line of #init may give, where they never change. */

import type { Compiled } from './compiled.ts'
import { isNumeric } from './exact.ts'
import { compare } from './exact-functions.ts'
import { TemplateFault } from './fault.ts'
import type { DrawLine } from './init-line.ts'
import { countOf, createScope, isLabelled, isList, isRange, itemAt, numberIn, type Value } from './value.ts'

/** What a line draws one value from; undefined where that depends on other variables or is drawn otherwise. */
export function domainOf(line: DrawLine): Value {
  if (line.needs.size > 0 || line.domain === undefined) return undefined
  const domain = attempt(line, line.domain)
  return isList(domain) || isRange(domain) ? domain : undefined
}

/** Asked when the draws are planned: a fault names its line. */
function attempt(line: DrawLine, domain: Compiled): Value {
  try {
    return domain(createScope())
  } catch (error) {
    if (!(error instanceof TemplateFault) || error.isOfValues) throw error
    throw new TemplateFault(`line ${line.line} of question_annotated: ${error.message}`, { cause: error })
  }
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
