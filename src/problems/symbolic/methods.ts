/** The methods and attributes of texts, lists and numbers that templates may use. */

import { bottomOf, isInexact, isNumeric, type Numeric, ratio, topOf } from './exact.ts'
import { isWhole } from './exact-functions.ts'
import { TemplateFault, valueFault } from './fault.ts'
import { formatMethod } from './format.ts'
import { describe, integerIn, isEqual, isLabelled, itemsOf, listOf, textOf, type Value } from './value.ts'

type Method = (text: string, values: readonly Value[], named: Readonly<Record<string, Value>>) => Value

const textMethods: Readonly<Record<string, Method>> = {
  lower: (text) => text.toLowerCase(),
  upper: (text) => text.toUpperCase(),
  capitalize: (text) => text.charAt(0).toUpperCase() + text.slice(1).toLowerCase(),
  title: (text) => text.toLowerCase().replace(/(^|[^\p{L}])\p{L}/gu, (start) => start.toUpperCase()),
  strip: (text, [signs]) => trimmed(text, signs, true, true),
  lstrip: (text, [signs]) => trimmed(text, signs, true, false),
  rstrip: (text, [signs]) => trimmed(text, signs, false, true),
  replace: (text, [from, to]) => bounded(textOf(from) === '' ? text : text.replaceAll(textOf(from), () => textOf(to))),
  split: (text, [separator]) =>
    listOf(separator === undefined ? text.split(/\s+/).filter((part) => part !== '') : text.split(textOf(separator))),
  join: (text, [list]) => bounded(itemsOf(list).map(textOf).join(text)),
  startswith: (text, [start]) => alternatives(start).some((one) => text.startsWith(one)),
  endswith: (text, [end]) => alternatives(end).some((one) => text.endsWith(one)),
  find: (text, [part]) => text.indexOf(textOf(part)),
  count: (text, [part]) => (textOf(part) === '' ? text.length + 1 : text.split(textOf(part)).length - 1),
  format: (text, values, named) => formatMethod(text, values, named),
  rfind: (text, [part]) => text.lastIndexOf(textOf(part)),
  index: (text, [part]) => {
    const at = text.indexOf(textOf(part))
    if (at < 0) throw valueFault(`"${textOf(part).slice(0, 40)}" is not in the text`)
    return at
  },
  casefold: (text) => text.toLowerCase(),
  swapcase: (text) =>
    [...text].map((sign) => (sign === sign.toLowerCase() ? sign.toUpperCase() : sign.toLowerCase())).join(''),
  ljust: (text, [width, fill]) => text.padEnd(widthOf(width), fill === undefined ? ' ' : textOf(fill)),
  rjust: (text, [width, fill]) => text.padStart(widthOf(width), fill === undefined ? ' ' : textOf(fill)),
  center: (text, [width, fill]) => {
    const left = text.length + Math.floor(Math.max(0, widthOf(width) - text.length) / 2)
    const sign = fill === undefined ? ' ' : textOf(fill)
    return text.padStart(left, sign).padEnd(widthOf(width), sign)
  },
  removeprefix: (text, [start]) => (text.startsWith(textOf(start)) ? text.slice(textOf(start).length) : text),
  removesuffix: (text, [end]) => (text.endsWith(textOf(end)) ? text.slice(0, text.length - textOf(end).length) : text),
  rsplit: (text, [separator, most]) => {
    const parts = text.split(separator === undefined ? /\s+/ : textOf(separator))
    const kept = most === undefined ? parts.length : integerIn(most)
    const head = parts
      .slice(0, Math.max(1, parts.length - kept))
      .join(separator === undefined ? ' ' : textOf(separator))
    return listOf([head, ...parts.slice(Math.max(1, parts.length - kept))])
  },
  splitlines: (text) => listOf(text.replace(/\r?\n$/, '').split(/\r?\n/)),
  isalpha: (text) => /^\p{L}+$/u.test(text),
  isalnum: (text) => /^[\p{L}\p{N}]+$/u.test(text),
  isupper: (text) => text !== text.toLowerCase() && text === text.toUpperCase(),
  islower: (text) => text !== text.toUpperCase() && text === text.toLowerCase(),
  isnumeric: (text) => /^\d+$/.test(text),
  isdecimal: (text) => /^\d+$/.test(text),
  isdigit: (text) => /^\d+$/.test(text),
  zfill: (text, [width]) => text.padStart(Math.min(200, integerIn(width)), '0'),
}

/** @throws TemplateFault for a method that is not known */
export function callMethod(
  target: Value,
  name: string,
  values: readonly Value[],
  named: Readonly<Record<string, Value>>,
): Value {
  if (isLabelled(target) && name in textMethods) return callMethod(target.label, name, values, named)
  if (typeof target === 'string') {
    const method = Object.hasOwn(textMethods, name) ? textMethods[name] : undefined
    if (method !== undefined) return method(target, values, named)
  } else if (isNumeric(target)) {
    if (name === 'is_integer') return isWhole(target)
    // What is exact is its own nearest fraction.
    if (name === 'limit_denominator') return asFraction(target)
    if (name === 'as_integer_ratio' && !isInexact(target))
      return listOf([ratio(topOf(target), 1), ratio(bottomOf(target), 1)])
  } else if (typeof target === 'object') {
    const result = callCollection(target, name, values)
    if (result !== NONE) return result
  }
  throw new TemplateFault(`the method .${name}() of ${describe(target)} is unknown`)
}

function asFraction(value: Numeric): Numeric {
  return typeof value === 'number' || isInexact(value) ? value : { ...value, style: 'fraction' }
}

/** One text, or the texts of a tuple. */
function alternatives(value: Value): readonly string[] {
  return typeof value === 'object' && value.kind === 'list' ? value.items.map(textOf) : [textOf(value)]
}

function widthOf(value: Value): number {
  return Math.min(200, integerIn(value))
}

const NONE: Value = { kind: 'list', items: [] }

function callCollection(target: Exclude<Value, undefined>, name: string, [first, second]: readonly Value[]): Value {
  const items = itemsOf(target)
  switch (name) {
    case 'index': {
      const place = items.findIndex((item) => isEqual(item, first))
      if (place < 0) throw new TemplateFault(`${describe(first)} is not in the list`)
      return place
    }
    case 'count':
      return items.filter((item) => isEqual(item, first)).length
    case 'tolist':
    case 'copy':
    case 'keys':
      return listOf(items)
    case 'values':
      return typeof target === 'object' && 'entries' in target ? listOf(target.entries.map(([, value]) => value)) : NONE
    case 'items':
      return typeof target === 'object' && 'entries' in target
        ? listOf(target.entries.map((pair) => listOf(pair)))
        : NONE
    case 'get':
      return typeof target === 'object' && 'entries' in target
        ? (target.entries.find(([key]) => isEqual(key, first)) ?? [undefined, second])[1]
        : NONE
    default:
      return NONE
  }
}

/** @throws TemplateFault for an attribute that is not known */
export function attributeOf(target: Value, name: string): Value {
  const number: Numeric | undefined = isLabelled(target) ? target.number : isNumeric(target) ? target : undefined
  if (number !== undefined && !isInexact(number)) {
    if (name === 'numerator') return ratio(topOf(number), 1)
    if (name === 'denominator') return ratio(bottomOf(number), 1)
    if (name === 'real') return number
  }
  throw new TemplateFault(`the attribute .${name} of ${describe(target)} is unknown`)
}

function trimmed(text: string, signs: Value, atStart: boolean, atEnd: boolean): string {
  const isCut = (sign: string | undefined) =>
    sign !== undefined && (signs === undefined ? /\s/.test(sign) : textOf(signs).includes(sign))
  let [start, end] = [0, text.length]
  while (atStart && start < end && isCut(text[start])) start++
  while (atEnd && end > start && isCut(text[end - 1])) end--
  return text.slice(start, end)
}

function bounded(text: string): string {
  if (text.length > 100_000) throw new TemplateFault('a text of more than 100000 characters')
  return text
}
