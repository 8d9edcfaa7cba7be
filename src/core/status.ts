/** The shape of `status --json`: what people and machines read of a run. Names are a contract. */

import type { Coverage, ProblemsStatus } from './allocate/coverage.ts'
import type { Extension } from './budget/extension.ts'
import type { LedgerEntry } from './budget/ledger.ts'
import type { PolicyDecision } from './budget/policy-decision.ts'
import type { Health } from './measure/health.ts'

export const RUN_STATES = ['new', 'running', 'interrupted', 'waiting', 'capped', 'done', 'failed'] as const
export type RunState = (typeof RUN_STATES)[number]

/** How much of the completions drawn for training is thinking. */
export interface ThinkingStatus {
  /** Completions with thinking. */
  readonly completions: number
  /** Mean tokens of it, a completion. */
  readonly tokens: number
  /** Mean tokens of the answers after it; null where none ended. */
  readonly answerTokens: number | null
  /** Completions whose thinking never ended, cut at the token limit for the most part: they have no answer. */
  readonly unended: number
}

export const ITERATION_STATES = [
  'planned',
  'sampling',
  'training',
  'serving',
  'evaluating',
  'done',
  'rejected',
] as const
export type IterationState = (typeof ITERATION_STATES)[number]

/** A share in [0, 1] with its 95% bounds over n problems. */
export interface Accuracy {
  readonly accuracy: number
  readonly low: number
  readonly high: number
  readonly n: number
}

/** Accuracy at the evaluation temperature, and greedy where it was asked for; broken down by level. */
export interface Evaluation extends Accuracy {
  readonly greedy: Accuracy | null
  readonly levels: Readonly<Record<string, Accuracy>>
  /** Paired difference to the base on the same problems; null for the base itself. */
  readonly gain: Accuracy | null
  readonly greedyGain: Accuracy | null
  /** Share of the variance of `gain` that pairing by problem and seed saves; null for the base, and where nothing varies. */
  readonly gainSaved: number | null
}

export interface CheckpointStatus {
  readonly path: string
  readonly hash: string
  /** `unproven` where somebody else serves and no probe has shown which weights these are. */
  readonly weights: 'proven' | 'unproven'
}

export interface GateLookStatus {
  readonly samples: number
  readonly decision: string
  readonly difference: number
  readonly low: number
  readonly high: number
  /** Error probability of this look, one-sided; the bounds are at 1 - 2 of it. */
  readonly level: number
}

export interface IterationStatus {
  readonly iteration: number
  readonly state: IterationState
  /** In accepted traces; null where the policy counts samples. */
  readonly target: number | null
  readonly accepted: number
  /** Completions stored for training, truncated ones included, failed requests not. */
  readonly sampled: number
  readonly correct: number
  readonly surplus: number
  readonly truncated: number
  /** Correct, but of more tokens than `accept.maxTokens`; 0 before the iteration's sampling is closed. */
  readonly tooLong: number
  readonly failed: number
  /** Of these, requests whose place is before that of the last accepted trace, asked twice: what they might have brought is missed. */
  readonly unanswered: number
  /** Eligible / sampled; null before anything is sampled. */
  readonly acceptanceRate: number | null
  readonly cost: number
  /** Accepted traces that were drawn with a hint; they come on top of `accepted`. */
  readonly hinted: number
  /** null where no completion thinks. */
  readonly thinking: ThinkingStatus | null
  /** What the probe chose; null without one. */
  readonly temperature: number | null
  /** null before its sampling is closed. */
  readonly coverage: Coverage | null
  readonly checkpoint: CheckpointStatus | null
  readonly evaluation: Evaluation | null
  /** Of this iteration's checkpoint, on the gate problems; null where they have not been measured. */
  readonly health: Health | null
  readonly gate: {
    readonly decision: string
    readonly difference: number
    readonly low: number
    readonly high: number
    /** Problems, and the test's share of the run's error budget. */
    readonly n: number
    readonly alpha: number
    /** The drop in accuracy that such a test fails in four of five cases, by the spread that it met. */
    readonly sees: number | null
    /** Share of the variance that pairing by problem and seed saves; null where it is not known. */
    readonly saved: number | null
    /** Samples of each problem, for either checkpoint, by which it was decided. */
    readonly samples: number
    /** What a sequential gate saw on its way there, each time with more samples; empty for one that is made at once. */
    readonly looks: readonly GateLookStatus[]
  } | null
  /** Why n_t is what it is, where the policy decides again before each iteration; else null. */
  readonly decision: PolicyDecision | null
}

/** Completions that were generated elsewhere; they are in no iteration and no total. */
export interface ExternalCounts {
  readonly completions: number
  readonly accepted: number
  readonly correct: number
  readonly truncated: number
}

export interface RunStatus {
  readonly name: string
  readonly state: RunState
  /** Why it stopped, where it did; one sentence. */
  readonly reason: string | null
  /** What `cost` is counted in, for people; empty for prices without a unit. */
  readonly costUnit: string
  readonly base: { readonly checkpoint: CheckpointStatus | null; readonly evaluation: Evaluation | null }
  readonly iterations: readonly IterationStatus[]
  /** Budgets that grew after the run had ended by them, in order. */
  readonly extensions: readonly Extension[]
  /** null where none was imported. */
  readonly external: ExternalCounts | null
  /** Where everything went; its sums are the totals. */
  readonly ledger: readonly LedgerEntry[]
  /** What is known of the problems to train on. */
  readonly problems: ProblemsStatus
  readonly totals: {
    readonly accepted: number
    readonly sampled: number
    readonly correct: number
    readonly surplus: number
    readonly truncated: number
    readonly tooLong: number
    readonly failed: number
    /** HTTP attempts beyond the first one of each completion, for whatever purpose. */
    readonly retried: number
    /** Completions that came from the cache and cost nothing, for whatever purpose. */
    readonly cached: number
    readonly cost: number
    readonly tokens: number
    readonly seconds: number
  }
}

/** A status without what is known of each problem. */
export type RunNumbers = Omit<RunStatus, 'problems'>
