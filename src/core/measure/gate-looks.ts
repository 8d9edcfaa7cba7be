/** The gate's looks: how many samples of each problem it is tested at, one after the other, and at which error probability. */

import { lookLevels, type Spending } from './group-sequential.ts'

/** How a checkpoint is measured on the gate problems. */
export interface GateDesign {
  /** Samples of each problem at the first look, which is the only one where `most` says no more. */
  readonly samples: number
  /** Samples of each problem at the last look. */
  readonly most: number
}

export interface GateLook {
  /** Samples of each problem so far, for either checkpoint. */
  readonly samples: number
  /** Error probability of this look, one-sided, as if it were the only one. */
  readonly level: number
}

/**
 * The looks of one test: samples are doubled until there are as many as may be, and alpha is spent over them.
 * @param alpha of the whole test
 */
export function gateLooks(design: GateDesign, alpha: number, spending?: Spending): GateLook[] {
  const samples = lookSamples(design)
  if (samples.length === 1) return samples.map((count) => ({ samples: count, level: alpha }))
  const levels = lookLevels(
    samples.map((count) => count / design.most),
    alpha,
    spending,
  )
  return levels.map(({ level }, i) => ({ samples: samples[i] ?? design.most, level }))
}

/** Samples of each problem at each look. */
export function lookSamples({ samples, most }: GateDesign): number[] {
  const out: number[] = []
  for (let count = samples; count < most; count *= 2) out.push(count)
  return [...out, Math.max(samples, most)]
}
