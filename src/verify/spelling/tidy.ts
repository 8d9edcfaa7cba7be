/** LaTeX and plain text to one spelling: single characters for operators, marked words, no typography. */

import { TEXT_CLOSE, TEXT_OPEN } from '../marks.ts'
import { isUnitWordName, readUnit } from '../units/units.ts'
import { plainCharacters, singleSpaced } from './clean.ts'
import { undressed } from './dress.ts'
import { plainNotation } from './notation.ts'
import { balanced, powersOfFunctions } from './powers.ts'
import { withoutRemarks } from './remarks.ts'
import { SYMBOLS } from './symbols.ts'

// Our own marks for words must not come from outside.
const PRIVATE_USE = /[\ue000-\ue0ff]/g
const TEXT_COMMAND =
  /\\(?:text(?:bf|it|rm|tt|sf|sc|normal)?|mbox|hbox|mathrm|mathsf|mathtt|mathit|mathbf|boldsymbol|bm|operatorname\*?|emph|underline|boxed|fbox)\s*\{((?:[^{}]|\{[^{}]*\})*)\}/g
const FUNCTION_NAMES =
  'asinh|acosh|atanh|asin|acos|atan|acot|asec|acsc|sech|csch|arcsinh|arccosh|arctanh|arcsin|arccos|arctan|arccot|arcsec|arccsc|arsinh|arcosh|artanh|sinh|cosh|tanh|coth|sin|cos|tan|cot|sec|csc|log|ln|lg|exp|lcm|gcd|max|min|floor|ceil|mod|det'
const ALIASES: Readonly<Record<string, string>> = {
  asin: 'arcsin',
  acos: 'arccos',
  atan: 'arctan',
  asinh: 'operatorname{arcsinh}',
  acosh: 'operatorname{arccosh}',
  atanh: 'operatorname{arctanh}',
  arcsinh: 'operatorname{arcsinh}',
  arccosh: 'operatorname{arccosh}',
  arctanh: 'operatorname{arctanh}',
  acot: 'cot^{-1}',
  asec: 'sec^{-1}',
  acsc: 'csc^{-1}',
  arccot: 'cot^{-1}',
  arcsec: 'sec^{-1}',
  arccsc: 'csc^{-1}',
  mod: 'bmod',
}
const FUNCTION_WORD = new RegExp(`^(?:${FUNCTION_NAMES})$`)
const AND = /^(?:and|und|och|as well as|and also)$/i
const OR = /^(?:or|oder|ou|или|lub|or else|and\/or)$/i

/** `and` and `or` each have their sign; which of the two matters to relations and not to lists of values. */
function connectiveOf(word: string): string | undefined {
  return AND.test(word) ? ' ∧ ' : OR.test(word) ? ' ∨ ' : undefined
}

const ROW_DISTANCE = /\\\\\s*\[\s*-?[\d.]+\s*(?:pt|em|ex|mm|cm|in|mu)\s*\]/g
// One search for all of them: most texts have none.
const ANY_SYMBOL = new RegExp(SYMBOLS.map(([pattern]) => pattern.source).join('|'))
const MAY_HAVE_SYMBOLS = /[\\\u0080-\uffff]|[<>!=-][=>]|\+[-/]|\.\.\./

/** One spelling; text that is not a formula keeps its words. */
export function tidyAnswer(raw: string): string {
  let text = plainCharacters(undressed(raw))
  if (/[^ -~]/.test(text)) text = text.replace(PRIVATE_USE, '').replace(/[\u2212\u2013\ufe63]/g, '-')
  text = restated(plainNotation(text))
  // JSON written twice: `\\frac`; in a matrix the two backslashes end a row.
  if (text.includes('\\\\[')) text = text.replace(ROW_DISTANCE, '\\\\')
  if (text.includes('\\\\begin')) text = text.replaceAll('\\\\', '\\')
  else if (!text.includes('\\begin')) text = text.replace(/\\\\(?=[A-Za-z{}])/g, '\\')
  if (HAS_SPACING.test(text)) text = plainSpacing(text)
  if (HAS_ENDS.test(text)) {
    text = text
      .replace(/(?:<\|\w{1,30}\|>|<\/s>)\s*$/g, '')
      .replace(/\{\s*,\s*\}/g, ',')
      .replace(/\\?\$|[€£¥₹]|(?<!\\)~/g, ' ')
      .replace(/(\d)\s*\^?\s*\{?\s*(?:\\(?:text|mathrm|textrm)\s*\{)?\s*(?:th|st|nd|rd)\s*\}{0,2}(?![A-Za-z])/g, '$1')
  }
  if (text.includes('_')) text = text.replace(/_\s*\{\s*(\w+)\s*,\s*(\w+)\s*\}/g, '_{$1$2}')
  if (MAY_HAVE_SYMBOLS.test(text) && ANY_SYMBOL.test(text)) {
    for (const [pattern, replacement] of SYMBOLS) text = text.replace(pattern, replacement)
  }
  if (text.includes('≡') && !/mod|\\pod/.test(text)) text = text.replace(/≡/g, '=')
  text = powersOfFunctions(text)
  if (text.includes('⦃')) {
    text = text
      .replace(/(?<=[⦄)])\s*-\s*(?=⦃)/g, '∖')
      .replace(/(\\(?:max|min|gcd|lcm|operatorname\{(?:gcd|lcm|max|min)\}))\s*⦃([^⦃⦄]*)⦄/g, '$1($2)')
  }
  if (HAS_TEXT_COMMAND.test(text)) text = markTextCommands(text)
  text = plainFunctions(text)
  if (HAS_WORDS.test(text)) text = powersOfFunctions(markWords(text))
  return withoutRemarks(trimEnds(singleSpaced(text)))
}

// Searches of this kind, one for many rewrites, are there because most texts have none of what they look for.
const HAS_SPACING =
  /\\(?:[!,;:>.()[\] ]|left|right|displaystyle|textstyle|n?o?limits|[bB]ig|q?quad|hspace|[dtc]frac|frac\s|dbinom|var|exponentialE)/
const HAS_ENDS = /[<$€£¥₹~]|\{\s*,|[\d\s^{](?:th|st|nd|rd)/
const HAS_TEXT_COMMAND = /\\(?:text|mbox|hbox|math|boldsymbol|bm|operatorname|emph|underline|boxed|fbox|a)/

// Two letters that are no command's, or words that are marked.
const HAS_WORDS =
  /(?<![\\A-Za-z])[A-Za-z\u00c0-\u024f\u0400-\u04ff\u3040-\u30ff\u4e00-\u9fff]\p{M}*[A-Za-z\u00c0-\u024f\u0400-\u04ff\u3040-\u30ff\u4e00-\u9fff]|\ue001/u

/** Delimiters, sizes and spaces of LaTeX, and the other names of a command. */
function plainSpacing(text: string): string {
  return text
    .replace(/,\s*\\!\s*/g, ',')
    .replace(/\\!/g, '')
    .replace(/(\d)\\,(?=\d{3}(?!\d))/g, '$1')
    .replace(/\\left\s*\.|\\right\s*\./g, '')
    .replace(/\\(?:left|right|displaystyle|textstyle|limits|nolimits|[bB]igg?[lrm]?)(?![A-Za-z])/g, '')
    .replace(/(?<!\\)\\[()]|\\\[|\\\](?!\s*[,)])/g, ' ')
    .replace(/(?<!\\)\\(?:quad|qquad|hspace\{[^{}]*\}|,|;|:|>| )/g, ' ')
    .replace(/\\[dtc]frac(?![A-Za-z])/g, '\\frac')
    .replace(/\\frac\s+(\d)\s+(\d)(?!\d)/g, '\\frac{$1}{$2}')
    .replace(/\\d?binom/g, '\\binom')
    .replace(/\\var(?=phi|epsilon|theta|rho)/g, '\\')
    .replace(/\\exponentialE/g, 'e')
}

/** `\text{ and }` and its like: what they hold is words, unless it is a number, a symbol or a function's name. */
function markTextCommands(text: string): string {
  const once = (from: string): string =>
    from.replace(TEXT_COMMAND, (command: string, content: string, at: number) => {
      const inner = content.trim()
      if (inner === '') return ' '
      if (command.startsWith('\\boxed') || command.startsWith('\\fbox')) return ` ${inner} `
      if (FUNCTION_WORD.test(inner) && !(inner === 'min' && /\d[\s~\\,;]*$/.test(from.slice(0, at))))
        return functionCommand(inner)
      // sgn(x), erf{(x)}: a function that has no name here stays one.
      const isCall = command.startsWith('\\operatorname') && /^\s*\{?\s*\(/.test(from.slice(at + command.length))
      if (isCall && /^[A-Za-z]{2,}$/.test(inner)) return command
      if (/^[A-Za-z]$/.test(inner) && !command.startsWith('\\text') && !command.startsWith('\\mbox')) {
        return isUnitWordName(inner) &&
          /^\\(?:mathrm|rm)/.test(command) &&
          (content !== inner || /(?:[\d/]|\d\s*\})[\s\\,;~]*$/.test(from.slice(0, at)))
          ? mark(inner)
          : `{${inner}}`
      }
      if (/[\\^/·]/.test(inner) && isBehindNumber(from, at) && readUnit(inner).factor !== undefined) return mark(inner)
      if (/^[\d.,\s+*/=^_-]*$|^[^A-Za-z]*$|\\|[_^]/.test(inner)) return ` ${content} `
      return mark(content)
    })
  return once(
    once(text.replace(/\\(?=(?:arc(?:sin|cos|tan)h|a(?:sin|cos|tan)h?|a(?:rc)?(?:cot|sec|csc))(?![A-Za-z]))/g, '')),
  )
}

function isBehindNumber(text: string, at: number): boolean {
  return /[\d})\]](?:\s|\\[,;: ]|~)*$/.test(text.slice(Math.max(0, at - 12), at))
}

function functionCommand(name: string): string {
  return `\\${ALIASES[name] ?? name} `
}

function mark(words: string): string {
  const connective = connectiveOf(words.trim().replace(/^[\s,]+|[\s,]+$/g, ''))
  if (connective !== undefined) return connective
  // `hour and` of `1 hour and 20 minutes`.
  const [, before, last] = /^(.*\S)\s+(and|or)\s*$/s.exec(words) ?? []
  if (before !== undefined && last !== undefined) return `${mark(before)}${connectiveOf(last)}`
  return `${TEXT_OPEN}${words.replace(/[\ue000\ue001]/g, ' ')}${TEXT_CLOSE}`
}

// `x^10` is the tenth power to everybody but LaTeX; `\sin^22x` is a square.
const BARE_EXPONENT = /(?<!\\(?:a?(?:rc)?(?:sin|cos|tan)h?|cot|sec|csc|log|ln)\s?)\^(\d{2,})(?![\d.])/g

const MAY_BE_PLAIN =
  /sqrt\s*\(|(?<![\\A-Za-z])(?:sqrt|inf|oo|pi)|(?<=\d)\s*(?:or|and)|DNE|\*|\^\s*(?:\d\d|\()|_\d\d|\dx?\s*x\s*10/i

// `a_10` in plain text is the tenth of them.
const BARE_INDEX = /(?<=(?<![A-Za-z\\])[A-Za-z])_(\d{2,3})(?!\d)/g

/** `sqrt(x)`, `x**2`, `x^(1/2)`, `pi`, `oo`: the ways of plain text. */
function plainFunctions(text: string): string {
  if (!MAY_BE_PLAIN.test(text)) return text
  return balanced(text, /(?<![A-Za-z])\\?sqrt\s*\(/g, '\\sqrt{')
    .replace(/(?<![\\A-Za-z])sqrt(?=\s*[\d{[])/g, '\\sqrt')
    .replace(/(?<![\\A-Za-z])(?:infinity|infty|inf|oo)(?![A-Za-z])/gi, '∞')
    .replace(/(?<![\\A-Za-z])pi(?![A-Za-z])/g, '\\pi ')
    .replace(/(?<=\d)\s*(or|and)\s*(?=[A-Z](?:\(|\b))/g, (_, word: string) => connectiveOf(word) ?? ' , ')
    .replace(/(?<![A-Za-z])DNE(?![A-Za-z])/g, mark('does not exist'))
    .replace(/\*\*(?=\s*[\d({[A-Za-z-])/g, '^')
    .replace(/(?<!\^)\*(?!\*)/g, '\\cdot ')
    .replace(BARE_EXPONENT, '^{$1}')
    .replace(BARE_INDEX, '_{$1}')
    .replace(/(?<=\d)\s*x\s*(?=10\s*\^)/g, '\\times ')
    .replace(/\^\s*\(/g, '^(')
}

// Two- and three-letter words that stand in answers; other short runs of letters are products: xy, abc.
const SHORT_WORDS = new Set(
  'an as at by if in is it no of on so to we are all any but can day for has its let not odd one out per sum the two way yes pct day min sec max'.split(
    ' ',
  ),
)

const WORD = /(?:[A-Za-z\u00c0-\u024f\u0400-\u04ff\u3040-\u30ff\u4e00-\u9fff]\p{M}*){2,}(?:['’-][a-z]+)*/gu

/** Marks runs of letters that are words; `and`, `or` become commas, names of functions get their backslash. */
function markWords(text: string): string {
  const parts = text.split(
    /(\ue000[^\ue001]*\ue001|\\begin\{\w+\*?\}(?:\{[^{}]*\})?|\\end\{\w+\*?\}|\\mathbb\{\w\}|\\operatorname\{\w+\}|\\[A-Za-z]+)/,
  )
  return parts
    .map((part) => (/^[\ue000\\]/.test(part) ? part : part.replace(WORD, wordOf)))
    .join('')
    .replace(/\ue001((?:\s+an?(?=\s))?[\s'’-]*)\ue000/g, '$1 ')
}

function wordOf(word: string, at: number, whole: string): string {
  const connective = connectiveOf(word)
  if (connective !== undefined) return connective
  const isMinutes =
    word === 'min' && /\d\s*$/.test(whole.slice(Math.max(0, at - 4), at)) && !/^\s*[({⦃\\]/.test(whole.slice(at + 3))
  if (FUNCTION_WORD.test(word) && !isMinutes) return functionCommand(word)
  const before = whole.charAt(at - 1)
  if (before === '_' || before === '{') return word
  const isUnit = isUnitWordName(word) && /[\d\s)}]/.test(before)
  const after = whole.charAt(at + word.length)
  // The at of at + b is a product.
  if (!isUnit && word.length <= 3 && /[+*/^=_]/.test(`${before}${after}`)) return word
  if (isUnit || word.length >= 4 || /[^A-Za-z]/.test(word) || SHORT_WORDS.has(word.toLowerCase())) return mark(word)
  return word
}

/** End punctuation and bold around the whole. */
function trimEnds(text: string): string {
  let start = 0
  let end = text.length
  while (start < end && ' *`,;:'.includes(text.charAt(start))) start++
  while (start < end && ' *`,;:.\\'.includes(text.charAt(end - 1))) end--
  return text.slice(start, end)
}

const BASE_WORDS = 'two three four five six seven eight nine ten eleven twelve'.split(' ')
const BASE_BEHIND =
  /^\s*\$?\s*([0-9A-F]+)\s*\$?\s*(?:\\(?:text|mathrm)\s*\{\s*)?(?:\(\s*)?(?:in )?base[\s-]*(?:\})?\s*\$?\s*(\d{1,2}|[a-z]+)\s*\)?\s*\}?\s*\$?\s*$/i
const BASE_BELOW = /_\s*\{?\s*\\(?:text|mathrm|textrm)\s*\{\s*([a-z]+)\s*\}\s*\}?/g

// `0.1666…`: what comes three times continues.
const REPEATING = /(\d*\.\d*?)(\d{1,6}?)\2{2,}\s*(?:\\[lcd]?dots|\.\.\.+|…)/g
// `1/4 (0.25)`, `\sqrt2 (≈ 1.414)`: the same value again, which is compared with the first.
const ALSO =
  /^(.*(?:\\frac|\\sqrt|\\pi|\/).*[\d}a-z])(?:\s|~|\\[,;: ])+\(\s*(?:or|≈|=|\\approx|approximately|about)?\s*(-?\d*\.?\d+\s*(?:\\?%)?)\s*\)\s*\.?\s*$/s

/** Numerals with their bases in words, and the big O in any font: one spelling each. */
function restated(text: string): string {
  let plain = text
  if (/base/i.test(text)) {
    plain = plain.replace(BASE_BEHIND, (whole, digits: string, base: string) => {
      const size = /^\d/.test(base) ? Number(base) : BASE_WORDS.indexOf(base.toLowerCase()) + 2
      return size < 2 ? whole : `${digits}_{${size}}`
    })
  }
  if (text.includes('_')) {
    plain = plain.replace(BASE_BELOW, (whole, word: string) =>
      BASE_WORDS.includes(word) ? `_{${BASE_WORDS.indexOf(word) + 2}}` : whole,
    )
  }
  if (/\.\d+\s*(?:\\[lcd]?dots|\.\.\.|…)/.test(plain)) plain = plain.replace(REPEATING, '$1\\overline{$2}')
  if (/\d\s*(?:\\?%)?\s*\)\s*\$?\s*\.?$/.test(plain)) plain = plain.replace(ALSO, '$1 ∨ $2')
  return plain.includes('\\mathcal') ? plain.replace(/\\mathcal\s*\{?\s*([OP])\s*\}?/g, '$1') : plain
}
