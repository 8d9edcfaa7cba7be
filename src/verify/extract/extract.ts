/** Finds the final answer of a completion: thinking is parsed off, and the last marker that states an answer counts. */

import type { VerifyLimits } from '../limits.ts'
import type { PartsPolicy } from '../policy.ts'
import { squeezeText } from '../spelling/clean.ts'
import { findBoxes } from './boxed.ts'
import { CONCLUDES, findAnswerElsewhere, findLoneNumber, findOption, findTags } from './elsewhere.ts'
import type { ExtractionRule, Found } from './found.ts'
import { findAnswerLines, findAnswerPhrases, findHashes, startsLikeAnswer } from './line.ts'
import { visiblePart } from './thinking.ts'
import { findBold, findClosing, findLastLine, findLastMath } from './unmarked.ts'

export type Extraction =
  | {
      readonly kind: 'found'
      readonly rule: ExtractionRule
      readonly answer: string
      /** See `Found`. */
      readonly behind?: string | undefined
    }
  /** The last marker is there and holds nothing usable: an unclosed box, an empty `####`. Earlier markers do not count. */
  | { readonly kind: 'malformed'; readonly rule: ExtractionRule; readonly answer: string }
  | {
      readonly kind: 'too-large'
      readonly rule: ExtractionRule
      readonly limit: `limit:${string}`
      readonly answer: string
    }
  /** `extract:unfinished` where thinking began and never ended. */
  | { readonly kind: 'none'; readonly rule: 'extract:none' | 'extract:unfinished' }

const NONE: Extraction = { kind: 'none', rule: 'extract:none' }

/**
 * The final answer of a text:
 * 1. what follows the last end of thinking, or the final channel, without calls of tools; thinking that never ended is not an answer;
 * 2. of `####`, `\boxed{}` or `\fbox{}` (neighbouring boxes together are one list), `<answer>` and `"answer":`, `Answer:` lines
 *    and `the answer is` before what starts like an answer: the one that stands last, unless it is denied or about something else;
 * 3. such words before anything else, then their like in other languages, and a `####` heading of words;
 * 4. the whole text, where it is one line or one display formula, and hardly a sentence;
 * 5. without any marker: the last bold number, the last formula among words, a last line that is not prose, and what
 *    stands at the end of a closing sentence (`... is 42.`).
 */
export function extractAnswer(text: string, limits: VerifyLimits, parts: PartsPolicy = 'last'): Extraction {
  if (text.length > limits.textCharacters) {
    return { kind: 'too-large', rule: 'extract:none', limit: 'limit:text', answer: excerptOf(text) }
  }
  const visible = visiblePart(text)
  if (visible.isUnfinished) return { kind: 'none', rule: 'extract:unfinished' }
  return extractVisible(visible.text, limits, parts)
}

function extractVisible(text: string, limits: VerifyLimits, parts: PartsPolicy): Extraction {
  const hashes = findHashes(text)
  const boxes = findBoxes(text, limits)
  const marks = [...hashes.filter((hash) => hash.isNumeric || hash.content === undefined), ...boxes, ...findTags(text)]
  const [lines, said] = /answer|^[ \t>*_#-]{0,8}(?:A|R|Ans)\b/im.test(text)
    ? [findAnswerLines(text), findAnswerPhrases(text)]
    : [[], []]
  // The words of a line's own marker are no second marker.
  const phrases = said.filter(
    (phrase) => !lines.some(({ at, content }) => phrase.at >= at && phrase.at < at + 30 && phrase.content === content),
  )
  if (parts === 'all' && boxes.length > 0) return toExtraction(allParts(boxes), limits)
  const likely = [
    ...marks,
    ...lines.filter(isLikelyLine),
    ...phrases.filter(({ content }) => startsLikeAnswer(content ?? '')),
  ]
  const first = lastStated(likely)
  if (first) return first === 'denied' ? afterDenied(text, likely, limits) : toExtraction(first, limits)
  const words = lastStated([...lines, ...phrases])
  if (words) return words === 'denied' ? afterDenied(text, phrases, limits) : toExtraction(words, limits)
  const found = findAnswerElsewhere(text) ?? findOption(text) ?? hashes.at(-1)
  return found ? toExtraction(found, limits) : extractUnmarked(text, limits)
}

// A line of its own with a few words is an answer in words; a longer one has to start like an answer.
const MOST_OF_LINE = 80

function isLikelyLine({ content }: Found): boolean {
  return content === undefined || content.length <= MOST_OF_LINE || startsLikeAnswer(content)
}

/** The last of them that says the answer; `denied` where none does, or where what it says is denied after it. */
function lastStated(candidates: readonly Found[]): Found | 'denied' | undefined {
  const denied = new Set<string>()
  let isOther = false
  for (const found of candidates.toSorted((a, b) => b.at - a.at)) {
    if (found.standing === undefined || found.standing === 'stated') {
      return found.content !== undefined && denied.has(squeezeText(found.content)) ? 'denied' : found
    }
    if (found.standing === 'denied') denied.add(squeezeText(found.content ?? ''))
    isOther = true
  }
  return isOther ? 'denied' : undefined
}

/** Behind the last marker that states nothing an answer may still follow; what it holds is none. */
function afterDenied(text: string, candidates: readonly Found[], limits: VerifyLimits): Extraction {
  const last = candidates.reduce((late, found) => (found.at > late.at ? found : late))
  const rest = text.slice(last.at + (last.content?.length ?? 0))
  const end = rest.search(/[.!?。](?:\s|$)|\n/)
  const later = end < 0 ? '' : rest.slice(end + 1)
  const extraction = later.trim() === '' ? NONE : extractUnmarked(later, limits)
  return extraction.kind === 'found' && extraction.rule !== 'extract:bare'
    ? extraction
    : toExtraction({ ...last, content: undefined }, limits)
}

/** All boxes of a text with several parts, as one list. */
function allParts(boxes: readonly Found[]): Found {
  const contents = boxes
    .filter(({ standing }) => standing !== 'denied' && standing !== 'other')
    .map(({ content }) => content)
  const isWhole = contents.length > 0 && contents.every((content) => content !== undefined)
  return { rule: 'extract:boxed', at: 0, content: isWhole ? [...new Set(contents)].join(', ') : undefined }
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
  if (math) return guessed(findBold(text) ?? math, limits)
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
  return guess ? guessed(guess, limits) : bare
}

/** A value in a sentence that says what the answer is not, or bounds it, is not a guess at it. */
function guessed(found: Found, limits: VerifyLimits): Extraction {
  return found.standing === undefined || found.standing === 'stated' ? toExtraction(found, limits) : NONE
}

/** The whole text as an answer, for callers that know that it is one: a gold answer. */
export function extractWhole(text: string, limits: VerifyLimits): Extraction {
  return toExtraction({ rule: 'extract:bare', at: 0, content: text.trim() }, limits)
}

function toExtraction({ rule, content, behind }: Found, limits: VerifyLimits): Extraction {
  if (content === undefined || content.trim() === '') return { kind: 'malformed', rule, answer: '' }
  if (content.length > limits.answerCharacters) {
    return { kind: 'too-large', rule, limit: 'limit:answer', answer: excerptOf(content) }
  }
  return { kind: 'found', rule, answer: content.trim(), behind }
}

const DISPLAY_START = /^(?:\$\$|\\\[|\\begin\{)/

function extractBare(text: string, limits: VerifyLimits): Extraction {
  const whole = text.trim()
  if (whole === '' || (whole.includes('\n') && !DISPLAY_START.test(whole))) return NONE
  if (whole.length > limits.answerCharacters && isSentence(whole.slice(0, limits.answerCharacters))) return NONE
  return extractWhole(whole, limits)
}

/** `Therefore, she has 42 apples.`: a sentence, if a short one. */
function isStatement(text: string): boolean {
  return CONCLUDES.test(text.slice(0, 100)) || /\b(?:altogether|in total|in all)\s*[.!]?\s*$/i.test(text.slice(-40))
}

/** Words in another script run into their numbers. */
function isForeign(answer: string): boolean {
  return /[\u3040-\u30ff\u4e00-\u9fff\uac00-\ud7af\u0400-\u04ff]{2}/.test(answer)
}

/** Five words or more: prose that happens to be alone on its line, not an answer. */
export function isSentence(answer: string): boolean {
  const words = answer.match(/(?<![\\A-Za-z])[A-Za-z]{2,}(?![A-Za-z])/g)
  return (words?.length ?? 0) >= 5
}

function excerptOf(text: string): string {
  return `${text.slice(0, 80)}…`
}
