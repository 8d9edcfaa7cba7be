/** The functions that draw: sample and its kin, and those of Python's random. */

import { type Random, randomInteger, shuffled } from '../../core/seed.ts'
import { add, fromDecimal, multiply, subtract } from './exact.ts'
import { TemplateFault, valueFault } from './fault.ts'
import type { Given, TemplateFunction } from './function-kind.ts'
import { countOf, integerIn, itemAt, itemsOf, listOf, numberIn, type Value } from './value.ts'

const sample = drawing([1, 2], ['n', 'k', 'size'], ({ values: [list, count], named, random }) => {
  const wanted = count ?? named.n ?? named.k ?? named.size
  return wanted === undefined ? one(list, random) : several(list, integerIn(wanted), random)
})
const sequential = drawing([2, 2], ['n', 'k'], ({ values: [list, count], named, random }) => {
  const wanted = integerIn(count ?? named.n ?? named.k)
  const last = countOf(list) - wanted
  if (last < 0) throw new TemplateFault(`${wanted} neighbours of a list of ${countOf(list)}`)
  const start = randomInteger(random, last + 1)
  return listOf(Array.from({ length: wanted }, (_, place) => itemAt(list, start + place)))
})
const choice = drawing([1, 1], [], ({ values: [list], random }) => one(list, random))
const shuffle = drawing([1, 1], [], ({ values: [list], random }) => listOf(shuffled(itemsOf(list), random)))
/** Both ends belong. */
const randint = drawing([2, 2], [], ({ values: [low, high], random }) =>
  between(integerIn(low), integerIn(high), random),
)

export const drawFunctions: Readonly<Record<string, TemplateFunction>> = {
  sample,
  sample_without_replacement: sample,
  'random.sample': sample,
  sample_sequential: sequential,
  choice,
  'random.choice': choice,
  'np.random.choice': sample,
  choices: drawing([1, 2], ['k'], ({ values: [list, count], named, random }) => {
    const wanted = Math.min(10_000, integerIn(count ?? named.k ?? 1))
    return listOf(Array.from({ length: wanted }, () => one(list, random)))
  }),
  shuffle_list: shuffle,
  shuffle,
  shuffled: shuffle,
  randint,
  'random.randint': randint,
  'random.randrange': drawing([1, 2], [], ({ values: [low, high], random }) =>
    high === undefined ? between(0, integerIn(low) - 1, random) : between(integerIn(low), integerIn(high) - 1, random),
  ),
  'random.uniform': drawing([2, 2], [], ({ values: [low, high], random }) => {
    const share = fromDecimal(random().toFixed(6))
    return add(numberIn(low), multiply(share, subtract(numberIn(high), numberIn(low))))
  }),
}

function drawing(
  takes: readonly [number, number],
  names: readonly string[],
  call: (given: Given) => Value,
): TemplateFunction {
  return { takes, names, call, draws: true }
}

/** Any item, all alike in chance. @throws TemplateFault for an empty list */
export function one(list: Value, random: Random): Value {
  const count = countOf(list)
  if (count === 0) throw valueFault('a draw from an empty list')
  return itemAt(list, randomInteger(random, count))
}

/** Different places of the list, in the order drawn. */
export function several(list: Value, wanted: number, random: Random): Value {
  const count = countOf(list)
  if (wanted > count || wanted < 0) throw new TemplateFault(`${wanted} different items of a list of ${count}`)
  if (wanted > 10_000) throw new TemplateFault(`a sample of ${wanted} items`)
  const places = new Set<number>()
  while (places.size < wanted) {
    // Floyd's way: each step adds one place, so that it ends after as many steps as items are wanted.
    const limit = count - wanted + places.size + 1
    const place = randomInteger(random, limit)
    places.add(places.has(place) ? limit - 1 : place)
  }
  // Floyd's sets are alike in chance, their orders are not.
  return listOf(shuffled([...places], random).map((place) => itemAt(list, place)))
}

function between(low: number, high: number, random: Random): number {
  if (high < low) throw valueFault(`a number from ${low} to ${high}`)
  return low + randomInteger(random, high - low + 1)
}
