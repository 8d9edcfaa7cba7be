/** The methods and attributes of texts, lists and numbers that templates may use. */

import { bottomOf, isInexact, isNumeric, type Numeric, ratio, topOf } from './exact.ts'
import { isWhole } from './exact-functions.ts'
import { TemplateFault } from './fault.ts'
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
  startswith: (text, [start]) => text.startsWith(textOf(start)),
  endswith: (text, [end]) => text.endsWith(textOf(end)),
  find: (text, [part]) => text.indexOf(textOf(part)),
  count: (text, [part]) => (textOf(part) === '' ? text.length + 1 : text.split(textOf(part)).length - 1),
  format: (text, values, named) => formatMethod(text, values, named),
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
  } else if (typeof target === 'object') {
    const result = callCollection(target, name, values)
    if (result !== NONE) return result
  }
  throw new TemplateFault(`the method .${name}() of ${describe(target)} is unknown`)
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
