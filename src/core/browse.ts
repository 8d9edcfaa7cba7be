/** Traces as people read them: a row of a list, a cell of a problem's matrix, and one trace whole. */

import type { FinishReason, Purpose } from './completion.ts'
import type { Split } from './problem.ts'
import type { Disposition, TracePurpose } from './trace.ts'
import type { VerdictKind, VerdictMethod, VerdictSource } from './verdict.ts'

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
