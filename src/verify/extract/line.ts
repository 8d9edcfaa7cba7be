/** Answers that are marked in words or by `####`: the line or the sentence behind the last marker. */

import { sentenceBefore, standingOfSubject } from './around.ts'
import type { Found } from './found.ts'

// Every quantifier is bounded, so that each pattern is linear in the text.
const HASH = /(?<!#)####(?!#)/g
const ANSWER_LINE =
  /^[ \t>*_#-]{0,8}(?:(?:the )?(?:final )?answer|A|R|Ans)[ \t]{0,4}[*_]{0,3}[ \t]{0,4}[:：][ \t]{0,4}[*_]{0,3}/gim
const ANSWER_IS =
  /\banswers?\b[*_]{0,3}(?:,[ \t][a-z \t]{2,24},)?(?:[ \t](?:to|of|for)[ \t](?:the|this|our|your)[ \t][a-z \t]{2,24}?(?=[ \t]+(?:is|are)\b))?[ \t]{0,4}(?:(?:is|are|was|(?:must|should|will|would|can|could|might|may)[ \t]be|comes out to be|turns out to be|cannot be|can['’]t be|can not be|isn['’]t|aren['’]t)\b|equals\b|=|:|：)(?:[ \t]{1,4}(?:exactly|simply|just|therefore|thus|indeed|then|clearly)\b)?[ \t]{0,4}:?/gi
// `#### 1. Count the eggs` is a heading with a number, not an answer.
const NUMERIC_START = /^(?!\d{1,3}[.)]\s+\*{0,2}[A-Za-z])[\s*_$£€¥]{0,8}(?:\\|[-+\u2212]?[\s$£€¥]{0,4}\.?\d|[({[])/
const VISIBLE = /[^\s*_]/g
const REASON = /,?\s+(?:because|since|which|where|assuming|hence|therefore)\b[\s\S]*$/i

// `6, not 7`: what it is not is said of another value.
const OTHERWISE = /(?<=[\d})$]),\s+(?:and\s+)?not\s+\$?[-\d\\][^,;a-z]{0,60}$/

export interface FoundLine extends Found {
  /** The content starts like a number or a formula, so that it is hardly a heading or a turn of phrase. */
  readonly isNumeric: boolean
}

// What an answer starts with that stands behind words: a number, a formula, a letter of choice, yes or no.
const ANSWER_START =
  /^[\s*_$`"'“]{0,8}(?:\\|[-+±−＋－]?[\s$£€¥₹]{0,4}\.?[\d０-９]|[({[<>|∅∞]|[A-Za-z](?![A-Za-z'’])(?!\s+[a-z]{2})|(?:yes|no|true|false|none|infinity|dne|does not exist|undefined|converges|diverges)\b(?!\s+(?:longer|need|matter|way|doubt)))/i

/** True for what is unlikely to continue a sentence about the answer: `in the box above`, `reasonable`. */
export function startsLikeAnswer(content: string): boolean {
  return ANSWER_START.test(content)
}

/** The `####` of a text; one whose line starts like a number is an answer, one of words may be a heading. */
export function findHashes(text: string): readonly FoundLine[] {
  if (!text.includes('####')) return []
  return lastMatches(HASH, text).map(({ start, end }) => {
    const content = contentAfter(text, end)
    return { rule: 'extract:hash', at: start, content, isNumeric: NUMERIC_START.test(content ?? '') }
  })
}

/** The lines that start with `Answer:`, `Final answer:` or `A:`. */
export function findAnswerLines(text: string): readonly Found[] {
  return lastMatches(ANSWER_LINE, text).map(({ start, end }) => ({
    rule: 'extract:answer-line',
    at: start,
    content: completed(contentAfter(text, end)),
  }))
}

/** Undefined for a line that breaks off: `the answer is`. */
function completed(content: string | undefined): string | undefined {
  return content !== undefined && /\banswers?\b[^.]{0,20}(?:\bis|\bare|:)\s*$/i.test(content) ? undefined : content
}

/** Every `the answer is X`, `the final answer is X`, `answer: X`, and `the answer is not X`, as it stands. */
export function findAnswerPhrases(text: string): readonly FoundLine[] {
  return lastMatches(ANSWER_IS, text).map(({ start, end }) => {
    const standing = standingOfSubject(sentenceBefore(text, start), text.slice(start, end))
    const content = contentAfter(text, end)
    const [whole, denied, meant] =
      /^not\s+(?:(?:simply|just|only)\s+)?(.+?)(?:,?\s+but(?:\s+rather)?\s+(.+))?$/is.exec(content ?? '') ?? []
    const rule = 'extract:the-answer-is'
    if (whole !== undefined && standing === 'stated') {
      if (meant === undefined) return { rule, at: start, content: denied, standing: 'denied', isNumeric: false }
      return { rule, at: start, content: meant, isNumeric: NUMERIC_START.test(meant) }
    }
    return { rule, at: start, content, standing, isNumeric: NUMERIC_START.test(content ?? '') }
  })
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
  return (stop > 0 ? line.slice(0, stop) : line).replace(REASON, '').replace(OTHERWISE, '')
}

// Twice what an answer may have: a longer one is too large, wherever it ends.
const MOST_OF_CONTENT = 8_192

/** The rest of the line at `from`, or the next line with text; undefined at the end of the text. */
function lineAfter(text: string, from: number): string | undefined {
  const start = skipBlank(text, from)
  if (start >= text.length) return undefined
  const end = text.indexOf('\n', start)
  return text.slice(start, Math.min(end < 0 ? text.length : end, start + MOST_OF_CONTENT)).trim()
}

/** Past blanks and the stars of bold. */
function skipBlank(text: string, from: number): number {
  VISIBLE.lastIndex = from
  return VISIBLE.exec(text)?.index ?? text.length
}

const MOST_MATCHES = 12

/** The last matches of a pattern, in their order. */
function lastMatches(pattern: RegExp, text: string): readonly { readonly start: number; readonly end: number }[] {
  const from = text.length - TAIL_CHARACTERS
  // Where the tail has enough of them, a megabyte of markers in front of it need not be read.
  const near = from > 0 ? matchesFrom(pattern, text.slice(from)).filter(({ start }) => start > FURTHEST_BEFORE) : []
  if (near.length >= MOST_MATCHES) return near.map(({ start, end }) => ({ start: start + from, end: end + from }))
  return matchesFrom(pattern, text)
}

const TAIL_CHARACTERS = 50_000
// What a pattern may look back at.
const FURTHEST_BEFORE = 200

function matchesFrom(pattern: RegExp, text: string): readonly { readonly start: number; readonly end: number }[] {
  const last: { start: number; end: number }[] = []
  for (const match of text.matchAll(pattern)) {
    last.push({ start: match.index, end: match.index + match[0].length })
    if (last.length > 2 * MOST_MATCHES) last.splice(0, MOST_MATCHES)
  }
  return last.slice(-MOST_MATCHES)
}
