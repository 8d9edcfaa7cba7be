/** The functions of lists and texts: Python's own, ranges of whole and of decimal steps, and the templates' lists of numbers. */

import { add, divide, isNumeric, multiply, type Numeric, subtract, toDouble } from './exact.ts'
import { ceil, roundHalfEven } from './exact-functions.ts'
import { TemplateFault, valueFault } from './fault.ts'
import { pure, type TemplateFunction } from './function-kind.ts'
import { wordsOf } from './number-words.ts'
import { orderOf } from './operators.ts'
import {
  countOf,
  integerIn,
  isEqual,
  isLabelled,
  isList,
  isTrue,
  itemsOf,
  listOf,
  numberIn,
  type Range,
  textOf,
  type Value,
} from './value.ts'

const list = pure(0, 1, (value) => listOf(value === undefined ? [] : itemsOf(value)))
const arange: TemplateFunction = pure(1, 3, (first, second, third) =>
  second === undefined
    ? rangeOf(0, numberIn(first), 1)
    : rangeOf(numberIn(first), numberIn(second), numberIn(third ?? 1)),
)
const linspace = pure(2, 3, (first, last, count = 50) => {
  const steps = integerIn(count) - 1
  if (steps < 1) throw valueFault('linspace() of fewer than 2 numbers')
  const step = divide(subtract(numberIn(last), numberIn(first)), steps)
  return rangeFrom(numberIn(first), step, steps + 1)
})
/** Rounded to cents where no digits are given: what is left of binary noise in np.arange(0.1, 1, 0.1). */
const fixFloats = pure(1, 2, (value, digits) =>
  listOf(itemsOf(value).map((item) => roundHalfEven(numberIn(item), integerIn(digits ?? 6)))),
)

export const listFunctions: Readonly<Record<string, TemplateFunction>> = {
  list,
  tuple: list,
  'np.array': list,
  set: pure(0, 1, (value) => listOf(value === undefined ? [] : distinct(itemsOf(value)))),
  len: pure(1, 1, (value) => (isLabelled(value) ? value.label.length : countOf(value))),
  sum: pure(1, 2, (value, start = 0) =>
    isList(start)
      ? listOf([...start.items, ...itemsOf(value).flatMap(itemsOf)])
      : itemsOf(value).reduce<Numeric>((total, item) => add(total, numberIn(item)), numberIn(start)),
  ),
  'np.sum': pure(1, 1, (value) => itemsOf(value).reduce<Numeric>((total, item) => add(total, numberIn(item)), 0)),
  'np.mean': pure(1, 1, (value) => meanOf(value)),
  mean: pure(1, 1, (value) => meanOf(value)),
  'statistics.mean': pure(1, 1, (value) => meanOf(value)),
  'np.median': pure(1, 1, (value) => medianOf(value)),
  median: pure(1, 1, (value) => medianOf(value)),
  'statistics.median': pure(1, 1, (value) => medianOf(value)),
  'np.min': pure(1, 1, (value) => extreme([value], (order) => order < 0)),
  'np.max': pure(1, 1, (value) => extreme([value], (order) => order > 0)),
  'np.prod': pure(1, 1, (value) =>
    itemsOf(value).reduce<Numeric>((product, item) => multiply(product, numberIn(item)), 1),
  ),
  'np.cumsum': pure(1, 1, (value) => {
    let total: Numeric = 0
    return listOf(
      itemsOf(value).map((item) => {
        total = add(total, numberIn(item))
        return total
      }),
    )
  }),
  /** The first that is there; generators are lists here. */
  next: pure(1, 2, (value, otherwise) => {
    const items = itemsOf(value)
    if (items.length === 0 && otherwise === undefined) throw valueFault('the next of nothing')
    return items.length === 0 ? otherwise : items[0]
  }),
  iter: pure(1, 1, (value) => listOf(itemsOf(value))),
  'itertools.combinations': pure(2, 2, (value, size) =>
    listOf(combinations(itemsOf(value), integerIn(size)).map(listOf)),
  ),
  'itertools.product': pure(1, 6, (...lists) =>
    listOf(
      lists
        .map(itemsOf)
        .reduce<readonly (readonly Value[])[]>(
          (rows, items) =>
            listOf(rows.flatMap((row) => items.map((item) => listOf([...row, item])))).items.map(itemsOf),
          [[]],
        )
        .map(listOf),
    ),
  ),
  'itertools.chain': pure(1, 99, (...lists) => listOf(lists.flatMap(itemsOf))),
  min: pure(1, 99, (...values) => extreme(values, (order) => order < 0)),
  max: pure(1, 99, (...values) => extreme(values, (order) => order > 0)),
  sorted: {
    takes: [1, 1],
    names: ['reverse'],
    call: ({ values: [value], named }) => {
      const items = itemsOf(value).toSorted(orderOf)
      return listOf(isTrue(named.reverse ?? false) ? items.reverse() : items)
    },
  },
  reversed: pure(1, 1, (value) => listOf(itemsOf(value).toReversed())),
  all: pure(1, 1, (value) => itemsOf(value).every(isTrue)),
  any: pure(1, 1, (value) => itemsOf(value).some(isTrue)),
  zip: pure(1, 9, (...lists) => {
    const columns = lists.map(itemsOf)
    const rows = Math.min(...columns.map((column) => column.length))
    return listOf(Array.from({ length: rows }, (_, row) => listOf(columns.map((column) => column[row]))))
  }),
  enumerate: pure(1, 2, (value, start = 0) =>
    listOf(itemsOf(value).map((item, place) => listOf([place + integerIn(start), item]))),
  ),
  dict: pure(1, 1, (value) => ({
    kind: 'dictionary',
    entries: itemsOf(value).map((pair) => [itemsOf(pair)[0], itemsOf(pair)[1]] as const),
  })),
  range: pure(1, 3, (first, second, third) => {
    const [start, stop] = second === undefined ? [0, numberIn(first)] : [numberIn(first), numberIn(second)]
    return rangeOf(start, stop, numberIn(third ?? 1))
  }),
  arange,
  'np.arange': arange,
  'numpy.arange': arange,
  linspace,
  'np.linspace': linspace,
  fix_floats: fixFloats,
  round_floats: fixFloats,
  /** Both ends belong; in prose they are words up to a hundred: `four`. */
  numbers_within: pure(2, 3, (low, high, step = 1) => {
    const range = rangeOf(numberIn(low), add(numberIn(high), 1), numberIn(step))
    return listOf(itemsOf(range).map(spelled))
  }),
  chr: pure(1, 1, (code) => String.fromCodePoint(Math.min(0x10ffff, Math.max(0, integerIn(code))))),
  ord: pure(1, 1, (sign) => textOf(sign).codePointAt(0) ?? 0),
  repr: pure(1, 1, (value) => (typeof value === 'string' ? `'${value}'` : textOf(value))),
  str: pure(0, 1, (value) => (value === undefined ? '' : textOf(value))),
  plural: pure(1, 2, (word, count) => pluralOf(textOf(word), count)),
  pluralize: pure(1, 2, (word, count) => pluralOf(textOf(word), count)),
  capitalize: pure(1, 1, (word) => textOf(word).charAt(0).toUpperCase() + textOf(word).slice(1)),
}

function rangeOf(start: Numeric, stop: Numeric, step: Numeric): Range {
  if (toDouble(step) === 0) throw new TemplateFault('a range with the step 0')
  const count = toDouble(ceil(divide(subtract(stop, start), step)))
  return rangeFrom(start, step, Math.max(0, count))
}

function rangeFrom(start: Numeric, step: Numeric, count: number): Range {
  return { kind: 'range', start, step, count }
}

function spelled(value: Value): Value {
  const number = numberIn(value)
  const words = typeof number === 'number' && number <= 100 ? wordsOf(number) : undefined
  return words === undefined ? number : { kind: 'labelled', label: words, number }
}

function distinct(items: readonly Value[]): Value[] {
  const kept: Value[] = []
  if (items.length > 10_000) throw new TemplateFault('a set of more than 10000 items')
  for (const item of items) if (!kept.some((other) => isEqual(item, other))) kept.push(item)
  return kept
}

function meanOf(value: Value): Numeric {
  const items = itemsOf(value)
  return divide(
    items.reduce<Numeric>((total, item) => add(total, numberIn(item)), 0),
    multiply(items.length, 1),
  )
}

function medianOf(value: Value): Numeric {
  const items = itemsOf(value).toSorted(orderOf)
  const [low, high] = [items[(items.length - 1) >> 1], items[items.length >> 1]]
  if (low === undefined || high === undefined) throw valueFault('the median of nothing')
  return divide(add(numberIn(low), numberIn(high)), 2)
}

/** In the order of their places. */
function combinations(items: readonly Value[], size: number): readonly (readonly Value[])[] {
  if (items.length > 20) throw new TemplateFault('combinations of more than 20 items')
  if (size <= 0) return [[]]
  return items.flatMap((item, place) => combinations(items.slice(place + 1), size - 1).map((rest) => [item, ...rest]))
}

function extreme(values: readonly Value[], isBetter: (order: number) => boolean): Value {
  const [only] = values
  const items = values.length === 1 && only !== undefined && !isNumeric(only) ? itemsOf(only) : values
  if (items.length === 0) throw valueFault('the least or greatest of nothing')
  return items.reduce((best, item) => (isBetter(orderOf(item, best)) ? item : best))
}

const IRREGULAR: ReadonlyMap<string, string> = new Map(
  Object.entries({
    child: 'children',
    man: 'men',
    woman: 'women',
    person: 'people',
    foot: 'feet',
    tooth: 'teeth',
    mouse: 'mice',
    goose: 'geese',
    sheep: 'sheep',
    fish: 'fish',
    deer: 'deer',
    loaf: 'loaves',
    leaf: 'leaves',
    shelf: 'shelves',
    knife: 'knives',
  }),
)

/** `3, box` asks for boxes, `1, box` for box. */
function pluralOf(word: string, count: Value): string {
  const isOne = count !== undefined && isNumeric(count) && toDouble(count) === 1
  if (isOne) return word
  const irregular = IRREGULAR.get(word.toLowerCase())
  if (irregular !== undefined) return word.charAt(0) + irregular.slice(1)
  if (/(?:s|x|z|ch|sh)$/i.test(word)) return `${word}es`
  return /[^aeiou]y$/i.test(word) ? `${word.slice(0, -1)}ies` : `${word}s`
}
