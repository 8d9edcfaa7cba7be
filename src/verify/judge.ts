/** The checker: extract -> parse -> compare, one completion against one gold answer. Pure; never throws on any text. */

import type { Verdict } from '../core/verdict.ts'
import { type Comparison, compareAnswers, type PercentPolicy } from './compare.ts'
import { type Extraction, type ExtractionRule, extractAnswer, extractWhole, isSentence } from './extract.ts'
import { DEFAULT_LIMITS, type VerifyLimits } from './limits.ts'
import { type Answer, parseAnswer } from './parse.ts'

/** Goes into every verdict; changes whenever any verdict may change. */
export const CHECKER = 'spendwise-checker/1'

export interface JudgeOptions {
  /** Default `either`: see PercentPolicy. */
  readonly percent?: PercentPolicy
  readonly limits?: Partial<VerifyLimits>
}

/** A verdict before it was timed. */
export interface Judgement extends Omit<Verdict, 'ms'> {
  /** How the answer was found; `rule` says what decided. */
  readonly extraction: ExtractionRule
}

/** One side of the comparison, for explanations. */
export interface Side {
  readonly extraction: Extraction
  /** Undefined where nothing was extracted. */
  readonly answer: Answer | undefined
}

export interface Examination {
  readonly gold: Side
  readonly completion: Side
  readonly judgement: Judgement
}

/**
 * @param gold a bare answer (`72`, `\frac{1}{2}`) or a reference solution that ends with a marked one
 * @param completion what the model wrote
 */
export function judge(gold: string, completion: string, options: JudgeOptions = {}): Judgement {
  return examine(gold, completion, options).judgement
}

/** `judge` with what it saw on the way. */
export function examine(gold: string, completion: string, options: JudgeOptions = {}): Examination {
  const limits: VerifyLimits = { ...DEFAULT_LIMITS, ...options.limits }
  const goldSide = readSide(extractGold(gold, limits), limits)
  const side = readSide(extractCompletion(completion, goldSide.extraction, limits), limits)
  const { kind, rule } = decide(goldSide, side, options.percent ?? 'either')
  const extraction = side.extraction.kind === 'none' ? 'extract:none' : side.extraction.rule
  const extracted = kind === 'no-answer' || side.extraction.kind === 'none' ? undefined : side.extraction.answer
  return { gold: goldSide, completion: side, judgement: { kind, rule, extraction, extracted, checker: CHECKER } }
}

/** A gold answer without a marker is an answer as a whole, however many words it has. */
function extractGold(gold: string, limits: VerifyLimits): Extraction {
  const marked = extractAnswer(gold, limits)
  return marked.kind === 'none' ? extractWhole(gold, limits) : marked
}

/** A text without a marker that is the gold answer word for word needs none, whatever its form. */
function extractCompletion(completion: string, gold: Extraction, limits: VerifyLimits): Extraction {
  const marked = extractAnswer(completion, limits)
  const isGold = marked.kind === 'none' && gold.kind === 'found' && completion.trim() === gold.answer
  return isGold ? extractWhole(completion, limits) : marked
}

function readSide(extraction: Extraction, limits: VerifyLimits): Side {
  return { extraction, answer: extraction.kind === 'found' ? parseAnswer(extraction.answer, limits) : undefined }
}

function decide(gold: Side, side: Side, percent: PercentPolicy): Comparison {
  const { extraction } = side
  if (gold.extraction.kind === 'too-large') return { kind: 'undecided', rule: 'gold:limit' }
  if (gold.extraction.kind !== 'found' || !gold.answer) return { kind: 'undecided', rule: 'gold:none' }
  if (extraction.kind === 'too-large') return { kind: 'too-large', rule: extraction.limit }
  if (extraction.kind === 'none') return { kind: 'no-answer', rule: 'extract:none' }
  if (extraction.kind === 'malformed' || !side.answer) return { kind: 'unparsed', rule: extraction.rule }
  if (extraction.answer === gold.extraction.answer) return { kind: 'correct', rule: 'text' }
  const comparison = compareAnswers(gold.answer, side.answer, percent)
  // A lone sentence without a marker may start with a number; only word for word is it an answer.
  const isProse = extraction.rule === 'extract:bare' && isSentence(extraction.answer)
  return isProse && comparison.rule !== 'text' ? { kind: 'no-answer', rule: 'extract:none' } : comparison
}
