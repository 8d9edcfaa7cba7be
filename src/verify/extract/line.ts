/** Answers that are marked in words or by `####`: the line or the sentence behind the last marker. */

import type { Found } from './found.ts'

// Every quantifier is bounded, so that each pattern is linear in the text.
const HASH = /(?<!#)####(?!#)/g
const ANSWER_LINE =
  /^[ \t>*_#-]{0,8}(?:(?:the )?(?:final )?answer|A|R|Ans)[ \t]{0,4}[*_]{0,3}[ \t]{0,4}[:：][ \t]{0,4}[*_]{0,3}/gim
const ANSWER_IS =
  /\banswers?\b[*_]{0,3}(?:,[ \t][a-z \t]{2,24},)?[ \t]{0,4}(?:is|are|equals|=|:)(?:[ \t]{1,4}(?:exactly|simply|just)\b)?[ \t]{0,4}:?/gi
const FINAL_ANSWER_IS = /\bfinal answers?\b[*_]{0,3}[ \t]{0,4}(?:is|are|=)[ \t]{0,4}:?/gi
// `#### 1. Count the eggs` is a heading with a number, not an answer.
const NUMERIC_START = /^(?!\d{1,3}[.)]\s+\*{0,2}[A-Za-z])[\s*_$£€¥]{0,8}(?:\\|[-+\u2212]?[\s$£€¥]{0,4}\.?\d|[({[])/
const VISIBLE = /[^\s*_]/g
const REASON = /,?\s+(?:because|since|which|where|assuming|hence|therefore)\b[\s\S]*$/i

export interface FoundLine extends Found {
  /** The content starts like a number or a formula, so that it is hardly a heading or a turn of phrase. */
  readonly isNumeric: boolean
}

/** The last `####`; one whose line starts like a number is an answer, one of words may be a heading. */
export function findHash(text: string): FoundLine | undefined {
  const at = lastMatch(HASH, text)
  if (!at) return undefined
  const content = contentAfter(text, at.end)
  return { rule: 'extract:hash', at: at.start, content, isNumeric: NUMERIC_START.test(content ?? '') }
}

/** The last line that starts with `Answer:`, `Final answer:` or `A:`; a `the answer is` inside it goes further. */
export function findAnswerLine(text: string): Found | undefined {
  const at = lastMatch(ANSWER_LINE, text)
  if (!at) return undefined
  const line = lineAfter(text, at.end)
  const inner = line === undefined ? undefined : findAnswerIs(line)
  return inner ?? { rule: 'extract:answer-line', at: at.start, content: contentAfter(text, at.end) }
}

/** The last `the answer is X`, `the final answer is X`, `answer: X` anywhere in the text. */
export function findAnswerIs(text: string): Found | undefined {
  return findPhrase(ANSWER_IS, text)
}

/** The last `final answer is X`. */
export function findFinalAnswer(text: string): FoundLine | undefined {
  return findPhrase(FINAL_ANSWER_IS, text)
}

function findPhrase(pattern: RegExp, text: string): FoundLine | undefined {
  const at = lastMatch(pattern, text)
  if (!at) return undefined
  const content = contentAfter(text, at.end)
  return { rule: 'extract:the-answer-is', at: at.start, content, isNumeric: NUMERIC_START.test(content ?? '') }
}

/** The answer behind a marker: a display formula, or the rest of the line (or the next line with text), first sentence only. */
function contentAfter(text: string, from: number): string | undefined {
  const start = skipBlank(text, from)
  for (const [open, close] of [
    ['\\[', '\\]'],
    ['$$', '$$'],
    ['\\(', '\\)'],
  ] as const) {
    const end = text.startsWith(open, start) ? text.indexOf(close, start + open.length) : -1
    // Only a formula that ends its sentence is the whole answer: \(3\) apples and \(5\) pears is not.
    if (end >= 0 && /^\s*(?:[.,;*]|$|\n)/.test(text.slice(end + 2, end + 6))) return text.slice(start + 2, end)
  }
  const line = lineAfter(text, from)
  if (line === undefined) return undefined
  // An exclamation mark may be a factorial: it stays, and 5! is not read as 5.
  const stop = line.search(/[.?](?:\s|$)/)
  return (stop > 0 ? line.slice(0, stop) : line).replace(REASON, '')
}

/** The rest of the line at `from`, or the next line with text; undefined at the end of the text. */
function lineAfter(text: string, from: number): string | undefined {
  const start = skipBlank(text, from)
  if (start >= text.length) return undefined
  const end = text.indexOf('\n', start)
  return text.slice(start, end < 0 ? text.length : end).trim()
}

/** Past blanks and the stars of bold. */
function skipBlank(text: string, from: number): number {
  VISIBLE.lastIndex = from
  return VISIBLE.exec(text)?.index ?? text.length
}

function lastMatch(pattern: RegExp, text: string): { readonly start: number; readonly end: number } | undefined {
  let last: { start: number; end: number } | undefined
  for (const match of text.matchAll(pattern)) last = { start: match.index, end: match.index + match[0].length }
  return last
}
