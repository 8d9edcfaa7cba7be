/** Takes the wrapping off an answer: math delimiters, bold, text commands, spacing, invisible characters, end marks. */

import { undressed } from './dress.ts'

// Bidirectional marks, zero-width characters and controls carry no mathematics and can hide or reorder digits.
export const INVISIBLE =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: controls are exactly what is removed here
  /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]/g
export const WIDE_SPACE = /[\u00a0\u2000-\u200a\u202f\u205f\u3000]/g
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
  if (!MAY_BE_WRAPPED.test(raw)) return trimMarks(raw.trim().replace(/\s+/g, ' '))
  const text = undressed(raw)
    .replace(INVISIBLE, '')
    .replace(WIDE_SPACE, ' ')
    .replace(/\u2212/g, '-')
    .trim()
    .replace(END_TOKENS, '')
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
  return trimMarks(text.replace(/\s+/g, ' '))
}

/** Bold, italics, code marks and end punctuation around the whole, however they are nested. */
function trimMarks(spaced: string): string {
  // Bold inside the text too, but only as a word of its own: 2**3 is a power.
  const text = spaced.replace(/(^|\s)\*\*([^*]+)\*\*(?=$|[\s.,;:])/g, '$1$2')
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
  const squeezed = cleaned
    .replace(/(?<![A-Za-z])\s+(?!\d)|(?<!\d)\s+(?![A-Za-z])/g, '')
    .replace(/([\^_])\{(\w)\}/g, '$1$2')
    .replace(/\\frac(\d)(\d)/g, '\\frac{$1}{$2}')
  return /^[A-Za-z][A-Za-z ',.-]+$/.test(squeezed) ? squeezed.toLowerCase() : squeezed
}
