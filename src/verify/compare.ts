/** Decides whether two typed answers are equal, and names the rule that decided. */

import type { VerdictKind } from '../core/verdict.ts'
import { squeezeText } from './clean.ts'
import type { Answer } from './parse.ts'
import { isEqual, multiply, type Rational } from './rational.ts'

export const PERCENT_POLICIES = ['either', 'hundredth', 'drop'] as const
/**
 * What `50%` against a number without the sign means:
 * - `either` (default): equals `1/2` and equals `50`; datasets state the answer of "what percent" both ways
 * - `hundredth`: equals `1/2` only
 * - `drop`: equals `50` only
 */
export type PercentPolicy = (typeof PERCENT_POLICIES)[number]

export const COMPARISON_RULES = [
  'text',
  'number',
  'percent',
  'measure',
  'name',
  'parse',
  'gold:text',
  'gold:limit',
] as const
export interface Comparison {
  readonly kind: VerdictKind
  /** One of COMPARISON_RULES, or the limit that was exceeded (`limit:digits`). */
  readonly rule: string
}

const HUNDREDTH: Rational = { numerator: 1n, denominator: 100n }

/** First rule that applies decides; nothing unreadable is ever called incorrect. */
export function compareAnswers(gold: Answer, answer: Answer, percent: PercentPolicy): Comparison {
  if (gold.kind === 'too-large') return { kind: 'undecided', rule: 'gold:limit' }
  if (answer.kind === 'too-large') return { kind: 'too-large', rule: answer.limit }
  if (gold.kind === 'number') {
    return answer.kind === 'number' ? compareNumbers(gold, answer, percent) : { kind: 'unparsed', rule: 'parse' }
  }
  if (answer.kind === 'text' && squeezeText(gold.text) === squeezeText(answer.text))
    return { kind: 'correct', rule: 'text' }
  return { kind: 'undecided', rule: 'gold:text' }
}

type NumberAnswer = Extract<Answer, { kind: 'number' }>

function compareNumbers(gold: NumberAnswer, answer: NumberAnswer, percent: PercentPolicy): Comparison {
  if (gold.name !== undefined && answer.name !== undefined && gold.name !== answer.name) {
    return { kind: 'undecided', rule: 'name' }
  }
  // 100 cm against 1 m may be equal: without conversion that is open, not wrong.
  if (gold.measure !== undefined && answer.measure !== undefined && gold.measure !== answer.measure) {
    return { kind: 'undecided', rule: 'measure' }
  }
  if (gold.percent === answer.percent) {
    return { kind: isEqual(gold.value, answer.value) ? 'correct' : 'incorrect', rule: 'number' }
  }
  const [signed, plain] = gold.percent ? [gold.value, answer.value] : [answer.value, gold.value]
  const asHundredth = percent !== 'drop' && isEqual(multiply(signed, HUNDREDTH), plain)
  const asDropped = percent !== 'hundredth' && isEqual(signed, plain)
  return { kind: asHundredth || asDropped ? 'correct' : 'incorrect', rule: 'percent' }
}
