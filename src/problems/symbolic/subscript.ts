/** Python's square brackets: an item, from the end too, or a slice. */

import { TemplateFault, valueFault } from './fault.ts'
import { countOf, describe, integerIn, isEqual, isLabelled, itemAt, itemsOf, listOf, type Value } from './value.ts'

/** @throws TemplateFault for a place or key that is not there */
export function indexed(target: Value, index: Value): Value {
  if (typeof target === 'object' && target.kind === 'dictionary') {
    const entry = target.entries.find(([key]) => isEqual(key, index))
    if (entry === undefined) throw new TemplateFault(`the dictionary has no ${describe(index)}`)
    return entry[1]
  }
  const place = integerIn(index)
  // What was drawn from a pair ("half", 0.5) still has its two parts.
  if (isLabelled(target) && place >= -2 && place < 2) return place % 2 === 0 ? target.label : target.number
  const count = countOf(target)
  const from = place < 0 ? count + place : place
  if (from < 0 || from >= count) throw valueFault(`item ${place} of ${count}`)
  return itemAt(target, from)
}

/** @throws TemplateFault for a step of 0 */
export function sliced(target: Value, start: Value, stop: Value, step: Value): Value {
  const items = itemsOf(target)
  const by = step === undefined ? 1 : integerIn(step)
  if (by === 0) throw new TemplateFault('a slice with the step 0')
  const [first, last] = by > 0 ? [0, items.length] : [items.length - 1, -1]
  const from = start === undefined ? first : bound(integerIn(start), items.length, by)
  const to = stop === undefined ? last : bound(integerIn(stop), items.length, by)
  const kept: Value[] = []
  for (let place = from; by > 0 ? place < to : place > to; place += by) kept.push(items[place])
  return typeof target === 'string' ? kept.join('') : listOf(kept)
}

function bound(place: number, count: number, by: number): number {
  const from = place < 0 ? count + place : place
  return by > 0 ? Math.max(0, Math.min(count, from)) : Math.max(-1, Math.min(count - 1, from))
}
