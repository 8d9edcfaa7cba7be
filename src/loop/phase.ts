/** The phases of an iteration that people may run alone, and how a run is continued. */

import type { IterationState } from '../core/status.ts'

export const PHASES = ['sample', 'train', 'evaluate'] as const
/** One phase alone, for people who schedule the phases themselves. */
export type Phase = (typeof PHASES)[number]

/** The states that each phase alone works through. */
export const PHASE_STATES = {
  sample: ['planned', 'sampling'],
  train: ['training', 'serving'],
  evaluate: ['evaluating'],
} as const satisfies Record<Phase, readonly IterationState[]>

export interface Continuation {
  /** What people type to continue this run, for example `spendwise run run.yaml`. */
  readonly command: string
  /** Only this phase of the current iteration; undefined for the whole run. */
  readonly only: Phase | undefined
}
