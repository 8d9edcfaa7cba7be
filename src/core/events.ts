/** What a run tells while it continues: the terminal, `--json` and events.jsonl all draw from these. */

import type { PolicyDecision } from './budget/policy-decision.ts'
import type { Purpose } from './completion.ts'
import type { GateDecision } from './measure/gate.ts'
import type { Health } from './measure/health.ts'
import type { IterationState, RunState } from './status.ts'

export type RunEvent =
  | {
      readonly kind: 'run-started'
      readonly name: string
      readonly directory: string
      readonly resumed: boolean
      /** As many as are planned; null where the run's cost or time ends it and not their number. */
      readonly iterations: number | null
    }
  | { readonly kind: 'note'; readonly text: string }
  | { readonly kind: 'phase'; readonly iteration: number; readonly state: IterationState; readonly attempt: number }
  | {
      readonly kind: 'sampling'
      readonly purpose: Purpose
      readonly iteration: number
      /** Eligible for training; for other purposes, correct ones. */
      readonly accepted: number
      readonly target: number
      /** Ended, failed ones not counted. */
      readonly sampled: number
      /** For purposes with a fixed number of draws, how many are wanted in all. */
      readonly wanted: number | null
      readonly failed: number
      readonly inFlight: number
      /** Tokens generated so far in this phase by this process. */
      readonly tokens: number
      readonly elapsedMs: number
    }
  | {
      readonly kind: 'sampled'
      readonly iteration: number
      readonly accepted: number
      readonly sampled: number
      readonly surplus: number
      readonly acceptanceRate: number
      /** Slots of the servers that were free, times how long, while nothing more was wanted; of this process alone. */
      readonly idleSlotSeconds: number
      /** Requests before the last accepted trace that never brought an answer. */
      readonly unanswered: number
    }
  | {
      readonly kind: 'training'
      readonly iteration: number
      readonly step: number
      readonly steps: number
      readonly loss: number
      readonly elapsedMs: number
    }
  | {
      readonly kind: 'trained'
      readonly iteration: number
      readonly checkpoint: string
      readonly steps: number
      readonly seconds: number
      readonly loss: number | null
    }
  | ({ readonly kind: 'decided'; readonly iteration: number } & { readonly decision: PolicyDecision })
  | {
      /** A look of a sequential gate; `undecided` continues while there are samples left to draw. */
      readonly kind: 'gate-look'
      readonly iteration: number
      /** Of each problem so far. */
      readonly samples: number
      readonly decision: GateDecision
      readonly difference: number
      readonly low: number
      readonly high: number
    }
  | {
      readonly kind: 'gate'
      readonly iteration: number
      readonly decision: GateDecision
      readonly difference: number
      readonly low: number
      readonly high: number
    }
  | ({
      readonly kind: 'health'
      readonly iteration: number
      /** Signs of collapse, a sentence each. */
      readonly symptoms: readonly string[]
    } & Health)
  | {
      readonly kind: 'evaluated'
      readonly iteration: number
      readonly accuracy: number
      readonly low: number
      readonly high: number
      readonly greedy: number | null
      readonly cost: number
    }
  | { readonly kind: 'iteration-ended'; readonly iteration: number; readonly state: IterationState }
  | {
      readonly kind: 'run-ended'
      readonly state: RunState
      readonly reason: string | null
      readonly report: string | null
    }

/** Takes events; must not throw and must not wait. */
export type Emit = (event: RunEvent) => void
