/** How often each gate problem is asked, as the configuration has it. */

import type { GateDesign } from '../core/measure/gate-looks.ts'
import type { RunConfig } from './schema.ts'

type GateConfig = Pick<RunConfig, 'gate' | 'evaluate'>

export function gateDesign({ gate, evaluate: { samples } }: GateConfig): GateDesign {
  return { samples, most: gate.sequential ? Math.max(samples, gate.maxSamples) : samples }
}

/**
 * Sample numbers of one training attempt's checkpoint, each attempt having its own: the ones that every checkpoint has, however its
 * test went, so that nothing which is read from them was stopped by what it showed.
 */
export function gateRange(config: GateConfig, attempt: number): { readonly from: number; readonly to: number } {
  const { samples, most } = gateDesign(config)
  const from = attempt * most
  return { from, to: from + samples }
}
