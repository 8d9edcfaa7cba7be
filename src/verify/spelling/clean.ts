/** Takes the wrapping off an answer: math delimiters, bold, text commands, spacing, invisible characters, end marks. */

import { undressed } from './dress.ts'

// Bidirectional marks, zero-width characters and controls carry no mathematics and can hide or reorder digits.
const INVISIBLE =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: controls are exactly what is removed here
  /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]/g
const WIDE_SPACE = /[\u00a0\u2000-\u200a\u202f\u205f\u3000]/g
const IS_PLAIN = /^[\t\n\r -~]*$/
const END_TOKENS = /(?:(?:<\|\w{1,30}\|>|<\/s>)\s*)+$/
const TEXT_COMMAND =
  /\\(?:text|textbf|textit|textrm|texttt|mathrm|mathbf|mathit|mathsf|mbox|hbox|operatorname)\s*\{([^{}]*)\}/g

// biome-ignore lint/suspicious/noControlCharactersInRegex: controls are part of what is looked for
const MAY_BE_WRAPPED = /[\\$~{<"\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\uffff]/

/**
 * The answer without its wrapping: `**$\dfrac{1}{2}\text{ cm}$.**` gives `\frac{1}{2} cm`.
 * Meaning is kept: a thousands comma stays a comma, an unknown command stays as it is.
 */
export function cleanAnswer(raw: string): string {
  if (!MAY_BE_WRAPPED.test(raw)) return trimMarks(singleSpaced(raw.trim()))
  const text = plainCharacters(undressed(raw))
    .replace(/\u2212/g, '-')
    .trim()
  const ended = text.endsWith('>') ? text.replace(END_TOKENS, '') : text
  return trimMarks(singleSpaced(HAS_WRAPPING.test(ended) ? withoutWrapping(ended) : ended))
}

// One search for all that is taken off: most texts have no more than a fraction or a root.
const HAS_WRAPPING =
  /[$~]|\{,\}|\\(?:[!()[\]%,;: ]|circ|[dtc]frac|left|right|displaystyle|[bB]ig|q?quad|text|math|mbox|hbox|operatorname)/

function withoutWrapping(text: string): string {
  return text
    .replace(/,\\!\s*/g, ',')
    .replace(/\{,\}/g, ',')
    .replace(/\\!/g, '')
    .replace(/(?<!\\)\\[()[\]]/g, ' ')
    .replace(/\\\$/g, '＄')
    .replace(/\$/g, ' ')
    .replace(/\\%/g, '%')
    .replace(/\^\s*(?:\\circ|\{\s*\\circ\s*\})/g, '°')
    .replace(/\\[dtc]frac(?![A-Za-z])/g, '\\frac')
    .replace(/\\(?:left|right|displaystyle|bigl?|bigr|Bigl?|Bigr)(?![A-Za-z])/g, '')
    .replace(/\\(?:quad|qquad)(?![A-Za-z])/g, ' ')
    .replace(/\\[,;: ]|(?<!\\)~/g, ' ')
    .replace(TEXT_COMMAND, ' $1 ')
}

/** Without what cannot be seen, and with blanks of one width. */
export function plainCharacters(text: string): string {
  return IS_PLAIN.test(text) ? text : text.replace(INVISIBLE, '').replace(WIDE_SPACE, ' ')
}

/** One blank where there are several, or of another kind. */
export function singleSpaced(text: string): string {
  return /\s\s|[^\S ]/.test(text) ? text.replace(/\s+/g, ' ') : text
}

/** Bold, italics, code marks and end punctuation around the whole, however they are nested. */
function trimMarks(spaced: string): string {
  // Bold inside the text too, but only as a word of its own: 2**3 is a power.
  const text = spaced.includes('**') ? spaced.replace(/(^|\s)\*\*([^*]+)\*\*(?=$|[\s.,;:])/g, '$1$2') : spaced
  let start = 0
  let end = text.length
  while (start < end && ' *_`'.includes(text.charAt(start))) start++
  // An exclamation mark stays: 5! is not 5.
  while (start < end && ' *_`\\.,;:'.includes(text.charAt(end - 1))) end--
  return text.slice(start, end)
}

/**
 * A form in which two texts that only differ in spacing and trivial braces are the same string.
 * Words keep one space between them, and so do digits; plain words (two letters or more) lose their case.
 */
export function squeezeText(cleaned: string): string {
  const dense = /\s/.test(cleaned) ? cleaned.replace(/(?<![A-Za-z])\s+(?!\d)|(?<!\d)\s+(?![A-Za-z])/g, '') : cleaned
  const squeezed = /\{|\\frac/.test(dense)
    ? dense.replace(/([\^_])\{(\w)\}/g, '$1$2').replace(/\\frac(\d)(\d)/g, '\\frac{$1}{$2}')
    : dense
  return /^[A-Za-z][A-Za-z ',.-]+$/.test(squeezed) ? squeezed.toLowerCase() : squeezed
}
