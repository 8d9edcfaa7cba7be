/** A checkpoint's answers to the gate problems: as the monitors read them, and what the gate said. */

import { gateDesign, gateRange } from '../config/gate-design.ts'
import type { RunConfig } from '../config/schema.ts'
import { seenDrop } from '../core/measure/gate-power.ts'
import { type Answer, findCollapse, type Health, healthOf, type Symptom } from '../core/measure/health.ts'
import type { GateLookStatus } from '../core/status.ts'
import type { CheckpointRow, GateRow } from '../store/iterations.ts'
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

export interface GateReading extends GateRow {
  /** The drop in accuracy that such a test fails in four of five cases, by the spread that it met. */
  readonly sees: number | null
  /** Samples of each problem by which it was decided. */
  readonly samples: number
  readonly looks: readonly GateLookStatus[]
}

/** What the gate said of every training attempt, with what it was able to see. */
export function readGates(store: Store, config: RunConfig): GateReading[] {
  const looks = Map.groupBy(store.iterations.gateLooks(), attemptOf)
  return store.iterations.gates().map((row) => {
    const own = looks.get(attemptOf(row)) ?? []
    const last = own.at(-1)
    // The bounds are at the last look's own confidence.
    const sees = seenDrop({ ...row, alpha: last?.level ?? row.alpha }, config.gate.margin)
    return {
      ...row,
      sees,
      samples: last?.samples ?? gateDesign(config).samples,
      looks: own.map(({ samples, decision, difference, low, high, level }) => ({
        samples,
        decision,
        difference,
        low,
        high,
        level,
      })),
    }
  })
}

function attemptOf({ iteration, attempt }: Pick<GateRow, 'iteration' | 'attempt'>): string {
  return `${iteration}/${attempt}`
}
