/** Turns an extracted answer into a typed one. A new kind of answer (set, interval, expression) is a new member here. */

import { cleanAnswer } from './clean.ts'
import { readEquation } from './equation.ts'
import { isDeeperThan, type VerifyLimits } from './limits.ts'
import { readNumber } from './parse-number.ts'
import type { Rational } from './rational.ts'

export type Answer =
  | {
      readonly kind: 'number'
      /** As written: `50%` is 50 with `percent` set. */
      readonly value: Rational
      readonly percent: boolean
      /** A known measure behind the number (`cm`, `degree`); other words are dropped. */
      readonly measure: string | undefined
      /** The `x` of `x = 5`. */
      readonly name: string | undefined
    }
  /** Anything that is not one number; compared as text. */
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'too-large'; readonly limit: string }

export function parseAnswer(extracted: string, limits: VerifyLimits): Answer {
  if (extracted.length > limits.answerCharacters) return { kind: 'too-large', limit: 'limit:answer' }
  if (isDeeperThan(extracted, limits.depth)) return { kind: 'too-large', limit: 'limit:depth' }
  const text = cleanAnswer(extracted)
  const direct = readNumber(text, limits)
  const { name, reading } = direct.kind === 'none' ? (readEquation(text, limits) ?? NO_EQUATION) : { reading: direct }
  if (reading.kind === 'none') return { kind: 'text', text }
  return reading.kind === 'number' ? { ...reading, name } : reading
}

const NO_EQUATION = { name: undefined, reading: { kind: 'none' } } as const
