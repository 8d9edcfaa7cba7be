/** Ways of writing that are rewritten before anything else is read: fonts without braces, `\over`, left braces, money. */

import { TEXT_CLOSE, TEXT_OPEN } from '../marks.ts'
import { CJK_SCALES, CJK_UNITS } from '../units/table.ts'

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
// `2\text{cis }40^\circ`: a point of the unit circle by its angle.
const CIS =
  /\\(?:(?:operatorname|text|mathrm)\s*\{\s*cis\s*\}|cis(?![A-Za-z]))\s*(\((?:[^()]|\([^()]*\))*\)|\\frac\s*\{[^{}]*\}\s*\{[^{}]*\}|-?\d+(?:\.\d+)?\s*(?:\^\s*\{?\s*\\circ\s*\}?|°)|\\(?:theta|alpha|pi)(?![A-Za-z]))/g
// `\underbrace{99\ldots9}_{100}`: one digit so many times.
const REPEATED_DIGIT =
  /\\(?:under|over)brace\s*\{\s*(\d)(?:\s|\\,)*(?:\1(?:\s|\\,)*)*\\[lc]?dots\s*\1\s*\}\s*[_^]\s*\{\s*(?:\\text\s*\{\s*)?([\dn]{1,6})\s*(?:\}?\s*\\text\s*\{)?\s*(?:digits?|times|(?:\d|zero|nine)['’]?s)?\s*\}?\s*\}/g
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
const BEFORE_P =
  /(?:\{\s*\})?\s*_\s*(?:\{\s*(\d+)\s*\}|(\d))\s*(?:\\(?:mathrm|text|rm)\s*)?\{?P\}?\s*_\s*(?:\{\s*(\d+)\s*\}|(\d))/g
const MONEY_BEFORE =
  /(?:(?<![A-Za-z])(US\\?\$|A\\?\$|C\\?\$|USD|EUR|GBP|JPY|CNY|RMB|INR|KRW|AUD|CAD|CHF|BRL|MXN|SEK|Rs\.?)\s*|(\\\$|€|£|¥|₹|\\pounds|\\euro|\\yen)\s*)(-?(?:\d{1,3}(?:\{?,\}?(?:\\!\s*)?\d{2,3})+|\d+)(?:\.\d+)?|-?\.\d+)((?:\s|~|\\[,;: ])*(?:\\(?:text|mathrm)\s*\{\s*)?(?:million|billion|trillion|thousand|hundred)\b\s*\}?)?(?=\s*(?:[.,;]?\s*\$?\s*$|\\?[$),;/]|\s(?:and|or|per|a|dollars?)\b|\\text|\\,|\s?\ue000))/g
const MONEY_BEHIND = /(?<=\d\s*)(€|£|₹|¥|\\\$|¢|\\pounds|\\euro|\\yen)(?![\d\s]*\d)/g
const MONEY_NAMES: Readonly<Record<string, string>> = {
  '\\$': 'USD',
  US$: 'USD',
  'US\\$': 'USD',
  A$: 'AUD',
  'A\\$': 'AUD',
  C$: 'CAD',
  'C\\$': 'CAD',
  '€': 'EUR',
  '\\euro': 'EUR',
  '£': 'GBP',
  '\\pounds': 'GBP',
  '¥': 'JPY',
  '\\yen': 'JPY',
  '₹': 'INR',
  Rs: 'INR',
  'Rs.': 'INR',
  '¢': 'cent',
}
const UNIT_OVER_UNIT =
  /(?<=[\d})]\s*(?:\\[,;: ]|~)?\s*)(km|cm|mm|mi|miles?|meters?|metres?|kilometers?|feet|ft|kg|mg|g|m|J|N|W|mol|L|l|ml|mL|liters?)\s*\/\s*(hours?|hrs?|hr|h|seconds?|sec|s|minutes?|min|kg|mol|L|l|cm|m|K|day)(?![A-Za-z])(\s*\^\s*\{?\s*[23]\s*\}?|[²³])?(?=\s*(?:$|[,;$]|and\b|or\b))/g

/** The same text with one way of writing each; nothing here depends on the other side. */
export function plainNotation(raw: string): string {
  let text = raw.includes('\\') ? plainCommands(raw) : raw
  if (text.includes('_') && /[ACP]/.test(text)) {
    text = text
      .replace(BEFORE_P, arrangements)
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
  if (text.includes('cis')) text = text.replace(CIS, (_, angle: string) => `e^{i${angle}}`)
  if (text.includes('brace')) text = text.replace(REPEATED_DIGIT, repeatedDigit)
  if (text.includes('\\dot')) text = text.replace(DOTTED, repeating)
  if (text.includes('\\math')) text = text.replace(/\\mathrm\s*\{?\s*d\s*\}?(?=\s*[a-z](?![A-Za-z]))/g, 'd')
  if (/\}\s*\{\s*(?:\\partial|d)/.test(text)) text = text.replace(DERIVATIVE, '\\frac{$1}{$1 $3}$2')
  text = text.replace(FONT, '\\$1{$2}')
  if (text.includes('\\begin')) text = text.replace(LEFT_BRACE, '\\begin{cases}$2\\end{cases}')
  if (text.includes('\\over')) text = fractionsOfOver(text)
  if (text.includes('^')) text = text.replace(/\^\s*\{\s*([+-])\s*\}/g, '^$1')
  return text.includes('^') && /\\frac\s*\{\s*(?:d|\\partial)/.test(text) ? higherDerivatives(text) : text
}

/** Money, groups of thousands with points, units of one letter that a second unit gives away. */
function plainAmounts(amount: string): string {
  let text = amount
  if (/[$€£¥₹¢]|\\(?:euro|yen|pounds)|[A-Z]{3}|Rs/.test(text)) {
    text = text
      .replace(
        /\\(?:text|mathrm|mbox)\s*\{\s*(USD|EUR|GBP|JPY|CNY|RMB|INR|KRW|AUD|CAD|CHF|BRL|MXN|SEK|US\\?\$|Rs\.?)\s*\}(?:\s|~|\\[,;: ])*(?=-?[\d.])/g,
        '$1 ',
      )
      .replace(
        MONEY_BEFORE,
        (_, code: string | undefined, sign: string | undefined, value: string, scale = '') =>
          `${value}${scale === '' ? unitMark(MONEY_NAMES[code ?? sign ?? ''] ?? code ?? '') : ` ${unitMark(/[a-z]{4,}/.exec(scale.replace('text', ''))?.[0] ?? '')}`}`,
      )
      .replace(MONEY_BEHIND, (sign) => unitMark(MONEY_NAMES[sign] ?? sign))
  }
  if (/[\u3040-\u30ff\u4e00-\u9fff\uac00-\ud7af]/.test(text)) text = cjkUnits(text)
  if (/°|\^\s*\{?\s*\\circ|\\degree/.test(text))
    text = text.replace(TEMPERATURE, (_, name: string) => unitMark(`°${name}`))
  if (text.includes('\\Omega') || text.includes('Ω') || text.includes('\\mu')) {
    text = text
      .replace(OHMS, (_, prefix: string | undefined, plain: string | undefined) =>
        unitMark(`${prefix ?? plain ?? ''}Ω`),
      )
      .replace(MICRO, (_, name: string) => unitMark(`µ${name}`))
  }
  text = text.replace(POWERED_UNIT, (_, name: string, power: string) =>
    unitMark(`${name}^${power === '²' ? 2 : power === '³' ? 3 : (/\d/.exec(power)?.[0] ?? 1)}`),
  )
  if (text.indexOf('.') !== text.lastIndexOf('.')) {
    text = text.replace(/(?<![\d.,])\d{1,3}(?:\.\d{3}){2,}(?![\d.,])/g, (groups) => groups.replaceAll('.', ''))
  }
  if (/\d\s?[hmkgcfld]\w*\s+(?:and\s+)?\d/.test(text)) {
    text = text.replace(UNIT_BEFORE_UNIT, `${TEXT_OPEN}$1${TEXT_CLOSE}$2${TEXT_OPEN}$3${TEXT_CLOSE}`)
  }
  if (/[A-Za-z]\s*\/\s*[A-Za-z]/.test(text)) text = text.replace(UNIT_OVER_UNIT, `${TEXT_OPEN}$1/$2$3${TEXT_CLOSE}`)
  return text.includes(' to ')
    ? text.replace(/^\s*\$?(\d+(?:\.\d+)?)\$?\s+to\s+\$?(\d+(?:\.\d+)?)\$?\s*$/, '$1:$2')
    : text
}

const FONT_OPEN = String.raw`(?:\\(?:text|mathrm|rm|textrm|operatorname)\s*\{?\s*)?`
const TEMPERATURE = new RegExp(
  String.raw`(?:\\text\s*\{\s*\}|\s|\\[,;: ]|~|\{\})*(?:\^\s*\{?\s*\\circ\s*\}?|°|\\degree)(?:\s|\\[,;: ]|~)*${FONT_OPEN}([CF])(?![A-Za-z])\s*\}?`,
  'g',
)
const OHMS = new RegExp(
  String.raw`(?<=\d)(?:\s|\\[,;: ]|~)*(?:${FONT_OPEN}([kMGm])\s*\}|([kMGm]))?\s*(?:\\(?:mathrm|text)\s*\{\s*)?(?:\\Omega(?![A-Za-z])|Ω)\s*\}?(?=\s*(?:$|[$.,;]))`,
  'g',
)
const MICRO = new RegExp(
  String.raw`(?<=\d)(?:\s|\\[,;: ]|~)*(?:\\mu(?![A-Za-z])|µ|μ)\s*${FONT_OPEN}(F|m|g|s|A|H|V|W|C|L|Pa|mol|M|T)(?![A-Za-z])\s*\}?`,
  'g',
)
// `50cm^2`: two letters and a power right behind a number.
const POWERED_UNIT =
  /(?<=\d(?:\s|\\[,;: ]|~)*)(mm|cm|dm|km|ft|in|yd|mi)\s*(\^\s*\{?\s*[23]\s*\}?|[²³])(?=\s*(?:$|[$.,;]))/g

function unitMark(name: string): string {
  return name === '' ? '' : `${TEXT_OPEN}${name}${TEXT_CLOSE}`
}

const CJK_BEHIND =
  /(?<=\d[\d.,]*\s*|[)}]\s*)(?:\\(?:text|mathrm|mbox)\s*\{\s*)?([\u3040-\u30ff\u4e00-\u9fff\uac00-\ud7af]{1,8})\s*\}?(?=\s*(?:$|[$.,;，。]))/g

/** Counters fall off, units get their names, powers of ten are multiplied; another word stays what it is. */
function cjkUnits(text: string): string {
  return text.replace(CJK_BEHIND, (whole, word: string) => {
    const scale = CJK_SCALES.get(word.charAt(0))
    const unit = CJK_UNITS.get(scale !== undefined && !CJK_UNITS.has(word) ? word.slice(1) : word)
    if (scale !== undefined && !CJK_UNITS.has(word))
      return `\\cdot ${scale}${unit === undefined || unit === '' ? (word.length > 1 && unit === undefined ? unitMark(word.slice(1)) : '') : unitMark(unit)}`
    if (unit !== undefined) return unitMark(unit)
    return countsOnly(word) ? '' : unitMark(whole.replace('}', ''))
  })
}

// `or more`, `or`, `half`, `times`, numbers, powers: none of them names what was counted.
const CJK_MEANING =
  /[以上下内內外多余餘约約半或和且与與及到至倍分之几幾第负負不非无無百千万萬亿億零一二三四五六七八九十点點次方根以モりか以上]/

/** `个苹果`: a counter and the name of what it counts. */
function countsOnly(word: string): boolean {
  return CJK_UNITS.get(word.charAt(0)) === '' && word.length <= 6 && !CJK_MEANING.test(word.slice(1))
}

const HIGHER_DERIVATIVE =
  /\\frac\s*\{\s*(d|\\partial)\s*\^\s*\{?\s*(\d)\s*\}?\s*([A-Za-z](?:\s*_\s*(?:\{\s*\w+\s*\}|\w))?)\s*\}\s*\{\s*(?:d|\\partial)\s*([a-z])\s*(?:\^\s*\{?\s*(\d)\s*\}?)?\s*\}/g

const DERIVATIVE_OF =
  /\\frac\s*\{\s*(d|\\partial)\s*\^\s*\{?\s*(\d)\s*\}?\s*\}\s*\{((?:[^{}]|\{[^{}]*\})*)\}\s*([A-Za-z])(?![A-Za-z(])/g

/** `\frac{d^2y}{dx^2}` as a name of its own; one whose orders differ above and below is none. */
function higherDerivatives(from: string): string {
  // The name may stand behind the fraction.
  const text = from.replace(DERIVATIVE_OF, '\\frac{$1^$2 $4}{$3}')
  return text.replace(HIGHER_DERIVATIVE, (_, sign: string, above: string, name: string, by: string, below = '1') =>
    above === below
      ? `${name}_{${sign === 'd' ? 'd' : 'p'}${by}${above}}`
      : `${TEXT_OPEN}not a derivative${TEXT_CLOSE}`,
  )
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

function repeatedDigit(_: string, digit: string, count: string): string {
  return `\\frac{${digit}\\cdot(10^{${count}}-1)}{9}`
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
