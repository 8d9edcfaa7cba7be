/** The gate: may the loop build on this checkpoint? A paired test on the gate split against the last accepted one. */

import { guardedDifference, type Interval, pairingSaved } from './intervals.ts'

export const GATE_DECISIONS = ['passed', 'undecided', 'failed'] as const
/**
 * - `passed`: the interval of (new - old) lies above -margin: shown to be not worse by the margin
 * - `failed`: the drop is beyond the margin and statistically real (the interval lies below 0)
 * - `undecided`: neither; the gate split is too small to tell. The loop continues and says so
 */
export type GateDecision = (typeof GATE_DECISIONS)[number]

export interface GateResult {
  readonly decision: GateDecision
  /** new - old, in accuracy, with its interval at this test's own confidence. */
  readonly difference: Interval
  /** The share of the run's error budget spent on this test. */
  readonly alpha: number
  /** Share of the variance that pairing saves; null where nothing varies. */
  readonly saved: number | null
}

/** Fewer problems decide nothing. */
export const FEWEST_PROBLEMS = 10

export interface GateInput {
  /** Per problem id, the share of its samples that are correct. */
  readonly before: ReadonlyMap<string, number>
  readonly after: ReadonlyMap<string, number>
  /** Samples of each problem on either side. */
  readonly samples: number
  /** Drop in accuracy that does not matter, for example 0.02. */
  readonly margin: number
  /** Error probability of this test, in (0, 1): its share of the run's budget, from `gateAlpha`. */
  readonly alpha: number
}

/**
 * Both ends of the interval are one-sided tests at alpha. Failing needs evidence, not absence of it: an unpaired
 * "dropped by two points" on 500 problems would send a harmless checkpoint back in a quarter of all iterations.
 */
export function judgeGate({ before, after, samples, margin, alpha }: GateInput): GateResult {
  const difference = guardedDifference(before, after, samples, 1 - 2 * alpha)
  return { decision: decide(difference, margin), difference, alpha, saved: pairingSaved(before, after) }
}

function decide(difference: Interval, margin: number): GateDecision {
  if (difference.n < FEWEST_PROBLEMS) return 'undecided'
  if (difference.low > -margin) return 'passed'
  if (difference.mean < -margin && difference.high < 0) return 'failed'
  return 'undecided'
}

export interface GateBudget {
  /** Error budget of the whole run: the chance that a checkpoint no worse than its predecessor fails any of the tests. */
  readonly alpha: number
  /** Tests that an iteration may come to: training attempts. */
  readonly attempts: number
  /** Alpha of one test in each iteration that was tested before this one. */
  readonly spent: readonly number[]
  /** Iterations that are expected from this one on, this one included, as far as that is known before its test. */
  readonly left: number
}

/**
 * The error probability of an iteration's tests. What is left of the budget is divided by the iterations that are left, so that a
 * run of a known number of iterations has alpha / (iterations x attempts) in each test, and one that ends when its cost is spent has about
 * that, however the expected number moves: what is spent goes by nothing but the past, so the sum bounds the error (the union
 * bound). A run that continues after its whole budget was spent, being extended, has alpha once more for the iterations that are left.
 */
export function gateAlpha({ alpha, attempts, spent, left }: GateBudget): number {
  const used = spent.reduce((sum, one) => sum + one * attempts, 0)
  const rest = alpha - used
  const available = rest > alpha * NOTHING ? rest : alpha
  return available / Math.max(1, left) / Math.max(1, attempts)
}

/** A share of the budget that is what rounding left of it. */
const NOTHING = 1e-6
