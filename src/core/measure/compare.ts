/** Comparing policies at equal cost, paired over seeds: final accuracy, cost to a target, and how sure one can be. */

import { type Interval, meanInterval } from './statistics.ts'

/** One run of one arm. */
export interface ComparedRun {
  readonly arm: string
  /** Runs of one seed share problems, base and streams of chance: they are a pair. */
  readonly seed: number
  /** Cumulative cost and accuracy, the base first; costs rise. */
  readonly points: readonly { readonly cost: number; readonly accuracy: number }[]
  readonly greedy: number | null
}

export interface ArmSummary {
  readonly arm: string
  readonly runs: number
  /** Final accuracy over seeds, with Student's 95% interval. */
  readonly accuracy: Interval
  readonly greedy: number | null
  readonly cost: number
  /** Final accuracy less the reference's at the same seeds; null for the reference itself. */
  readonly difference: Interval | null
  /** Exact two-sided sign-flip test of that difference, and Holm's correction over all arms. */
  readonly pValue: number | null
  readonly adjusted: number | null
  readonly toTarget: {
    /** Runs that never reached it: their cost is known to be larger than what they spent. */
    readonly censored: number
    /** Median cost over all runs; null where half of them or more are censored. */
    readonly median: number | null
    /** Mean of log(cost / reference's cost) over the seeds at which both reached it. */
    readonly logRatio: Interval | null
  }
}

/**
 * @param runs every arm has a run of every seed
 * @param reference the arm that the others are compared with
 * @param target accuracy in [0, 1]
 */
export function compareArms(runs: readonly ComparedRun[], reference: string, target: number): ArmSummary[] {
  const arms = [...new Set(runs.map((run) => run.arm))]
  const of = (arm: string): Map<number, ComparedRun> =>
    new Map(runs.filter((run) => run.arm === arm).map((run) => [run.seed, run]))
  const base = of(reference)
  const rows = arms.map((arm): ArmSummary => {
    const own = of(arm)
    const all = [...own.values()]
    const pairs = [...own].flatMap(([seed, run]) => {
      const other = base.get(seed)
      return other && arm !== reference ? [{ run, other }] : []
    })
    const differences = pairs.map(({ run, other }) => finalOf(run) - finalOf(other))
    const ratios = pairs.flatMap(({ run, other }) => {
      const [a, b] = [costToReach(run, target), costToReach(other, target)]
      return a === null || b === null ? [] : [Math.log(a / b)]
    })
    const costs = all.map((run) => costToReach(run, target))
    const greedy = all.map((run) => run.greedy).filter((value) => value !== null)
    return {
      arm,
      runs: all.length,
      accuracy: meanInterval(all.map(finalOf)),
      greedy: greedy.length === 0 ? null : mean(greedy),
      cost: mean(all.map((run) => run.points.at(-1)?.cost ?? 0)),
      difference: arm === reference ? null : meanInterval(differences),
      pValue: arm === reference ? null : signFlipTest(differences),
      adjusted: null,
      toTarget: {
        censored: costs.filter((cost) => cost === null).length,
        median: median(costs.map((cost) => cost ?? Number.POSITIVE_INFINITY)),
        logRatio: ratios.length === 0 ? null : meanInterval(ratios),
      },
    }
  })
  const adjusted = holm(rows.map(({ pValue }) => pValue))
  return rows.map((row, i) => ({ ...row, adjusted: adjusted[i] ?? null }))
}

function finalOf(run: ComparedRun): number {
  return run.points.at(-1)?.accuracy ?? Number.NaN
}

/** The cost at which the accuracy first reaches the target, straight between two measurements; null where it never does. */
export function costToReach({ points }: Pick<ComparedRun, 'points'>, target: number): number | null {
  for (const [i, point] of points.entries()) {
    if (point.accuracy < target) continue
    const before = points[i - 1]
    if (!before) return point.cost
    const share = (target - before.accuracy) / (point.accuracy - before.accuracy)
    return before.cost + share * (point.cost - before.cost)
  }
  return null
}

/** With more pairs than this, 2^n signs are too many to try. */
const MOST_PAIRS = 20

/** Two-sided exact test that the differences are as likely with either sign; the share of sign patterns at least as extreme. */
export function signFlipTest(differences: readonly number[]): number | null {
  const n = differences.length
  if (n === 0 || n > MOST_PAIRS) return null
  const seen = Math.abs(differences.reduce((sum, value) => sum + value, 0))
  const scale = differences.reduce((sum, value) => sum + Math.abs(value), 0)
  let extreme = 0
  for (let signs = 0; signs < 2 ** n; signs++) {
    const sum = differences.reduce((total, value, i) => total + ((signs >> i) & 1 ? -value : value), 0)
    // Sums of the same numbers in another order differ in the last bits.
    if (Math.abs(sum) >= seen - 1e-12 * scale) extreme++
  }
  return extreme / 2 ** n
}

/** Holm's step-down correction; null stays null. */
export function holm(pValues: readonly (number | null)[]): (number | null)[] {
  const order = pValues.flatMap((p, at) => (p === null ? [] : [{ p, at }])).sort((a, b) => a.p - b.p)
  const out: (number | null)[] = pValues.map(() => null)
  let largest = 0
  for (const [rank, { p, at }] of order.entries()) {
    largest = Math.max(largest, Math.min(1, p * (order.length - rank)))
    out[at] = largest
  }
  return out
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}

function median(values: readonly number[]): number | null {
  const sorted = values.toSorted((a, b) => a - b)
  const low = sorted[Math.floor((sorted.length - 1) / 2)] ?? Number.NaN
  const high = sorted[Math.ceil((sorted.length - 1) / 2)] ?? Number.NaN
  return Number.isFinite(low + high) ? (low + high) / 2 : null
}
