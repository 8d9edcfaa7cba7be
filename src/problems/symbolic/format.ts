/** Python's format specifications: `{price:.2f}`, `{n:,}`, `"%d apples" % n`. */

import { isNumeric, multiply, type Numeric, toDouble } from './exact.ts'
import { compare, fixedText, truncate } from './exact-functions.ts'
import { TemplateFault } from './fault.ts'
import { isLabelled, numberIn, textOf, type Value } from './value.ts'

const SPECIFICATION = /^(?:(.)?([<>^=]))?([+ -])?(0)?(\d+)?([,_])?(?:\.(\d+))?([a-zA-Z%])?$/u

/** @param rest what follows the expression in its braces: empty, `!r`, `:.2f` @throws TemplateFault */
export function formatValue(value: Value, rest: string): string {
  const specification = rest
    .replace(/^![rsa]/, '')
    .trim()
    .replace(/^:/, '')
  if (specification === '') return textOf(value)
  const match = SPECIFICATION.exec(specification)
  if (match === null) throw new TemplateFault(`the format "${specification.slice(0, 20)}" is not supported`)
  const [, fill, align, sign, zero, width = '0', group, places, type] = match
  if (Number(width) > 200 || Number(places ?? 0) > 100) {
    throw new TemplateFault(`the format "${specification.slice(0, 20)}" is too wide`)
  }
  const isNumber = isNumeric(value) || typeof value === 'boolean' || (isLabelled(value) && type !== undefined)
  const text = isNumber ? numberAs(numberIn(value), type, places, group, sign) : cut(textOf(value), type, places)
  return pad(text, fill ?? (zero === undefined ? ' ' : '0'), align ?? (isNumber ? '>' : '<'), Number(width))
}

function cut(text: string, type: string | undefined, places: string | undefined): string {
  if (type !== undefined && type !== 's')
    throw new TemplateFault(`the format "${type}" for the text "${text.slice(0, 20)}"`)
  return places === undefined ? text : text.slice(0, Number(places))
}

function numberAs(
  value: Numeric,
  type: string | undefined,
  places: string | undefined,
  group: string | undefined,
  sign: string | undefined,
): string {
  const text = digitsOf(value, type, places)
  const grouped = group === undefined ? text : text.replace(/\d+/, (whole) => whole.replace(/\B(?=(\d{3})+$)/g, group))
  return (sign === '+' || sign === ' ') && compare(value, 0) >= 0 ? `${sign}${grouped}` : grouped
}

function digitsOf(value: Numeric, type: string | undefined, places: string | undefined): string {
  switch (type) {
    case 'f':
    case 'F':
      return fixedText(value, Number(places ?? 6))
    case '%':
      return `${fixedText(typeof value === 'number' ? value * 100 : hundredfold(value), Number(places ?? 6))}%`
    case 'd':
    case 'n':
      return textOf(truncate(value))
    case 'g':
    case undefined:
      return places === undefined
        ? textOf(value)
        : String(Number(toDouble(value).toPrecision(Math.max(1, Number(places)))))
    case 'e':
    case 'E': {
      const text = toDouble(value).toExponential(Number(places ?? 6))
      return text.replace(/e([+-])(\d)$/, 'e$10$2')
    }
    default:
      throw new TemplateFault(`the format "${type}" is not supported`)
  }
}

function hundredfold(value: Exclude<Numeric, number>): Numeric {
  return value.kind === 'inexact' ? { ...value, value: value.value * 100 } : multiply(value, 100)
}

function pad(text: string, fill: string, align: string, width: number): string {
  const missing = Math.max(0, width - [...text].length)
  if (align === '<') return text + fill.repeat(missing)
  if (align === '^') return fill.repeat(Math.floor(missing / 2)) + text + fill.repeat(Math.ceil(missing / 2))
  const sign = align === '=' || fill === '0' ? (/^[+-]/.exec(text)?.[0] ?? '') : ''
  return sign + fill.repeat(missing) + text.slice(sign.length)
}

/** `"%d apples at %.2f" % (n, price)`. @throws TemplateFault */
export function formatPercent(text: string, values: readonly Value[]): string {
  let place = 0
  return text.replace(/%(?:%|([-+ 0]*\d*(?:\.\d+)?)([a-zA-Z]))/g, (whole, specification: string, type: string) => {
    if (whole === '%%') return '%'
    if (place >= values.length) throw new TemplateFault(`"${text.slice(0, 40)}" has more % than values`)
    const value = values[place++]
    return type === 's' || type === 'r'
      ? textOf(value)
      : formatValue(value, `:${specification}${type === 'i' ? 'd' : type}`)
  })
}

/** `"{} has {n}".format(a, n=b)`. @throws TemplateFault */
export function formatMethod(text: string, values: readonly Value[], named: Readonly<Record<string, Value>>): string {
  let place = 0
  return text.replace(/\{\{|\}\}|\{([^{}:!]*)([^{}]*)\}/g, (whole, name: string | undefined, rest: string) => {
    if (name === undefined) return whole.charAt(0)
    const value = name === '' ? values[place++] : /^\d+$/.test(name) ? values[Number(name)] : named[name]
    return formatValue(value, rest)
  })
}
