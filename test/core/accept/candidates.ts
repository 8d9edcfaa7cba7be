/** Candidates for acceptance, written by hand or drawn. */

import fc from 'fast-check'
import {
  type AcceptanceRules,
  type Candidate,
  createAcceptance,
  type KeepDraws,
} from '../../../src/core/accept/accept.ts'
import type { Target } from '../../../src/core/budget/policy.ts'
import { FINISH_REASONS } from '../../../src/core/completion.ts'
import type { Disposition } from '../../../src/core/trace.ts'
import { VERDICT_KINDS } from '../../../src/core/verdict.ts'

export const RULES: AcceptanceRules = {
  maxPerProblem: null,
  deduplicate: 'none',
  verdict: 'correct',
  equations: 'ignore',
  restated: 'hold',
}

export const DRAWS: KeepDraws = { seed: 1, purpose: 'train', iteration: 0 }

export function candidate(changes: Partial<Candidate> = {}): Candidate {
  return {
    problem: 'p',
    text: 'A: 1',
    finishReason: 'stop',
    verdict: 'correct',
    question: 'What is it?',
    gold: '1',
    extracted: '1',
    ...changes,
  }
}

export function judge(
  candidates: readonly Candidate[],
  target: Target,
  rules: Partial<AcceptanceRules> = {},
): Disposition[] {
  const acceptance = createAcceptance({ ...RULES, ...rules }, target, DRAWS)
  return candidates.map(acceptance)
}

export const accepted = (count: number): Target => ({ kind: 'accepted', count })
export const sampled = (count: number): Target => ({ kind: 'sampled', count })

export const anyCandidate = fc.record({
  problem: fc.constantFrom('p', 'q', 'r'),
  text: fc.constantFrom('a', 'b', '1+1=2', '1 + 1 = 2, so 2', '2*1=2'),
  finishReason: fc.constantFrom(...FINISH_REASONS),
  verdict: fc.constantFrom(...VERDICT_KINDS, undefined),
})
export const anyRules = fc.record({
  maxPerProblem: fc.constantFrom(null, 1, 2),
  deduplicate: fc.constantFrom('none' as const, 'exact' as const, 'equations' as const),
  verdict: fc.constantFrom('correct' as const, 'any' as const),
})
export const candidates = fc.array(anyCandidate, { maxLength: 60 })
export const anyTarget = fc.oneof(fc.nat(20).map(accepted), fc.nat(60).map(sampled))
