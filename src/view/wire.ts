/** What the viewer's server and its page say to each other, as JSON. Names are a contract: add fields, rename none. */

import type { Attempt } from '../core/completion.ts'
import type { Label, TraceLabel } from '../core/label.ts'
import type { Message } from '../core/message.ts'
import type { RunState, RunStatus } from '../core/status.ts'
import type { ListedTrace, SampleCell, StoredTrace, TracePurpose } from '../core/trace.ts'
import type { VerdictKind } from '../core/verdict.ts'

/** Milliseconds after which a newer answer can be had, on one that is older than the run. */
export const ASK_AGAIN_HEADER = 'x-ask-again-ms'

export type FacetName =
  | 'purpose'
  | 'iteration'
  | 'verdict'
  | 'disposition'
  | 'source'
  | 'level'
  | 'rule'
  | 'finish'
  | 'label'

export const SORTS = ['oldest', 'newest', 'longest', 'shortest'] as const
export type Sort = (typeof SORTS)[number]

/** Which traces, in which order. Values of one facet are alternatives, facets are all wanted. */
export interface TraceQuery {
  readonly facets: Readonly<Partial<Record<FacetName, readonly string[]>>>
  /** Problem id. */
  readonly problem?: string
  /** Words of the completion. */
  readonly q?: string
  readonly sort: Sort
}

/** `GET /api/runs`: one row. */
export interface RunSummary {
  readonly name: string
  /** As run.yaml has it, where that is another. */
  readonly title: string
  readonly state: RunState | 'unreadable'
  readonly reason: string | null
  readonly iterations: number
  readonly accepted: number | null
  readonly sampled: number | null
  readonly accuracy: { readonly base: number | null; readonly last: number | null } | null
  readonly cost: number | null
  readonly costUnit: string
  /** ISO 8601; of the newest line of events.jsonl, or the start. */
  readonly lastEventAt: string | null
  readonly lastEvent: string | null
}

export interface TraceRow extends ListedTrace {
  readonly label: Label | null
}

/** `GET /api/runs/NAME/traces`. */
export interface TracePage {
  readonly rows: readonly TraceRow[]
  /** `after` of the next page; null at the end. */
  readonly next: string | null
}

export interface FacetCount {
  readonly value: string
  readonly count: number
}

/** `GET /api/runs/NAME/facets`. */
export interface FacetCounts {
  readonly total: number
  readonly of: number
  /** False while a search is still being counted: the numbers are of what has been looked through so far. */
  readonly complete: boolean
  readonly facets: Readonly<Record<FacetName, readonly FacetCount[]>>
  /** Share of the run that is indexed: columns for filters, text for the search. */
  readonly index: IndexState
}

export interface IndexState {
  /** In [0, 1]; filters and counts are of what is loaded. */
  readonly rows: number
  /** In [0, 1]; null where the run's folder cannot be written and the search is off. */
  readonly text: number | null
}

export interface SideDetail {
  readonly extracted: string | null
  /** `extract:boxed`. */
  readonly extraction: string
  /** How it was read: `number 1/2`. */
  readonly parsed: string | null
  /** Where it stands in its text: [from, to) in characters; null where it is not word for word in it. */
  readonly place: readonly [number, number] | null
}

/** Values of both sides at one point where they were probed, as text. */
export interface ProbedPoint {
  readonly at: readonly { readonly name: string; readonly value: string }[]
  readonly gold: string
  readonly answer: string
  readonly equal: boolean
}

/** What the present checker says of a trace, and how it gets there. */
export interface WhyDetail {
  readonly verdict: VerdictKind
  readonly rule: string
  readonly reason: string
  readonly method: string
  readonly checker: string
  readonly gold: SideDetail
  readonly answer: SideDetail
  readonly agreed: number
  readonly points: readonly ProbedPoint[]
}

export interface PastVerdictDetail {
  /** ISO 8601. */
  readonly replacedAt: string
  readonly verdict: VerdictKind
  readonly rule: string
  readonly extracted: string | null
  readonly checker: string
}

/** `GET /api/runs/NAME/traces/ID`. */
export interface TraceDetail extends Omit<StoredTrace, 'verdictMs' | 'checkpoint' | 'purpose'> {
  readonly purpose: TracePurpose
  /** null for one that was generated elsewhere; `model` is then the file and line that it came from. */
  readonly checkpoint: { readonly iteration: number; readonly path: string; readonly hash: string } | null
  /** Characters of the text in all; `text` is its beginning and its end where it is longer than is sent. */
  readonly characters: number
  readonly temperature: number | null
  readonly reason: string | null
  /** What the disposition means, in a sentence. */
  readonly dispositionReason: string | null
  readonly prompt: { readonly name: string; readonly api: string; readonly messages: readonly Message[] } | null
  readonly attempts: readonly Attempt[]
  /** null where a program of the user's own decided, or nothing was verified. */
  readonly why: WhyDetail | null
  readonly history: readonly PastVerdictDetail[]
  readonly labels: readonly TraceLabel[]
  /** Before and after it in the list that was asked for. */
  readonly neighbours: { readonly previous: number | null; readonly next: number | null }
  /** All samples of its problem. */
  readonly samples: readonly SampleCell[]
}

/** `GET /api/runs/NAME/problems/ID`. */
export interface ProblemDetail {
  readonly id: string
  readonly split: string
  readonly source: string
  readonly level: string | null
  readonly question: string
  readonly gold: string
  /** As published with the problem, in [0, 1]; null where nothing is. */
  readonly solveRate: number | null
  readonly samples: readonly SampleCell[]
  readonly rates: readonly SolveRate[]
}

export interface SolveRate {
  readonly purpose: TracePurpose
  readonly iteration: number
  readonly asked: number
  readonly correct: number
}

/** `GET /api/runs/NAME/problems`: one row. */
export interface ProblemRow {
  readonly id: string
  readonly split: string
  readonly source: string
  readonly level: string | null
  readonly question: string
  readonly asked: number
  readonly correct: number
  /** As published with the problem, in [0, 1]; null where nothing is. */
  readonly solveRate: number | null
  /** Solve rate by iteration; null where it was not asked. */
  readonly byIteration: readonly (number | null)[]
}

export interface ProblemList {
  readonly rows: readonly ProblemRow[]
  readonly total: number
  readonly iterations: readonly number[]
}

/** What can be compared: a measured checkpoint of a run. */
export interface MeasuredPoint {
  /** `RUN@2`, `RUN@base`. */
  readonly ref: string
  readonly run: string
  readonly iteration: number
}

/** `GET /api/runs/NAME/overview`: the status and what is drawn of it. */
export interface Overview {
  readonly status: RunStatus
  readonly headline: { readonly title: string; readonly details: readonly string[]; readonly outcome: string }
  readonly notes: readonly string[]
  /** Drawn charts as markup of ours. */
  readonly charts: readonly string[]
  readonly report: boolean
}

/** `POST /api/runs/NAME/labels`. */
export interface LabelRequest {
  readonly trace: number
  /** null takes it back. */
  readonly label: Label | null
  readonly note?: string
  readonly blind: boolean
}

/** An answer that is none: a sentence. */
export interface Refusal {
  readonly error: string
}
