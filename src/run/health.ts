/** A checkpoint's answers to the gate problems, as the monitors read them. */

import { gateRange } from '../config/gate-design.ts'
import type { RunConfig } from '../config/schema.ts'
import { type Answer, findCollapse, type Health, healthOf, type Symptom } from '../core/measure/health.ts'
import type { CheckpointRow } from '../store/iterations.ts'
import type { Store } from '../store/store.ts'
import { baseRow } from './checkpoints.ts'

/** By the samples that every checkpoint has, equally many of each problem: nothing here was stopped by what it showed. */
export function checkHealth(
  { config, store }: { readonly config: RunConfig; readonly store: Store },
  made: CheckpointRow,
): { health: Health | undefined; symptoms: Symptom[] } {
  const base = gateAnswers(store, baseRow({ store }), config)
  const now = gateAnswers(store, made, config)
  return { health: healthOf(now), symptoms: findCollapse(base, now, config.gate.collapse) }
}

/** Undefined before the gate has been measured. */
export function healthAt(
  store: Store,
  checkpoint: Pick<CheckpointRow, 'iteration' | 'attempt'>,
  config: Pick<RunConfig, 'gate' | 'evaluate'>,
): Health | undefined {
  return healthOf(gateAnswers(store, checkpoint, config))
}

function gateAnswers(
  store: Store,
  { iteration, attempt }: Pick<CheckpointRow, 'iteration' | 'attempt'>,
  config: Pick<RunConfig, 'gate' | 'evaluate'>,
): Answer[] {
  const { from, to } = gateRange(config, attempt)
  return store.completions
    .drawn('gate', iteration)
    .filter(({ index, finishReason }) => index >= from && index < to && finishReason !== 'failed')
    .map(({ problem, text, finishReason, completionTokens, verdict }) => ({
      problem,
      text,
      correct: verdict === 'correct' && finishReason === 'stop',
      truncated: finishReason === 'length',
      tokens: completionTokens,
    }))
}
