/** What a run's cost is counted in: prices as they are written, or a unit whose prices are measured in the run, or in its pilot. */

import type { Costs } from './costs.ts'

export const COST_UNITS = ['samples', 'tokens', 'gpu-seconds', 'money', 'flops'] as const

/** Prices to go by until they are measured, in the unit. */
export type ExpectedPrices = { readonly [K in keyof Costs]?: number | undefined }

interface Expecting {
  readonly expect?: ExpectedPrices | undefined
}

/** `budget.costs`. Prices alone have no unit of their own; `measured` is seconds of the run's activity. */
export type CostSettings =
  | 'measured'
  | (Costs & { readonly unit?: 'prices' | undefined })
  | { readonly unit: 'samples' }
  | (Expecting & { readonly unit: 'tokens' })
  | (Expecting & { readonly unit: 'gpu-seconds'; readonly gpus: number })
  | (Expecting & { readonly unit: 'money'; readonly gpus: number; readonly perGpuHour: number })
  | (Expecting & { readonly unit: 'flops'; readonly parameters: number })

/** How cost comes about: by counts, by tokens, or by time. */
export type CostRule =
  | { readonly kind: 'prices'; readonly costs: Costs }
  /** Of a token drawn (prompt or completion, for whatever purpose), and of one trained on. */
  | { readonly kind: 'tokens'; readonly drawn: number; readonly trained: number; readonly expect: ExpectedPrices }
  | { readonly kind: 'seconds'; readonly perSecond: number; readonly expect: ExpectedPrices }

/** FLOPs of a forward pass a parameter and token (arXiv 2001.08361, section 2.1, without attention's context). */
const FORWARD = 2
/** Forward and backward: three times that. */
const FORWARD_AND_BACKWARD = 6
const SECONDS_PER_HOUR = 3600

/**
 * The rule of a setting. `samples` is N_t; `tokens` are those drawn, evaluation included, as in `caps.tokens`; `flops` are 2 P of a
 * token drawn and 6 P of one trained on; `gpu-seconds` are seconds of activity times GPUs, and `money` those at a price.
 */
export function costRule(settings: CostSettings): CostRule {
  if (settings === 'measured') return { kind: 'seconds', perSecond: 1, expect: {} }
  switch (settings.unit) {
    case undefined:
    case 'prices': {
      const { sample, train, iteration } = settings
      return { kind: 'prices', costs: { sample, train, iteration } }
    }
    case 'samples':
      return { kind: 'prices', costs: { sample: 1, train: 0, iteration: 0 } }
    case 'tokens':
      return { kind: 'tokens', drawn: 1, trained: 0, expect: settings.expect ?? {} }
    case 'flops': {
      const { parameters, expect = {} } = settings
      return { kind: 'tokens', drawn: FORWARD * parameters, trained: FORWARD_AND_BACKWARD * parameters, expect }
    }
    case 'gpu-seconds':
      return { kind: 'seconds', perSecond: settings.gpus, expect: settings.expect ?? {} }
    case 'money': {
      const { gpus, perGpuHour, expect = {} } = settings
      return { kind: 'seconds', perSecond: (gpus * perGpuHour) / SECONDS_PER_HOUR, expect }
    }
  }
}

/** Prices that are known beforehand; undefined where they are measured. */
export function fixedPrices(settings: CostSettings | null | undefined): Costs | undefined {
  if (settings === null || settings === undefined) return undefined
  const rule = costRule(settings)
  return rule.kind === 'prices' ? rule.costs : undefined
}

/** The unit for people; empty where prices have none. */
export function costUnitName(settings: CostSettings): string {
  if (settings === 'measured') return 'seconds'
  switch (settings.unit) {
    case undefined:
    case 'prices':
      return ''
    case 'gpu-seconds':
      return 'GPU-seconds'
    case 'flops':
      return 'FLOPs'
    default:
      return settings.unit
  }
}

/** What a run, or its pilot, has shown so far; sums. */
export interface MeasuredUsage {
  /** Completions drawn to train on, and what they took; the pilot's before there are any. */
  readonly drawn: { readonly completions: number; readonly tokens: number; readonly seconds: number }
  /** Accepted traces that were trained on, and what that took. */
  readonly trained: { readonly accepted: number; readonly tokens: number; readonly seconds: number }
  /** Mean tokens of an accepted trace times the passes of training over it; null where none is accepted yet. */
  readonly tokensPerAccepted: number | null
  /** Measurements of checkpoints, and everything else that comes once an iteration. */
  readonly fixed: { readonly times: number; readonly tokens: number; readonly seconds: number }
}

export type KnownPrices = { readonly [K in keyof Costs]: number | null }

/** c_g, c_t and F as measured, else as expected; null where neither. F is 0 before anything is known of it. */
export function pricesOf(rule: CostRule, { drawn, trained, tokensPerAccepted, fixed }: MeasuredUsage): KnownPrices {
  if (rule.kind === 'prices') return rule.costs
  const { expect } = rule
  const per = (amount: number, times: number, factor: number): number | null =>
    times > 0 ? (factor * amount) / times : null
  if (rule.kind === 'seconds') {
    const { perSecond } = rule
    return {
      sample: per(drawn.seconds, drawn.completions, perSecond) ?? expect.sample ?? null,
      train: per(trained.seconds, trained.accepted, perSecond) ?? expect.train ?? null,
      iteration: per(fixed.seconds, fixed.times, perSecond) ?? expect.iteration ?? 0,
    }
  }
  const foreseen = tokensPerAccepted === null ? null : rule.trained * tokensPerAccepted
  return {
    sample: per(drawn.tokens, drawn.completions, rule.drawn) ?? expect.sample ?? null,
    train: rule.trained === 0 ? 0 : (per(trained.tokens, trained.accepted, rule.trained) ?? expect.train ?? foreseen),
    iteration: per(fixed.tokens, fixed.times, rule.drawn) ?? expect.iteration ?? 0,
  }
}

/** All three; undefined while one is not known. */
export function wholePrices({ sample, train, iteration }: KnownPrices): Costs | null {
  return sample === null || train === null || iteration === null ? null : { sample, train, iteration }
}
