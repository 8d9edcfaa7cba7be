/** What the gate said of every training attempt, with what it was able to see. */

import { gateDesign } from '../config/gate-design.ts'
import type { RunConfig } from '../config/schema.ts'
import { seenDrop } from '../core/measure/gate-power.ts'
import type { GateLookStatus } from '../core/status.ts'
import type { GateRow } from '../store/iterations.ts'
import type { Store } from '../store/store.ts'

export interface GateReading extends GateRow {
  /** The drop in accuracy that such a test fails in four of five cases, by the spread that it met. */
  readonly sees: number | null
  /** Samples of each problem by which it was decided. */
  readonly samples: number
  readonly looks: readonly GateLookStatus[]
}

/** By iteration and attempt. */
export function readGates(store: Store, config: RunConfig): GateReading[] {
  const looks = Map.groupBy(store.iterations.gateLooks(), keyOf)
  return store.iterations.gates().map((row) => {
    const own = looks.get(keyOf(row)) ?? []
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

function keyOf({ iteration, attempt }: Pick<GateRow, 'iteration' | 'attempt'>): string {
  return `${iteration}/${attempt}`
}
