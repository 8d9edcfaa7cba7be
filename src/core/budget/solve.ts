/** Solves a plan for what is left open of it, so that the run costs what there is to spend. */

import type { Costs } from './costs.ts'
import { FORMULAS, type FormulaPolicy, formulaOf, formulaPolicy } from './formulas.ts'
import { priceAt } from './next-target.ts'
import { type PlanInput, planRun, rateAt } from './plan.ts'

export interface SolveInput extends PlanInput {
  readonly policy: FormulaPolicy
  readonly costs: Costs
  readonly acceptanceRate: number | readonly number[]
  /** C: the run may cost this, in the unit of the costs. */
  readonly available: number
}

/** What is open. Growth and initial together need the contraction lambda, in (0, 1), to be told apart. */
export type Open =
  | { readonly kind: 'initial' | 'growth' | 'iterations' }
  | { readonly kind: 'growth-and-initial'; readonly contraction: number }

export interface SolvedPlan {
  readonly kind: 'solved'
  readonly policy: FormulaPolicy
  readonly iterations: number
}

export type Solution =
  | SolvedPlan
  /** Even the smallest value costs this much. */
  | { readonly kind: 'unaffordable'; readonly cost: number }
  /** However large the value, the cost stays below C. */
  | { readonly kind: 'unbounded' }

/** Growth is solved to so many parts of 1. */
const GROWTH_PARTS = 10_000
const MOST_INITIAL = 1e12
const MOST_GROWTH = 1000
const MOST_ITERATIONS = 10_000

/** The largest value of what is open whose whole plan, in whole numbers as it will be run, costs no more than C. */
export function solvePlan(input: SolveInput, open: Open): Solution {
  const { policy, iterations } = input
  switch (open.kind) {
    case 'initial':
      return search(input, (initial) => ({ policy: { ...policy, initial }, iterations }), MOST_INITIAL)
    case 'growth':
      return search(
        input,
        (parts) => ({ policy: growing(policy, 1 + parts / GROWTH_PARTS), iterations }),
        MOST_GROWTH * GROWTH_PARTS,
      )
    case 'iterations':
      return search(input, (count) => ({ policy, iterations: count }), MOST_ITERATIONS)
    case 'growth-and-initial': {
      // Some policies follow the prices by themselves.
      const best = formulaOf(policy.kind)?.followsPrices
        ? 1 / open.contraction
        : leastVarianceGrowth(open.contraction, placesOf(input))
      const growth = Math.max(1 + 1 / GROWTH_PARTS, Math.round(best * GROWTH_PARTS) / GROWTH_PARTS)
      const policyOf = (initial: number): FormulaPolicy => ({ ...growing(policy, growth), initial })
      return search(input, (initial) => ({ policy: policyOf(initial), iterations }), MOST_INITIAL)
    }
  }
}

function growing({ kind, initial }: FormulaPolicy, growth: number): FormulaPolicy {
  return formulaPolicy(FORMULAS[kind].parameter?.name === 'growth' ? kind : 'exponential', initial, growth)
}

/** The cost rises with the value, so halving finds the largest that can be paid. */
function search(input: SolveInput, of: (value: number) => Omit<SolvedPlan, 'kind'>, most: number): Solution {
  const costAt = (value: number): number => planRun({ ...input, ...of(value) }).totals.cost ?? Number.POSITIVE_INFINITY
  if (costAt(1) > input.available) return { kind: 'unaffordable', cost: costAt(1) }
  let low = 1
  let high = 2
  while (costAt(high) <= input.available) {
    if (high >= most) return { kind: 'unbounded' }
    low = high
    high *= 2
  }
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2)
    if (costAt(middle) <= input.available) low = middle
    else high = middle
  }
  return { kind: 'solved', ...of(low) }
}

/** What one unit of n_t costs in an iteration, and how many accepted traces it brings. */
export interface Place {
  readonly price: number
  readonly yield: number
}

function placesOf(input: SolveInput): Place[] {
  return Array.from({ length: input.iterations }, (_, t) => placeAt(input, rateAt(input.acceptanceRate, t)))
}

function placeAt({ unit, batchSize = 1, costs }: SolveInput, rate: number): Place {
  const price = priceAt(costs, rate)
  switch (unit) {
    case 'accepted':
      return { price, yield: 1 }
    case 'batches':
      return { price: price * batchSize, yield: batchSize }
    case 'sampled':
      return { price: price * rate, yield: rate }
  }
}

/**
 * The growth of n_t = n_0 growth^t that leaves the least variance for what it costs, whatever n_0 is: it minimises the sum of
 * price_t growth^t times the sum of lambda^(2 (T-1-t)) / (yield_t growth^t). With equal places it is 1 / lambda (theorem 3.1 of
 * arXiv 2501.18962); where early samples are dear it is more.
 * @param contraction lambda, in (0, 1)
 */
export function leastVarianceGrowth(contraction: number, places: readonly Place[]): number {
  const last = places.length - 1
  const logs = places.map((place) => ({ price: Math.log(place.price), yield: Math.log(place.yield) }))
  // Logarithms of sums of exponentials are convex, so thirds close in on the one minimum; and nothing overflows.
  const valueAt = (growth: number): number =>
    logOfSum(logs.map((log, t) => log.price + t * growth)) +
    logOfSum(logs.map((log, t) => 2 * (last - t) * Math.log(contraction) - log.yield - t * growth))
  let low = 0
  let high = -4 * Math.log(contraction) + Math.log(MOST_GROWTH)
  while (high - low > 1e-9) {
    const third = (high - low) / 3
    if (valueAt(low + third) <= valueAt(high - third)) high -= third
    else low += third
  }
  return Math.exp((low + high) / 2)
}

function logOfSum(logs: readonly number[]): number {
  const largest = Math.max(...logs)
  return largest + Math.log(logs.reduce((sum, log) => sum + Math.exp(log - largest), 0))
}
