/** The checker: extract -> parse -> compare, one completion against one gold answer. Pure; never throws on any text. */

import type { Verdict } from '../core/verdict.ts'
import { goldsOf } from './any-gold.ts'
import { type Compared, type Comparison, compareAnswers } from './compare/compare.ts'
import { type Extraction, extractAnswer, extractWhole, isMarked, isSentence } from './extract/extract.ts'
import type { ExtractionRule } from './extract/found.ts'
import { DEFAULT_LIMITS, type VerifyLimits } from './limits.ts'
import { DEFAULT_POLICIES, type PartsPolicy, type Policies, policyMarks } from './policy.ts'
import type { Rule } from './reasons.ts'
import { cleanAnswer, squeezeText } from './spelling/clean.ts'

/** Goes into every verdict, with the policies that are not the defaults; changes whenever any verdict may change. */
export const CHECKER = 'spendwise-checker/5'

/** Policies that are left out are the defaults. */
export interface JudgeOptions extends Partial<Policies> {
  readonly limits?: Partial<VerifyLimits>
}

/** A verdict before it was timed. */
export interface Judgement extends Omit<Verdict, 'ms'> {
  /** How the answer was found; `rule` says what decided. */
  readonly extraction: ExtractionRule
  /** `probed` where numeric probing took part; `exact` otherwise. */
  readonly method: Comparison['method']
}

export interface Examination {
  readonly gold: Extraction
  readonly completion: Extraction
  /** Undefined where it did not come to a comparison. */
  readonly compared: Compared | undefined
  readonly judgement: Judgement
}

/**
 * @param gold a bare answer (`72`, `\frac{1}{2}`), a reference solution that ends with a marked one, or a JSON list of golds
 * @param completion what the model wrote
 */
export function judge(gold: string, completion: string, options: JudgeOptions = {}): Judgement {
  return examine(gold, completion, options).judgement
}

/** `judge` with what it saw on the way; of several golds, next to the one that the completion gives, or that is least settled. */
export function examine(gold: string, completion: string, options: JudgeOptions = {}): Examination {
  const [first, ...others] = goldsOf(gold)
  let best = examineOne(first ?? gold, completion, options)
  for (const other of others) {
    if (best.judgement.kind === 'correct') return best
    const next = examineOne(other, completion, options)
    if (next.judgement.kind === 'correct' || best.judgement.kind === 'incorrect') best = next
  }
  return best
}

function examineOne(gold: string, completion: string, options: JudgeOptions): Examination {
  const limits: VerifyLimits = { ...DEFAULT_LIMITS, ...options.limits }
  const policies = policiesOf(options)
  const goldSide =
    gold === completion ? extractGold(gold, limits) : withOpenBox(extractGold(gold, limits), gold, limits)
  const side = extractCompletion(completion, goldSide, limits, policies.parts)
  const { comparison, compared } = decide(goldSide, side, policies, limits)
  const { kind, rule, method } = comparison
  const extraction = side.rule
  const extracted = kind === 'no-answer' || side.kind === 'none' ? undefined : side.answer
  const checker = `${CHECKER}${policyMarks(policies)}`
  return {
    gold: goldSide,
    completion: side,
    compared,
    judgement: { kind, rule, method, extraction, extracted, checker },
  }
}

/** The policies of a verdict: what was given, and the defaults. */
export function policiesOf(options: Partial<Policies>): Policies {
  return {
    percent: options.percent ?? DEFAULT_POLICIES.percent,
    rounding: options.rounding ?? DEFAULT_POLICIES.rounding,
    order: options.order ?? DEFAULT_POLICIES.order,
    extra: options.extra ?? DEFAULT_POLICIES.extra,
    units: options.units ?? DEFAULT_POLICIES.units,
    parts: options.parts ?? DEFAULT_POLICIES.parts,
  }
}

/** A gold answer without a marker is an answer as a whole, however many words it has. */
function extractGold(gold: string, limits: VerifyLimits): Extraction {
  const marked = extractAnswer(gold, limits)
  return marked.kind === 'none' || !isMarked(marked.rule) ? extractWhole(gold, limits) : marked
}

/** What stands behind a box of a gold answer that was never closed: unlike a completion's, it is not cut short. */
function withOpenBox(extracted: Extraction, gold: string, limits: VerifyLimits): Extraction {
  if (extracted.kind !== 'malformed' || extracted.rule !== 'extract:boxed') return extracted
  return extractWhole(gold.replace(/^[\s\S]*\\(?:boxed|fbox)\s*\{/, ''), limits)
}

/** A text without a marker that is the gold answer word for word needs none, whatever its form. */
function extractCompletion(completion: string, gold: Extraction, limits: VerifyLimits, parts: PartsPolicy): Extraction {
  const marked = extractAnswer(completion, limits, parts)
  if (gold.kind !== 'found' || (marked.kind !== 'none' && isMarked(marked.rule))) return marked
  if (completion.length > 2 * limits.answerCharacters) return marked
  // The whole text already, whatever the gold answer is.
  if (marked.kind === 'found' && marked.rule === 'extract:bare' && marked.answer === completion.trim()) return marked
  const isGold = squeezeText(cleanAnswer(completion)) === squeezeText(cleanAnswer(gold.answer))
  return isGold ? extractWhole(completion, limits) : marked
}

interface Decision {
  readonly comparison: Comparison
  readonly compared: Compared | undefined
}

function decide(gold: Extraction, side: Extraction, policies: Policies, limits: VerifyLimits): Decision {
  if (gold.kind === 'too-large') return without('undecided', 'gold:limit')
  if (gold.kind !== 'found') return without('undecided', 'gold:none')
  if (side.kind === 'too-large') return without('too-large', side.limit)
  if (side.kind === 'none') return without('no-answer', side.rule)
  if (side.kind === 'malformed') return without('unparsed', side.rule)
  if (side.answer === gold.answer) return without('correct', 'text')
  const bare = compareAnswers(gold.answer, side.answer, policies, limits)
  const compared = withUnitBehind(bare, gold.answer, side, policies, limits)
  const { comparison } = compared
  // A lone sentence without a marker may start with a number; only word for word is it an answer.
  const isProse = side.rule === 'extract:bare' && isSentence(side.answer)
  return isProse && comparison.rule !== 'text' && comparison.rule !== 'words'
    ? without('no-answer', 'extract:none')
    : { comparison, compared }
}

const HAS_UNIT = /\\(?:text|mathrm|rm|mbox|operatorname)(?![A-Za-z])|(?<!\\[A-Za-z]*)[A-Za-z]|[°%$€£]/

/** `\boxed{40} MW` where 40 mW is asked for: a unit behind the box may be left out of it, but not be another one. */
function withUnitBehind(
  bare: Compared,
  gold: string,
  { answer, behind }: Extract<Extraction, { kind: 'found' }>,
  policies: Policies,
  limits: VerifyLimits,
): Compared {
  if (bare.comparison.kind !== 'correct' || behind === undefined || HAS_UNIT.test(answer)) return bare
  const measured = compareAnswers(gold, `${answer}\\text{ ${behind}}`, policies, limits)
  return measured.comparison.kind === 'incorrect' && measured.comparison.rule === 'units' ? measured : bare
}

function without(kind: Comparison['kind'], rule: Rule): Decision {
  return { comparison: { kind, rule, method: 'exact', points: 0 }, compared: undefined }
}
