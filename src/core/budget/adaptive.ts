/**
 * The adaptive policy: n_t from what the run has shown, one decision an iteration, each with its reason.
 *
 * n_t follows initial lambda^-t, the growth that leaves the least variance for its cost (theorem 3.1 of arXiv 2501.18962), with lambda
 * estimated again before every iteration. It never shrinks, and grows by less than lambda^-2 at a time, beyond which budget is wasted.
 */

import type { Interval } from '../measure/intervals.ts'
import {
  type ContractionEstimate,
  type ContractionPrior,
  estimateContraction,
  type ProgressSeries,
} from './contraction.ts'
import type { PolicyDecision } from './policy-decision.ts'

export interface AdaptiveRules {
  /** n_0. */
  readonly initial: number
  readonly prior: ContractionPrior
  /** The run stops when, with 90% confidence, less than this share is left to gain; 0 never stops. */
  readonly stopBelow: number
}

/** What the run has shown so far: the gate split and the acceptance rates, nothing of the evaluation split. */
export interface AdaptiveEvidence {
  /** n_t of the updates that the loop builds on, in order; rejected ones left out. */
  readonly sizes: readonly number[]
  /** Accuracy on the gate split of the base and after each of those updates. */
  readonly gate: ProgressSeries
  /** Acceptance rates while sampling from the same weights. */
  readonly acceptance: ProgressSeries
  /** The newest iteration; undefined before the first. */
  readonly last:
    | { readonly size: number; readonly rejected: boolean; readonly gain: Interval | undefined; readonly cost: number }
    | undefined
}

/** Data in, decision out: the same evidence always gives the same decision. */
export function decideAdaptive(rules: AdaptiveRules, evidence: AdaptiveEvidence): PolicyDecision {
  const { sizes, gate, acceptance, last } = evidence
  const estimate = estimateContraction(sizes, [gate, acceptance], rules.prior)
  const growth = 1 / estimate.careful
  const common = { growth, low: 1 / estimate.high, high: 1 / estimate.low }
  if (!last) return { ...common, kind: 'start', size: rules.initial, reason: `Starts with budget.policy.initial.` }
  if (last.rejected) {
    const size = Math.max(last.size, Math.floor(last.size * growth + 0.5))
    const reason = `The gate rejected the last checkpoint${gainWords(last.gain)}; continues from the one before with n_t ${size}, so that the update is less noisy.`
    return { ...common, kind: 'roll-back', size, reason }
  }
  const wanted = rules.initial * growth ** sizes.length
  const size = Math.max(last.size, Math.floor(Math.min(wanted, last.size * growth ** 2) + 0.5))
  const why = `${paceWords(estimate)}${gainWords(last.gain)}${efficiencyWords(last)}`
  if (rules.stopBelow > 0 && gate.length > 1 && estimate.gapHigh < rules.stopBelow) {
    const left = `less than ${points(estimate.gapHigh)} points are left to gain (90%), and stopBelow is ${points(rules.stopBelow)}`
    return { ...common, kind: 'stop', size, reason: `Stops: ${left}. ${why}` }
  }
  if (size === last.size) {
    return { ...common, kind: 'hold', size, reason: `Holds n_t at ${size}, which is ahead of the pace. ${why}` }
  }
  const factor = (size / last.size).toFixed(2)
  return {
    ...common,
    kind: 'grow',
    size,
    reason: `Grows by ${factor} to ${size}; less than ${(growth ** 2).toFixed(2)} is safe. ${why}`,
  }
}

function paceWords({ mean, low, high, gap }: ContractionEstimate): string {
  return `An iteration leaves ${mean.toFixed(2)} of the bias (80%: ${low.toFixed(2)} to ${high.toFixed(2)}), about ${points(gap)} points are left to gain`
}

function gainWords(gain: Interval | undefined): string {
  if (!gain || !Number.isFinite(gain.low)) return ''
  return `, the last update brought ${points(gain.mean)} (${points(gain.low)} to ${points(gain.high)})`
}

function efficiencyWords({ gain, cost }: { readonly gain: Interval | undefined; readonly cost: number }): string {
  if (!gain || !(cost > 0)) return '.'
  return `, ${((100_000 * gain.mean) / cost).toPrecision(2)} points for a cost of 1,000.`
}

function points(share: number): string {
  return (100 * share).toFixed(1)
}
