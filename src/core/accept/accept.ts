/** Acceptance: which completions become training data. A sequential rule over issue order, so that nothing depends on arrival. */

import type { Target } from '../budget/policy.ts'
import { type FinishReason, keyText, type Purpose } from '../completion.ts'
import { hash32 } from '../seed.ts'
import type { Disposition } from '../trace.ts'
import type { VerdictKind } from '../verdict.ts'
import { equationsOf, hasFalseEquation } from './equations.ts'
import { createFingerprints } from './fingerprints.ts'
import { isRestated } from './restated.ts'

export const DEDUPLICATIONS = ['none', 'exact', 'equations'] as const
/**
 * Within one iteration and problem: keep all, drop equal texts, or drop texts with the same equations in the same order
 * (texts without any equation are compared as they are).
 */
export type Deduplication = (typeof DEDUPLICATIONS)[number]

export const REQUIRED_VERDICTS = ['correct', 'any'] as const
/** `any` is the control: every completion that ended by itself is eligible, right or wrong. */
export type RequiredVerdict = (typeof REQUIRED_VERDICTS)[number]

export const EQUATION_RULES = ['ignore', 'hold'] as const
/**
 * `hold` refuses a trace in which an equation is false: a right answer by luck teaches the slip. `ignore` looks at the final
 * answer only, as the paper does.
 */
export type EquationRule = (typeof EQUATION_RULES)[number]

export const RESTATED_RULES = ['hold', 'accept'] as const
/**
 * `hold` refuses a trace whose answer only repeats a formula of its question and is not the gold answer's own text: equal to it,
 * and nothing was solved. `accept` looks at the verdict only.
 */
export type RestatedRule = (typeof RESTATED_RULES)[number]
export const ACCEPTED_BY = ['verdict', 'reward'] as const
/**
 * `verdict` keeps what was verified correct. `reward` keeps each completion with the probability of its reward, as algorithm 1 of
 * arXiv 2501.18962 does with a reward in [0, 1].
 */
export type AcceptedBy = (typeof ACCEPTED_BY)[number]

export interface AcceptanceRules {
  /** Left out, by verdict. */
  readonly by?: AcceptedBy
  /** Accepted traces of one problem in one iteration; null is no cap. */
  readonly maxPerProblem: number | null
  readonly deduplicate: Deduplication
  readonly verdict: RequiredVerdict
  readonly equations: EquationRule
  /** Left out: `accept`. */
  readonly restated?: RestatedRule
  /** Most tokens of an accepted completion, thinking included; null or left out is no bound. */
  readonly maxTokens?: number | null
}

/** What the rules look at. */
export interface Candidate {
  readonly problem: string
  readonly text: string
  readonly finishReason: FinishReason
  readonly verdict: VerdictKind | undefined
  /** What `restated` looks at; nothing is held where they are left out. */
  readonly question?: string
  readonly gold?: string
  /** The answer as the verifier took it from the text. */
  readonly extracted?: string | undefined
  /** In [0, 1]; undefined where nobody grades: then 1 for a correct one, else 0. */
  readonly reward?: number | undefined
  /** As the server counted them; 0 or left out where it did not, and then no bound is applied. */
  readonly completionTokens?: number
  /** Number of the sample of its problem; with `by: reward` its draw depends on it. */
  readonly index?: number
}

/** What the draws of `by: reward` belong to: the same completion has the same draw whenever it is judged. */
export interface KeepDraws {
  readonly seed: number
  readonly purpose: Purpose
  readonly iteration: number
}

/** Accepted traces by source, where n_t is split between sources. */
export interface Quotas {
  readonly sourceOf: (problem: string) => string
  /** Most accepted traces of each source; 0 for one that is not named. */
  readonly most: ReadonlyMap<string, number>
}

/** Judges candidates one after the other; call it in issue order. */
export type Acceptance = (candidate: Candidate) => Disposition

/**
 * The acceptance rules of one iteration as a sequential judge: the first n_t eligible candidates in issue order are accepted,
 * eligible ones after them are surplus. With a target in samples every eligible candidate among the first `count` is accepted.
 * With quotas the first ones of each source are, up to its quota.
 */
export function createAcceptance(
  rules: AcceptanceRules,
  target: Target,
  draws: KeepDraws,
  quotas?: Quotas,
): Acceptance {
  const perProblem = new Map<string, number>()
  const perSource = new Map<string, number>()
  const seen = createFingerprints()
  let accepted = 0
  let judged = 0
  return (candidate) => {
    judged++
    const refusal = refuse(candidate, rules, draws)
    if (refusal) return refusal
    const fingerprint = `${candidate.problem}\n${fingerprintOf(candidate.text, rules.deduplicate)}`
    if (rules.deduplicate !== 'none' && seen.has(fingerprint)) return 'duplicate'
    const count = perProblem.get(candidate.problem) ?? 0
    if (rules.maxPerProblem !== null && count >= rules.maxPerProblem) return 'over-cap'
    seen.add(fingerprint)
    perProblem.set(candidate.problem, count + 1)
    const full = target.kind === 'accepted' ? accepted >= target.count : judged > target.count
    if (full) return 'surplus'
    if (quotas) {
      const source = quotas.sourceOf(candidate.problem)
      const taken = perSource.get(source) ?? 0
      if (taken >= (quotas.most.get(source) ?? 0)) return 'surplus'
      perSource.set(source, taken + 1)
    }
    accepted++
    return 'accepted'
  }
}

/** finish_reason decides first: a cut-off completion is never accepted, whatever its last number is. */
function refuse(candidate: Candidate, rules: AcceptanceRules, draws: KeepDraws): Disposition | undefined {
  if (candidate.finishReason === 'length') return 'truncated'
  if (candidate.finishReason !== 'stop') return 'failed'
  if (rules.by === 'reward') {
    const reward = candidate.reward ?? (candidate.verdict === 'correct' ? 1 : 0)
    if (reward <= 0) return 'wrong'
    if (!(keepDraw(draws, candidate) < reward)) return 'not-kept'
  } else if (rules.verdict === 'correct') {
    if (candidate.verdict !== 'correct') return 'wrong'
    const { question, gold, extracted } = candidate
    const isKnown = question !== undefined && gold !== undefined && extracted !== undefined
    if (rules.restated === 'hold' && isKnown && isRestated(question, extracted, gold)) return 'restated'
  }
  if (isTooLong(candidate, rules)) return 'too-long'
  if (rules.equations === 'hold' && hasFalseEquation(candidate.text)) return 'unsound'
  return undefined
}

function isTooLong({ completionTokens = 0 }: Candidate, { maxTokens }: AcceptanceRules): boolean {
  return typeof maxTokens === 'number' && completionTokens > maxTokens
}

/** Uniform in [0, 1), from the run's seed and the completion's key alone: a resumed, forked or verified-again run keeps the same set. */
export function keepDraw({ seed, purpose, iteration }: KeepDraws, { problem, index = 0 }: Candidate): number {
  return hash32(`${seed}/${keyText({ purpose, iteration, problem, index })}/keep`) / 2 ** 32
}

function fingerprintOf(text: string, deduplicate: Deduplication): string {
  return deduplicate === 'equations' ? equationsOf(text).join(';') || text : text
}

/** A target no run reaches: the judge then says of every candidate whether it is eligible. */
export const NO_LIMIT: Target = { kind: 'accepted', count: Number.MAX_SAFE_INTEGER }
