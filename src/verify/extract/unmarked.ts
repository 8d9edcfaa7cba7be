/** Answers without a marker: the last bold, the last formula, the last line, or what a closing sentence says. */

import { isTakenBack, sentenceBefore, standingOfValue } from './around.ts'
import type { Found, Standing } from './found.ts'

// Bounded pieces, so that each search is linear in the text.
const MATH =
  /\$\$([^$]{1,2000})\$\$|\$([^$\n]{1,2000})\$|\\\(((?:[^\\]|\\[^)]){1,2000}?)\\\)|\\\[((?:[^\\]|\\[^\]]){1,2000}?)\\\]/g
const HAS_MATH = /\$|\\[([]/
const BOLD = /\*\*([^*\n]{1,200})\*\*/g
const CLOSING =
  /(?:\b(?:is|are|equals|be|get|gives|has|obtain|was|of|by)\b|=|:)\s*((?:[-+]|\\|[$£€¥({[])?(?:\d{1,3}(?:,\d{3})+|[^\s,;:，；。]{1,60})[^\s,;:，；。]{0,20}(?:\s?%|(?:\s[A-Za-z]+){1,2})?)\s*[.!]?\s*$/i
// The same at the end of a sentence in other languages, where no space may part words from numbers.
const CLOSING_ELSEWHERE =
  /(?:[\u00e8-\u{10ffff}]|\b(?:est|es|ist|sind|son|sont|jest|wynosi|olur|adalah|egal|igual|igale)\b|(?:égale?s?|igual(?:es)?|gleich|uguale)\s(?:à|a|al)?)\s*(\(?[-+]?[\d\\(][^\s,;:。．]{0,60}(?:\s*[-+*/=]\s*[\d().]{1,20}){0,8}(?:\s(?:[ckm]?m[²³]?|k?g|€|euros?))?)\s*[.!。．]?\s*$/iu
const TAIL_CHARACTERS = 8_000

/** The last `**bold**` that starts like a number or a formula. */
export function findBold(text: string): Found | undefined {
  let last: Found | undefined
  const tail = tailOf(text)
  for (const match of tail.matchAll(BOLD)) {
    const content = match[1] ?? ''
    if (/^[\s$\\]*[-+(]?\s*[\d.$\\]|^\s*\(?[A-H]\)?[\s.)]*$/.test(content))
      last = {
        rule: 'extract:bold',
        at: match.index,
        content,
        standing: standingIn(tail, match.index, match[0].length),
      }
  }
  return last
}

/** The last formula in delimiters, where words stand around it. */
export function findLastMath(text: string): Found | undefined {
  if (!HAS_MATH.test(text)) return undefined
  const tail = tailOf(text)
  const outside = tail.replace(MATH, ' ')
  const words = outside.match(/[A-Za-z]{2,}/g)?.filter((word) => !/^(?:and|or|if|where|for)$/i.test(word)) ?? []
  const isIntroduced = words.length >= 2 || (words.length === 1 && /^\s*[A-Za-z]{2,}/.test(outside))
  if (!isIntroduced) return undefined
  let last: Found | undefined
  let length = 0
  for (const match of tail.matchAll(MATH)) {
    const content = match.slice(1).find((part) => part !== undefined)
    last = { rule: 'extract:last-math', at: match.index, content }
    length = match[0].length
  }
  if (!last) return undefined
  last = { ...last, standing: standingIn(tail, last.at, length) }
  // What a closing sentence says after the last formula comes later still.
  const rest = tail.slice(last.at).replace(MATH, '')
  return /[A-Za-z]{2,}/.test(rest) ? (findClosing(rest) ?? last) : last
}

/** The last line of several, where it is hardly prose. */
export function findLastLine(text: string): Found | undefined {
  const lines = tailOf(text).trimEnd().split('\n')
  const line = lines.at(-1)?.trim() ?? ''
  if (lines.length < 2 || line === '' || line.length > 200) return undefined
  const words = line.match(/(?<![\\A-Za-z])[A-Za-z]{2,}/g)?.length ?? 0
  return words <= 2 && /[\d\\$(]/.test(line) ? { rule: 'extract:last-line', at: 0, content: line } : undefined
}

/** `... so the total is 42.`: what follows the last verb of a text, where it has a digit or a formula. */
export function findClosing(text: string): Found | undefined {
  const line = tailOf(text).trimEnd().split('\n').at(-1) ?? ''
  const end = line.slice(-400)
  const match = CLOSING.exec(end) ?? CLOSING_ELSEWHERE.exec(end)
  const content = repeatedCount(match?.[1], tailOf(text)) ?? match?.[1]
  if (content === undefined || !/[\d\\]|^\([A-H]\)/.test(content)) return undefined
  const before = end.slice(0, (match?.index ?? 0) + (match?.[0].lastIndexOf(match[1] ?? content) ?? 0))
  const standing = standingOfValue(sentenceBefore(before, before.length))
  return { rule: 'extract:closing', at: 0, content: withoutOddBracket(content.replace(/[.!]$/, '')), standing }
}

/** `将在300分钟内被放完`, where a sum before it came to `=300分钟`: the value that is said twice, without what the sentence says of it. */
function repeatedCount(content: string | undefined, text: string): string | undefined {
  const number = /^(\d+(?:\.\d+)?)[\u3040-\u30ff\u4e00-\u9fff\uac00-\ud7af]{2,}/.exec(content ?? '')?.[1]
  if (number === undefined || content === undefined) return undefined
  const computed = new RegExp(
    `[=＝]\\s*${number.replace('.', '\\.')}([\\u3040-\\u30ff\\u4e00-\\u9fff\\uac00-\\ud7af]{1,6})(?=[。．，,\\s])`,
  )
  const unit = computed.exec(text)?.[1]
  return unit !== undefined && content.startsWith(number + unit) && !/[以约約超不至]/.test(content)
    ? number + unit
    : undefined
}

/** How a guess stands: by what is said before and behind it. */
function standingIn(text: string, at: number, length: number): Standing {
  const after = text.slice(at + length, at + length + 80)
  return isTakenBack(after) ? 'denied' : standingOfValue(sentenceBefore(text, at))
}

/** A sentence in brackets ends with one that the answer does not open: `(35 + 70 = 105)`. */
function withoutOddBracket(content: string): string {
  return content.endsWith(')') && !content.includes('(') ? content.slice(0, -1) : content
}

function tailOf(text: string): string {
  return text.length > TAIL_CHARACTERS ? text.slice(-TAIL_CHARACTERS) : text
}
