/** The gate: may the loop build on this checkpoint? A paired test on the gate split against the last accepted one. */

import { type Interval, pairedDifference } from './statistics.ts'

export const GATE_DECISIONS = ['passed', 'undecided', 'failed'] as const
/**
 * - `passed`: the interval of (new - old) lies above -margin: shown to be not worse by the margin
 * - `failed`: the drop is beyond the margin and statistically real (the interval lies below 0)
 * - `undecided`: neither; the gate split is too small to tell. The loop goes on and says so
 */
export type GateDecision = (typeof GATE_DECISIONS)[number]

export interface GateResult {
  readonly decision: GateDecision
  /** new - old, in accuracy, with its interval at this test's own confidence. */
  readonly difference: Interval
  /** The share of the run's error budget spent on this test. */
  readonly alpha: number
}

/** With fewer problems all differences are easily equal, which looks like certainty: 1 in 16 for two problems at p = 1/2. */
const FEWEST_PROBLEMS = 10

export interface GateInput {
  /** Per problem id, the share of its samples that are correct. */
  readonly before: ReadonlyMap<string, number>
  readonly after: ReadonlyMap<string, number>
  /** Drop in accuracy that does not matter, for example 0.02. */
  readonly margin: number
  /** Error budget of the whole run: the chance that a checkpoint no worse than its predecessor fails any of the tests. */
  readonly alpha: number
  /** Number of tests the budget is divided over (Bonferroni): iterations times training attempts. */
  readonly tests: number
}

/**
 * Both ends of the interval are one-sided tests at alpha / tests. Failing needs evidence, not absence of it: an unpaired
 * "dropped by two points" on 500 problems would send a harmless checkpoint back in a quarter of all iterations.
 */
export function judgeGate(input: GateInput): GateResult {
  const alpha = input.alpha / Math.max(1, input.tests)
  const difference = pairedDifference(input.before, input.after, 1 - 2 * alpha)
  return { decision: decide(difference, input.margin), difference, alpha }
}

function decide(difference: Interval, margin: number): GateDecision {
  if (difference.n < FEWEST_PROBLEMS) return 'undecided'
  if (difference.low > -margin) return 'passed'
  if (difference.mean < -margin && difference.high < 0) return 'failed'
  return 'undecided'
}
