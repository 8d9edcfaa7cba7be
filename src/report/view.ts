/** What a report shows: plain rows and core shapes, read from the store by whoever knows it. Everything here is a value. */

import type { CostSettings } from '../core/budget/cost-settings.ts'
import type { LedgerDraws } from '../core/budget/ledger.ts'
import type { PlannedIteration } from '../core/budget/plan.ts'
import type { AttemptOutcome } from '../core/completion.ts'
import type { JobState } from '../core/job.ts'
import type { GateDecision } from '../core/measure/gate.ts'
import type { GateLookStatus, RunStatus } from '../core/status.ts'
import type { Disposition, TracePurpose, TraceText } from '../core/trace.ts'
import type { Optimization, WeightUpdate } from '../core/trainer.ts'
import type { VerdictKind } from '../core/verdict.ts'

export interface ReportView {
  readonly status: RunStatus
  /** The embedded toy model: the page says so at the top. */
  readonly isToy: boolean
  /** What a reader must know before the numbers, one sentence each. */
  readonly notes: readonly string[]
  /** The plan, also for iterations that have not begun. */
  readonly planned: readonly PlannedIteration[]
  /** What the costs are counted in; null where unknown. */
  readonly costs: CostSettings | null
  /** Temperature of the evaluation that is not greedy. */
  readonly evaluationTemperature: number
  readonly ledger: readonly ReportLedgerRow[]
  readonly attempts: readonly ReportAttemptRow[]
  readonly activity: readonly ReportActivityRow[]
  readonly gates: readonly ReportGateRow[]
  readonly jobs: readonly ReportJob[]
  /** A few completions to read, in the order they are shown; grouped here by disposition. */
  readonly traces: readonly ReportTrace[]
  /** Problems that flipped between the base and the last checkpoint; null where these are not both measured. */
  readonly flips: ReportFlips | null
  /** Training problems asked most often and never solved, the most asked first. */
  readonly hard: readonly ReportHardProblem[]
  readonly provenance: ReportProvenance
}

export interface ReportFlips {
  readonly from: number
  readonly to: number
  readonly purpose: string
  readonly gained: number
  readonly lost: number
  /** McNemar's exact two-sided p-value. */
  readonly p: number
  /** The first few of each kind. */
  readonly rows: readonly ReportFlip[]
}

/** A problem that one of two checkpoints solves. */
export interface ReportFlip {
  /** Problem id. */
  readonly problem: string
  readonly question: string
  readonly gold: string
  /** The later one solves it. */
  readonly solved: boolean
  readonly before: string | null
  readonly after: string | null
}

export interface ReportHardProblem {
  /** Problem id. */
  readonly problem: string
  readonly question: string
  readonly gold: string
  readonly level: string | null
  readonly asked: number
  /** Its most frequent wrong answer, with its share of the samples; null where none was extracted. */
  readonly said: { readonly answer: string; readonly share: number } | null
}

/** Sums over the completions of one purpose, iteration and fate. */
export interface ReportLedgerRow extends LedgerDraws {
  readonly verdict: VerdictKind | null
}

export interface ReportAttemptRow {
  readonly outcome: AttemptOutcome
  readonly attempts: number
  readonly durationMs: number
}

/** Seconds of the run's own activity; iteration -1 is the base. */
export interface ReportActivityRow {
  readonly iteration: number
  readonly phase: string
  readonly seconds: number
}

export interface ReportGateRow {
  readonly iteration: number
  readonly attempt: number
  readonly decision: GateDecision
  /** new - old in accuracy, with the bounds of this test's own confidence. */
  readonly difference: number
  readonly low: number
  readonly high: number
  readonly n: number
  readonly alpha: number
  /** The drop that such a test fails in four of five cases. */
  readonly sees: number | null
  /** Samples of each problem by which it was decided. */
  readonly samples: number
  /** Share of the variance that pairing saves. */
  readonly saved: number | null
  /** Of a sequential gate. */
  readonly looks: readonly GateLookStatus[]
}

export interface ReportJob {
  readonly iteration: number
  readonly attempt: number
  readonly state: JobState
  readonly rows: number
  readonly optimization: Optimization
  /** null until the job has succeeded. */
  readonly metrics: {
    readonly steps: number
    readonly tokens: number
    readonly seconds: number
    readonly loss: { readonly first: number | null; readonly last: number | null }
    readonly update?: WeightUpdate | undefined
  } | null
}

/** One trace as people read it; a row of the store fits. */
export interface ReportTrace extends TraceText {
  /** Of its row; links within the page name it. */
  readonly id: number
  readonly purpose: TracePurpose
  readonly iteration: number
  readonly index: number
  readonly completionTokens: number
  readonly verdict: VerdictKind | null
  readonly rule: string | null
  /** `exact` or `probed`, where it is known. */
  readonly method: string | null
  readonly extracted: string | null
  readonly disposition: Disposition | null
  readonly checkpoint: string
}

export interface ReportProvenance {
  readonly seed: number
  /** The budget policy in words: `exponential: n_t = 256 · 2^t accepted traces, 5 iterations`. */
  readonly policy: string
  /** What the run started from. */
  readonly base: { readonly path: string; readonly hash: string } | null
  readonly prompts: readonly { readonly role: string; readonly name: string; readonly hash: string }[]
  /** Number of problems by split. */
  readonly problems: readonly { readonly split: string; readonly count: number }[]
  /** How template instances were split, where there are any. */
  readonly splitBy: 'instance' | 'template' | null
  /** Version of the checker that gave the verdicts. */
  readonly checker: string | null
  /** Names and versions of the software that ran it. */
  readonly versions: Readonly<Record<string, string>>
  /** ISO 8601; null where unknown. */
  readonly startedAt: string | null
  /** Anything else worth stating, in order: sampling parameters, optimisation, acceptance rules, caps. */
  readonly facts: readonly { readonly label: string; readonly text: string }[]
  /** The run's configuration, fully spelled out, as text; null leaves it out. */
  readonly configuration: string | null
}
