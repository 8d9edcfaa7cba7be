/** Comparing policies at equal cost, paired over seeds: final accuracy, cost to a target, and how sure one can be. */

import { createRandom } from '../seed.ts'
import { censoredMean, type MaybeCensored } from './censored.ts'
import { type ComparedPoint, costToReach } from './crossing.ts'
import { type Interval, meanInterval, pairingSaved } from './intervals.ts'

/** One run of one arm. */
export interface ComparedRun {
  readonly arm: string
  /** Runs of one seed share problems, base and streams of chance: they are a pair. */
  readonly seed: number
  /** Cumulative cost and accuracy, the base first; costs rise. */
  readonly points: readonly ComparedPoint[]
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
  /** Share of its variance that pairing by seed saves; null for the reference, and where nothing varies. */
  readonly saved: number | null
  /** Two-sided sign-flip test of that difference, and Holm's correction over all arms. */
  readonly pValue: number | null
  readonly adjusted: number | null
  readonly toTarget: {
    /** Runs that never reached it: their cost is known to be larger than what they spent. */
    readonly censored: number
    /** Median cost over all runs; null where half of them or more are censored. */
    readonly median: number | null
    /**
     * Mean of log(cost / reference's cost) over the seeds at which either reached it, what the other spent being a bound; null where
     * both reached it at none.
     */
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
    const ratios = pairs.flatMap(({ run, other }) => logRatioOf(run.points, other.points, target))
    const costs = all.map((run) => costToReach(run.points, target))
    const greedy = all.map((run) => run.greedy).filter((value) => value !== null)
    return {
      arm,
      runs: all.length,
      accuracy: meanInterval(all.map(finalOf)),
      greedy: greedy.length === 0 ? null : mean(greedy),
      cost: mean(all.map((run) => run.points.at(-1)?.cost ?? 0)),
      difference: arm === reference ? null : meanInterval(differences),
      saved: savedBySeeds(pairs),
      pValue: signFlipTest(differences),
      adjusted: null,
      toTarget: {
        censored: costs.filter((cost) => cost === null).length,
        median: median(costs.map((cost) => cost ?? Number.POSITIVE_INFINITY)),
        logRatio: ratios.some(({ bound }) => bound === null) ? censoredMean(ratios) : null,
      },
    }
  })
  const adjusted = holm(rows.map(({ pValue }) => pValue))
  return rows.map((row, i) => ({ ...row, adjusted: adjusted[i] ?? null }))
}

/** Of two runs of a seed: exact where both reached the target, a bound where one did, nothing where neither did. */
function logRatioOf(
  own: readonly ComparedPoint[],
  other: readonly ComparedPoint[],
  target: number,
): readonly MaybeCensored[] {
  const spent = (points: readonly ComparedPoint[]): number => points.at(-1)?.cost ?? Number.NaN
  const [a, b] = [costToReach(own, target), costToReach(other, target)]
  if (a === null && b === null) return []
  const bound = a === null ? 'at-least' : b === null ? 'at-most' : null
  return [{ value: Math.log((a ?? spent(own)) / (b ?? spent(other))), bound }]
}

/** Of runs that share a seed. */
function savedBySeeds(pairs: readonly { readonly run: ComparedRun; readonly other: ComparedRun }[]): number | null {
  const finals = (of: (pair: (typeof pairs)[number]) => ComparedRun): Map<string, number> =>
    new Map(pairs.map((pair) => [String(pair.run.seed), finalOf(of(pair))]))
  return pairs.length < 2
    ? null
    : pairingSaved(
        finals(({ other }) => other),
        finals(({ run }) => run),
      )
}

function finalOf(run: ComparedRun): number {
  return run.points.at(-1)?.accuracy ?? Number.NaN
}

/** With more pairs than this, 2^n signs are too many to try, and this many patterns are drawn instead. */
const MOST_PAIRS = 20
const DRAWN_PATTERNS = 100_000

/**
 * Two-sided test that the differences are as likely with either sign: the share of sign patterns at least as extreme. Exact up to 20
 * differences; beyond, of 100,000 seeded patterns with the one that was seen counted as well (Phipson and Smyth 2010), so that it never is 0:
 * its standard error is below 0.0016, at p = 0.05 below 0.0007.
 */
export function signFlipTest(differences: readonly number[]): number | null {
  const n = differences.length
  if (n === 0) return null
  const seen = Math.abs(differences.reduce((sum, value) => sum + value, 0))
  const scale = differences.reduce((sum, value) => sum + Math.abs(value), 0)
  // Sums of the same numbers in another order differ in the last bits.
  const isExtreme = (sum: number): boolean => Math.abs(sum) >= seen - 1e-12 * scale
  let extreme = 0
  if (n <= MOST_PAIRS) {
    for (let signs = 0; signs < 2 ** n; signs++) {
      if (isExtreme(differences.reduce((sum, value, i) => sum + ((signs >> i) & 1 ? -value : value), 0))) extreme++
    }
    return extreme / 2 ** n
  }
  const random = createRandom(n)
  for (let pattern = 0; pattern < DRAWN_PATTERNS; pattern++) {
    let sum = 0
    for (const value of differences) sum += random() < 0.5 ? -value : value
    if (isExtreme(sum)) extreme++
  }
  return (extreme + 1) / (DRAWN_PATTERNS + 1)
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
