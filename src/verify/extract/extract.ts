/** Finds the final answer of a completion by its markers, in a stated order, and says which rule found it. */

import type { VerifyLimits } from '../limits.ts'
import { extractBoxed } from './boxed.ts'
import { CONCLUDES, findAnswerElsewhere, findLoneNumber, findOption, findTag } from './elsewhere.ts'
import type { ExtractionRule, Found } from './found.ts'
import { findAnswerIs, findAnswerLine, findFinalAnswer, findHash } from './line.ts'
import { findBold, findClosing, findLastLine, findLastMath } from './unmarked.ts'

export type Extraction =
  | { readonly kind: 'found'; readonly rule: ExtractionRule; readonly answer: string }
  /** The last marker is there and holds nothing usable: an unclosed box, an empty `####`. Earlier markers do not count. */
  | { readonly kind: 'malformed'; readonly rule: ExtractionRule; readonly answer: string }
  | { readonly kind: 'too-large'; readonly rule: ExtractionRule; readonly limit: string; readonly answer: string }
  | { readonly kind: 'none' }

/**
 * The final answer of a text:
 * 1. whichever stands last of `####`, `\boxed{}` or `\fbox{}` (neighbouring boxes together are one list), and
 *    `final answer is` before something that starts like a number;
 * 2. the last `<answer>` tag; the last line that starts with `Answer:` or `A:`;
 * 3. the last `the answer is` (also inside such a line), then its like in other languages;
 * 4. a `####` heading of words;
 * 5. the whole text, where it is one line or one display formula, and hardly a sentence;
 * 6. without any marker: the last bold number, the last formula among words, a last line that is no prose, and what
 *    stands at the end of a closing sentence (`... is 42.`).
 */
export function extractAnswer(text: string, limits: VerifyLimits): Extraction {
  if (text.length > limits.textCharacters) {
    return { kind: 'too-large', rule: 'extract:none', limit: 'limit:text', answer: excerptOf(text) }
  }
  const hash = findHash(text)
  const final = findFinalAnswer(text)
  const strong = lastOf([
    hash && (hash.isNumeric || hash.content === undefined) ? hash : undefined,
    extractBoxed(text, limits),
    final?.isNumeric ? final : undefined,
  ])
  const found =
    strong ??
    findTag(text) ??
    findAnswerLine(text) ??
    findAnswerIs(text) ??
    findAnswerElsewhere(text) ??
    findOption(text) ??
    hash
  return found ? toExtraction(found, limits) : extractUnmarked(text, limits)
}

/** Rules that take an answer from a marker; the others guess by place. */
export function isMarked(rule: ExtractionRule): boolean {
  return MARKED.has(rule)
}

const MARKED: ReadonlySet<ExtractionRule> = new Set([
  'extract:hash',
  'extract:boxed',
  'extract:tag',
  'extract:answer-line',
  'extract:the-answer-is',
])

function extractUnmarked(text: string, limits: VerifyLimits): Extraction {
  const math = findLastMath(text)
  if (math) return toExtraction(findBold(text) ?? math, limits)
  const bare = extractBare(text, limits)
  const isAnswer =
    bare.kind === 'too-large' || (bare.kind === 'found' && !isSentence(bare.answer) && !isForeign(bare.answer))
  if (
    isAnswer &&
    !isStatement(text) &&
    !/^[^\d\\$(]*\b(?:is|are|equals|est|es|ist|jest|ergibt|hay|sono)\s/i.test(text.slice(0, 400))
  )
    return bare
  const guess = findBold(text) ?? findLastLine(text) ?? findClosing(text) ?? findLoneNumber(text)
  return guess ? toExtraction(guess, limits) : bare
}

/** The whole text as an answer, for callers that know that it is one: a gold answer. */
export function extractWhole(text: string, limits: VerifyLimits): Extraction {
  return toExtraction({ rule: 'extract:bare', at: 0, content: text.trim() }, limits)
}

function lastOf(candidates: readonly (Found | undefined)[]): Found | undefined {
  let last: Found | undefined
  for (const found of candidates) if (found && (!last || found.at > last.at)) last = found
  return last
}

function toExtraction({ rule, content }: Found, limits: VerifyLimits): Extraction {
  if (content === undefined || content.trim() === '') return { kind: 'malformed', rule, answer: '' }
  if (content.length > limits.answerCharacters) {
    return { kind: 'too-large', rule, limit: 'limit:answer', answer: excerptOf(content) }
  }
  return { kind: 'found', rule, answer: content.trim() }
}

const DISPLAY_START = /^(?:\$\$|\\\[|\\begin\{)/

function extractBare(text: string, limits: VerifyLimits): Extraction {
  const whole = text.trim()
  if (whole === '' || (whole.includes('\n') && !DISPLAY_START.test(whole))) return { kind: 'none' }
  if (whole.length > limits.answerCharacters && isSentence(whole.slice(0, limits.answerCharacters)))
    return { kind: 'none' }
  return extractWhole(whole, limits)
}

/** Five words or more: prose that happens to be alone on its line, not an answer. */
/** `Therefore, she has 42 apples.`: a sentence, if a short one. */
function isStatement(text: string): boolean {
  return CONCLUDES.test(text.slice(0, 100)) || /\b(?:altogether|in total|in all)\s*[.!]?\s*$/i.test(text.slice(-40))
}

/** Words in another script run into their numbers. */
function isForeign(answer: string): boolean {
  return /[\u3040-\u30ff\u4e00-\u9fff\uac00-\ud7af\u0400-\u04ff]{2}/.test(answer)
}

export function isSentence(answer: string): boolean {
  const words = answer.match(/(?<![\\A-Za-z])[A-Za-z]{2,}(?![A-Za-z])/g)
  return (words?.length ?? 0) >= 5
}

function excerptOf(text: string): string {
  return `${text.slice(0, 80)}…`
}
