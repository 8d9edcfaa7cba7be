/** Ways of writing that are rewritten before anything else is read: fonts without braces, `\over`, left braces, money. */

import { TEXT_CLOSE, TEXT_OPEN } from '../marks.ts'

const FONT =
  /\\(mathbb|mathbf|mathrm|mathcal|mathit|mathsf|boldsymbol|bm|vec|hat|bar|overline|dot|tilde)\s+([A-Za-z0-9])(?![A-Za-z])/g
const RUSSIAN = /\\(?:operatorname\s*\{\s*)?(arcctg|arctg|ctg|tg|cosec)(?![A-Za-z])(?:\s*\})?/g
const RUSSIAN_NAMES: Readonly<Record<string, string>> = {
  arctg: 'arctan',
  arcctg: 'arccot',
  ctg: 'cot',
  tg: 'tan',
  cosec: 'csc',
}
// `0.\dot{1}\dot{2}`: the digits from the first dot to the last come again and again.
const DOTTED = /(\d\.\d*)\\dot\s*\{?(\d)\}?(?:(\d*)\\dot\s*\{?(\d)\}?)?/g
const DERIVATIVE = /\\frac\s*\{\s*(\\partial|d)\s*(\([^{}]*\))\s*\}\s*\{\s*\1\s*([a-z])\s*\}/g
const LEFT_BRACE =
  /\\left\s*\\\{\s*\\begin\{(array|aligned|align\*?|matrix|gathered|split)\}(?:\{[^{}]*\})?((?:(?!\\begin)[\s\S])*?)\\end\{\1\}\s*(?:\\right\s*\.|$)/g
// How many of how many: the lower number is the larger one, as nobody writes the index of a square.
const COMBINATIONS = /(?<![A-Za-z\\])(?:\\(?:mathrm|text|rm)\s*)?\{?C\}?\s*_\s*(\{[^{}]*\}|\w)\s*\^\s*(\{[^{}]*\}|\w)/g
const ARRANGEMENTS =
  /(?<![A-Za-z\\])(?:\\(?:mathrm|text|rm)\s*)?\{?[AP]\}?\s*_\s*(?:\{\s*(\d+)\s*\}|(\d))\s*\^\s*(?:\{\s*(\d+)\s*\}|(\d))/g
const BEFORE_C = /(?:\{\s*\})?\s*_\s*(\{[^{}]*\}|\w)\s*(?:\\(?:mathrm|text|rm)\s*)?\{?C\}?\s*_\s*(\{[^{}]*\}|\w)/g
const MONEY = /\\\$\s*((?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?|\.\d+)(?=\s*(?:[.,;]?\s*\$?\s*$|\\?[$),;]|\s(?:and|or)\b))/g
const UNIT_OVER_UNIT =
  /(?<=[\d})]\s*(?:\\[,;: ]|~)?\s*)(km|cm|mm|mi|miles?|meters?|metres?|kilometers?|feet|ft|kg|mg|g|m|J|N|W|mol|L|l|ml|mL|liters?)\s*\/\s*(hours?|hrs?|hr|h|seconds?|sec|s|minutes?|min|kg|mol|L|l|cm|m|K|day)(?![A-Za-z])(\s*\^\s*\{?\s*[23]\s*\}?|[²³])?(?=\s*(?:$|[,;$]|and\b|or\b))/g

/** The same text with one way of writing each; nothing here depends on the other side. */
export function plainNotation(raw: string): string {
  let text = raw.includes('\\') ? plainCommands(raw) : raw
  if (text.includes('_') && /[ACP]/.test(text)) {
    text = text
      .replace(BEFORE_C, (_, n: string, k: string) => `\\binom${braced(n)}${braced(k)}`)
      .replace(COMBINATIONS, (_, n: string, k: string) => `\\binom${braced(n)}${braced(k)}`)
      .replace(ARRANGEMENTS, arrangements)
  }
  if (/[\u4e00-\u9fff\u3001]/.test(text)) {
    text = text.replace(/\\text\s*\{\s*(?:或者?|[和且及与])\s*\}|或者?|[和且、，；]/g, ' , ')
  }
  if (text.includes('[')) text = openBrackets(text)
  return /\d/.test(text) ? plainAmounts(text) : text
}

/** Each pattern is looked for only where a character of it is there: most texts have none of them. */
function plainCommands(raw: string): string {
  let text = raw
  if (/tg|cosec/.test(text)) text = text.replace(RUSSIAN, russianName)
  if (text.includes('\\dot')) text = text.replace(DOTTED, repeating)
  if (text.includes('\\math')) text = text.replace(/\\mathrm\s*\{?\s*d\s*\}?(?=\s*[a-z](?![A-Za-z]))/g, 'd')
  if (/\}\s*\{\s*(?:\\partial|d)/.test(text)) text = text.replace(DERIVATIVE, '\\frac{$1}{$1 $3}$2')
  text = text.replace(FONT, '\\$1{$2}')
  if (text.includes('\\begin')) text = text.replace(LEFT_BRACE, '\\begin{cases}$2\\end{cases}')
  if (text.includes('\\over')) text = fractionsOfOver(text)
  if (text.includes('^')) text = text.replace(/\^\s*\{\s*([+-])\s*\}/g, '^$1')
  return text.includes('\\$') ? text.replace(MONEY, `$1${TEXT_OPEN}dollar${TEXT_CLOSE}`) : text
}

/** Money, groups of thousands with points, units of one letter that a second unit gives away. */
function plainAmounts(amount: string): string {
  let text = amount
  if (/^[\s$]*(?:Rs|USD|EUR|INR|US)/.test(text)) {
    text = text.replace(/^\s*\$?\s*(?:Rs\.?|USD|EUR|INR|US\\?\$)\s*(?=\d)/, '')
  }
  if (text.indexOf('.') !== text.lastIndexOf('.')) {
    text = text.replace(/(?<![\d.,])\d{1,3}(?:\.\d{3}){2,}(?![\d.,])/g, (groups) => groups.replaceAll('.', ''))
  }
  if (/\d\s?[hmkgcfld]\w*\s+(?:and\s+)?\d/.test(text)) {
    text = text.replace(UNIT_BEFORE_UNIT, `${TEXT_OPEN}$1${TEXT_CLOSE}$2${TEXT_OPEN}$3${TEXT_CLOSE}`)
  }
  if (/[A-Za-z]\s*\/\s*[A-Za-z]/.test(text)) text = text.replace(UNIT_OVER_UNIT, `${TEXT_OPEN}$1/$2$3${TEXT_CLOSE}`)
  if (text.includes('¢')) text = text.replace(/(?<=\d)\s*¢/g, `${TEXT_OPEN}cent${TEXT_CLOSE}`)
  return text.includes(' to ')
    ? text.replace(/^\s*\$?(\d+(?:\.\d+)?)\$?\s+to\s+\$?(\d+(?:\.\d+)?)\$?\s*$/, '$1:$2')
    : text
}

// `2 h 15 min`: the first letter alone might be a product.
const UNIT_BEFORE_UNIT =
  /(?<=\d\s?)(h|hrs?|m|km|kg|g|cm|ft|lbs?|min|d)(\s+(?:and\s+)?\d+(?:\.\d+)?\s*)(minutes?|mins?|min|m|sec|s|grams?|g|cm|mm|inches|in|oz)\s*$/

/** `]0, 1[` to `(0, 1)`, and its like in unions. */
function openBrackets(text: string): string {
  if (!/^[\s$]*(?:\\left\s*)?\]|\[\s*\$?\s*$|[,;]\s*[^[\]]*\[\s*(?:\\cup|∪)/.test(text)) return text
  return text.replace(
    /(\\left\s*)?([[\]])((?:(?!\\right)[^[\]()])*[,;](?:(?!\\right)[^[\]()])*)(\\right\s*)?([[\]])/g,
    (_, left = '', open: string, inside: string, right = '', close: string) =>
      `${left}${open === ']' ? '(' : '['}${inside}${right}${close === '[' ? ')' : ']'}`,
  )
}

function russianName(_: string, name: string): string {
  return `\\${RUSSIAN_NAMES[name] ?? name} `
}

function repeating(_: string, before: string, first: string, between = '', last = ''): string {
  return `${before}\\overline{${first}${between}${last}}`
}

function braced(part: string): string {
  return part.startsWith('{') ? part : `{${part}}`
}

function arrangements(whole: string, n?: string, oneN?: string, k?: string, oneK?: string): string {
  const [of, many] = [Number(n ?? oneN), Number(k ?? oneK)]
  return of >= many && of <= 100 ? `\\frac{${of}!}{${of - many}!}` : whole
}

const MOST_OVERS = 16

/** `{a \over b}` to `\frac{a}{b}`, with the braces that stand around it. */
function fractionsOfOver(from: string): string {
  let text = from
  for (let round = 0; round < MOST_OVERS; round++) {
    const over = /\\over(?![A-Za-z])/.exec(text)
    if (!over) return text
    const start = enclosing(text, over.index - 1, -1)
    const end = enclosing(text, over.index + over[0].length, 1)
    const [top, bottom] = [
      text.slice(start === undefined ? 0 : start + 1, over.index),
      text.slice(over.index + over[0].length, end ?? text.length),
    ]
    if ((start === undefined) !== (end === undefined)) return text
    const fraction = `\\frac{${top.trim()}}{${bottom.trim()}}`
    text = `${text.slice(0, start ?? 0)}${fraction}${end === undefined ? '' : text.slice(end + 1)}`
  }
  return text
}

/** The place of the brace around `from`, sought in one direction. */
function enclosing(text: string, from: number, step: 1 | -1): number | undefined {
  let depth = 0
  for (let at = from; at >= 0 && at < text.length; at += step) {
    const character = text.charAt(at)
    if (character === (step > 0 ? '{' : '}')) depth++
    else if (character === (step > 0 ? '}' : '{')) {
      if (depth === 0) return at
      depth--
    }
  }
  return undefined
}
