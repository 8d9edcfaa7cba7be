/** The plan: what every iteration asks for and is expected to cost. It does nothing. */

import { type Costs, iterationCost } from './costs.ts'
import { nextTarget, type RunBudget, runTargets } from './next-target.ts'
import type { Target } from './policy.ts'

export interface PlanInput extends RunBudget {
  /** null where the costs are to be measured and nothing is measured yet. */
  readonly costs: Costs | null
  /**
   * Acceptance rate in (0, 1], or one for each iteration, the last of them standing for those after it;
   * null where nothing is measured yet.
   */
  readonly acceptanceRate: number | readonly number[] | null
  /** Those of the iterations so far, for a policy that goes by them; `acceptanceRate` where left out. */
  readonly measuredRates?: readonly number[]
  readonly extras?: PlannedExtras
  /** What is spent before the first iteration, on measuring the base, where that is not in the prices; 0 where left out. */
  readonly before?: number
}

/** What is drawn next to n_t, at most; both 0 where neither is asked for. */
export interface PlannedExtras {
  /** Completions of an iteration's temperature probe. */
  readonly probes: number
  /** Hinted samples, as a share of the iteration's accepted traces. */
  readonly hintShare: number
}

export interface PlannedIteration {
  readonly iteration: number
  /** n_t; null with unit `sampled` before anything is measured. */
  readonly accepted: number | null
  /** E[N_t] = n_t / r, rounded up; null before anything is measured. */
  readonly expectedSamples: number | null
  readonly cost: number | null
  /** Completions of the probe; left out without one. */
  readonly probes?: number
  /** Most hinted samples, each priced as drawn and trained on; left out without rationalization. */
  readonly hints?: number | null
}

export interface Plan {
  readonly iterations: readonly PlannedIteration[]
  readonly totals: { readonly accepted: number | null; readonly samples: number | null; readonly cost: number | null }
}

/** The whole plan; unknown quantities are null, and so are totals that contain one. */
export function planRun(input: PlanInput): Plan {
  const iterations = expectedTargets(input).map((target, iteration) => planIteration(input, target, iteration))
  return {
    iterations,
    totals: {
      accepted: total(iterations.map((row) => row.accepted)),
      samples: total(iterations.map((row) => row.expectedSamples)),
      cost: total(iterations.map((row) => row.cost)),
    },
  }
}

/** What has been before the part of a run that is still expected. */
export interface Begun {
  readonly targets: readonly Target[]
  /** In the unit of the costs. */
  readonly spent: number
  /** Acceptance rates of these iterations. */
  readonly rates: readonly number[]
}

/**
 * As the policy says; with a budget in cost, as many as the expected rates afford.
 * @param begun left out for a whole run
 */
export function expectedTargets(input: PlanInput, begun?: Begun): Target[] {
  const { acceptanceRate, cost } = input
  if (acceptanceRate === null || cost === null || cost === undefined) return runTargets(input, ratesOf(input))
  const targets = [...(begun?.targets ?? [])]
  const rates = [...(begun?.rates ?? [])]
  let spent = begun?.spent ?? input.before ?? 0
  for (;;) {
    const target = nextTarget(input, { iteration: targets.length, spent, rates })
    if (!target) return targets
    rates.push(rateAt(acceptanceRate, targets.length))
    spent += planIteration(input, target, targets.length).cost ?? 0
    targets.push(target)
  }
}

/** 21 / 0.7 is 30.000000000000004, which is not 31 samples. */
const ROUNDING = 1e-9

function planIteration(input: PlanInput, target: Target, iteration: number): PlannedIteration {
  const rate = input.acceptanceRate === null ? null : rateAt(input.acceptanceRate, iteration)
  const accepted = target.kind === 'accepted' ? target.count : rate === null ? null : Math.round(target.count * rate)
  const expectedSamples =
    target.kind === 'sampled' ? target.count : rate === null ? null : Math.ceil(target.count / rate - ROUNDING)
  const known = input.costs !== null && accepted !== null && expectedSamples !== null
  const beside = extrasOf(input, accepted)
  const { probes = 0, hints = 0 } = beside
  const cost =
    known && input.costs
      ? iterationCost(input.costs, expectedSamples + probes + (hints ?? 0), accepted + (hints ?? 0))
      : null
  return { iteration, accepted, expectedSamples, cost, ...beside }
}

function extrasOf({ extras }: PlanInput, accepted: number | null): Pick<PlannedIteration, 'probes' | 'hints'> {
  if (!extras) return {}
  const hints = accepted === null ? null : Math.ceil(extras.hintShare * accepted)
  return { ...(extras.probes > 0 && { probes: extras.probes }), ...(extras.hintShare > 0 && { hints }) }
}

function ratesOf({ measuredRates, acceptanceRate }: PlanInput): readonly number[] {
  return measuredRates ?? (Array.isArray(acceptanceRate) ? acceptanceRate : [])
}

/** The rate of an iteration. */
export function rateAt(rates: number | readonly number[], iteration: number): number {
  return typeof rates === 'number' ? rates : (rates[Math.min(iteration, rates.length - 1)] ?? 1)
}

function total(values: readonly (number | null)[]): number | null {
  return values.reduce<number | null>((sum, value) => (sum === null || value === null ? null : sum + value), 0)
}

/** The plan is a subtraction: what is wanted less what is stored, in the order wanted. */
export function missing<T>(wanted: Iterable<T>, keyOf: (item: T) => string, stored: ReadonlySet<string>): T[] {
  const out: T[] = []
  for (const item of wanted) {
    if (!stored.has(keyOf(item))) out.push(item)
  }
  return out
}
