/** A checkpoint's answers to the gate problems, as the monitors read them. */

import type { RunConfig } from '../config/schema.ts'
import { type Answer, findCollapse, type Health, healthOf, type Symptom } from '../core/measure/health.ts'
import type { CheckpointRow } from '../store/iterations.ts'
import type { Store } from '../store/store.ts'
import { baseRow } from './checkpoints.ts'

/** The gate is measured equally often for every problem, so nothing here was stopped by what it showed. */
export function checkHealth(
  { config, store }: { readonly config: RunConfig; readonly store: Store },
  made: CheckpointRow,
): { health: Health | undefined; symptoms: Symptom[] } {
  const { samples } = config.evaluate
  const base = gateAnswers(store, baseRow({ store }), samples)
  const now = gateAnswers(store, made, samples)
  return { health: healthOf(now), symptoms: findCollapse(base, now, config.gate.collapse) }
}

/** Undefined before the gate has been measured. */
export function healthAt(
  store: Store,
  checkpoint: Pick<CheckpointRow, 'iteration' | 'attempt'>,
  samples: number,
): Health | undefined {
  return healthOf(gateAnswers(store, checkpoint, samples))
}

function gateAnswers(
  store: Store,
  { iteration, attempt }: Pick<CheckpointRow, 'iteration' | 'attempt'>,
  samples: number,
): Answer[] {
  return store.completions
    .drawn('gate', iteration)
    .filter(({ index, finishReason }) => Math.floor(index / samples) === attempt && finishReason !== 'failed')
    .map(({ problem, text, finishReason, completionTokens, verdict }) => ({
      problem,
      text,
      correct: verdict === 'correct' && finishReason === 'stop',
      truncated: finishReason === 'length',
      tokens: completionTokens,
    }))
}
