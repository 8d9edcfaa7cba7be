/** A trace: completion + verdict + provenance, as stored and as people read it. */

import { type Completion, type FinishReason, PURPOSES, type Purpose } from './completion.ts'
import type { Problem, Split } from './problem.ts'
import type { Verdict, VerdictKind, VerdictMethod, VerdictSource } from './verdict.ts'

export const DISPOSITIONS = [
  'accepted',
  'surplus',
  'duplicate',
  'over-cap',
  'unsound',
  'restated',
  'too-long',
  'leaked',
  'truncated',
  'wrong',
  'not-kept',
  'failed',
  'unanswered',
] as const
/**
 * What became of a completion drawn for training:
 * - `accepted`: among the first n_t eligible ones in issue order
 * - `surplus`: eligible, but beyond n_t; banked and reported
 * - `duplicate`, `over-cap`: correct, but refused by the acceptance rules
 * - `unsound`: correct, but an equation in it is false, which the acceptance rules were told to refuse
 * - `restated`: correct, but its answer only repeats a formula of its question
 * - `too-long`: correct, but of more tokens than the acceptance rules allow
 * - `leaked`: correct, but drawn with a hint that it speaks of
 * - `truncated`: cut off, whatever its answer says
 * - `wrong`: any other verdict than correct
 * - `not-kept`: its reward's draw left it out (`accept.by: reward`)
 * - `failed`: no text came back, or none that is known to be whole
 * - `unanswered`: the same of a request whose place is before that of the last accepted trace: what it might have brought is missed
 */
export type Disposition = (typeof DISPOSITIONS)[number]

export interface Trace {
  readonly problem: Problem
  readonly completion: Completion
  readonly verdict: Verdict | undefined
  /** undefined until the iteration's sampling is closed. */
  readonly disposition: Disposition | undefined
  /** Content hash of the checkpoint that wrote it; the served name where the weights are out of reach. */
  readonly checkpoint: string
}

export const TRACE_PURPOSES = [...PURPOSES, 'external'] as const
/** What a trace was drawn for; `external` ones were generated elsewhere, and are in no iteration. */
export type TracePurpose = (typeof TRACE_PURPOSES)[number]

export const TRACE_ORDERS = ['run', 'newest', 'longest', 'shortest'] as const
/** `run`: by iteration and issue; lengths are in tokens. */
export type TraceOrder = (typeof TRACE_ORDERS)[number]

/** A row of a list, as it is shown. */
export interface ListedTrace {
  /** Below 0 for one that was generated elsewhere. */
  readonly id: number
  readonly problem: string
  /** -1 for the base, -2 for one that was generated elsewhere and is in no iteration. */
  readonly iteration: number
  readonly verdict: VerdictKind | null
  readonly rule: string | null
  readonly by: VerdictSource | null
  readonly extracted: string | null
  readonly gold: string
  /** Of the completion. */
  readonly tokens: number
  readonly purpose: TracePurpose
  readonly index: number
  readonly source: string
  readonly level: string | null
  readonly finishReason: FinishReason
  readonly disposition: Disposition | null
  /** The beginning of the question. */
  readonly question: string
}

/** A sample of a problem, as a cell of its matrix. */
export interface SampleCell {
  readonly id: number
  readonly purpose: TracePurpose
  readonly iteration: number
  readonly index: number
  readonly verdict: VerdictKind | null
  readonly finishReason: FinishReason
  readonly disposition: Disposition | null
  readonly extracted: string | null
  readonly tokens: number
}

/** What a trace is of and what it says: the part that every listing of traces has. */
export type TraceText = Pick<
  StoredTrace,
  'id' | 'problem' | 'source' | 'level' | 'question' | 'gold' | 'text' | 'finishReason'
>

/** A completion with its verdict and where it came from. */
export interface StoredTrace {
  readonly id: number
  readonly purpose: Purpose
  readonly iteration: number
  readonly problem: string
  readonly index: number
  readonly issue: number
  readonly split: Split
  readonly source: string
  readonly level: string | null
  readonly question: string
  readonly gold: string
  readonly text: string
  readonly finishReason: FinishReason
  readonly promptTokens: number
  readonly completionTokens: number
  readonly model: string
  readonly seed: number
  readonly latencyMs: number
  /** It came from the cache. */
  readonly cached: boolean
  readonly verdict: VerdictKind | null
  readonly rule: string | null
  readonly method: VerdictMethod | null
  readonly extracted: string | null
  readonly checker: string | null
  readonly verdictMs: number | null
  readonly disposition: Disposition | null
  readonly checkpoint: { readonly iteration: number; readonly path: string; readonly hash: string }
}
