/** What a running run works with: its tools, gathered once and handed down; nothing below reaches for globals. */

import type { RunConfig } from '../config/schema.ts'
import type { Emit } from '../core/events.ts'
import type { Problem, Split } from '../core/problem.ts'
import type { Sampler } from '../core/sampler.ts'
import type { InferenceServer } from '../core/server.ts'
import type { Trainer } from '../core/trainer.ts'
import type { Verdict } from '../core/verdict.ts'
import type { Spending } from '../run/spending.ts'
import type { PromptRole, StoredPrompt } from '../store/runs.ts'
import type { Store } from '../store/store.ts'
import type { RunCache } from './sample/cache.ts'
import type { HandOverFacts } from './serve/hand-over.ts'

/** What is verified. The rest is for a judge: it is told the question, and its votes are kept under the completion's row. */
export interface ToVerify {
  readonly gold: string
  readonly text: string
  readonly question?: string
  readonly completion?: number
}

/** The verifier as the loop sees it: texts in, verdicts out, in order. */
export interface Verifier {
  verify(batch: readonly ToVerify[], signal: AbortSignal): Promise<Verdict[]>
  close(): Promise<void>
}

export interface RunContext {
  readonly config: RunConfig
  /** The run folder, absolute. */
  readonly directory: string
  /** Where run.yaml lies: relative paths in it start here. */
  readonly configDirectory: string
  readonly store: Store
  readonly problems: Readonly<Record<Split, readonly Problem[]>>
  /** Ratio of prompts by source of train. */
  readonly weights: Readonly<Record<string, number>>
  readonly prompts: Readonly<Record<PromptRole, StoredPrompt>>
  /** Whether every checkpoint is measured with the seeds of the base. */
  readonly commonSeeds: boolean
  readonly sampler: Sampler
  /** undefined where every completion is to be drawn. */
  readonly cache: RunCache | undefined
  readonly verifier: Verifier
  readonly server: InferenceServer
  readonly handOver: HandOverFacts
  /** undefined with `train: none`. */
  readonly trainer: Trainer | undefined
  readonly spending: Spending
  /** Traces that lack a part of what the model wrote may be trained on. */
  readonly allowAltered: boolean
  readonly emit: Emit
  readonly signal: AbortSignal
}
