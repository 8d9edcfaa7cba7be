/** What a run asks for in all: its policy, iteration by iteration, within a total. */

import { type CostSettings, fixedPrices } from './cost-settings.ts'
import { type Costs, iterationCost } from './costs.ts'
import type { Formulas } from './formulas.ts'
import { type BudgetPolicy, type BudgetUnit, type Target, targetAt } from './policy.ts'

export interface RunBudget {
  readonly policy: BudgetPolicy
  readonly unit: BudgetUnit
  /** Accepted traces in a batch; only unit `batches` looks at it. */
  readonly batchSize?: number | undefined
  readonly iterations: number
  /** Most of the unit over the whole run; left out or null where the iterations alone decide. */
  readonly total?: number | null | undefined
  /** C, in the unit of the costs: the planned end of the run; left out or null where the iterations alone decide. */
  readonly cost?: number | null | undefined
  /** Whether a last iteration that is cut below MERGE_BELOW goes to the one before; left out, it does. */
  readonly mergeLast?: boolean | undefined
  /** n_t of iterations that have begun, in the unit, where the policy decided them one by one. */
  readonly decided?: readonly number[] | undefined
  /** How many of the first iterations ended under a smaller budget: they stay as they are, and nothing is merged into them. */
  readonly settled?: number | undefined
  /** The formulas that are known; ours where they are left out. */
  readonly formulas?: Formulas | undefined
  /** As far as prices are known; only a cost-aware policy and a budget in cost look at them. */
  readonly costs?: CostSettings | null
}

/**
 * The targets of all iterations; fewer than `iterations` where the total is reached before. Never empty.
 * @param rates acceptance rates of the iterations so far. A cost-aware policy sets n_t by that of iteration t - 1, the newest one there
 * is when n_t is asked for; before anything is measured it is exponential
 */
export function runTargets(budget: RunBudget, rates: readonly number[] = []): Target[] {
  const { policy, unit, batchSize, iterations, total } = budget
  const batch = unit === 'batches' ? (batchSize ?? 1) : 1
  const targets = Array.from({ length: iterations }, (_, t) => {
    const initial = budget.decided?.[t]
    if (initial !== undefined) return targetAt({ kind: 'constant', initial }, unit, batch, t)
    return targetAt(policy, unit, batch, t, relativePrice(budget, rates, t), budget.formulas)
  })
  if (total === null || total === undefined) return targets
  const kind = unit === 'sampled' ? 'sampled' : 'accepted'
  const counts = targets.map(({ count }) => count / batch)
  return clampPlan(counts, total, mergeBelow(budget), budget.settled).map((count) => ({ kind, count: count * batch }))
}

/** w_t / w_0 as far as it is known when iteration t begins. */
function relativePrice(budget: RunBudget, rates: readonly number[], iteration: number): number {
  const costs = fixedPrices(budget.costs)
  const [first] = rates
  const newest = rates[Math.min(iteration, rates.length) - 1]
  if (!costs || first === undefined || newest === undefined) return 1
  return priceAt(costs, newest) / priceAt(costs, first)
}

/** w = c_t + c_g / r: what an accepted trace costs, rejected completions included. */
export function priceAt({ sample, train }: Pick<Costs, 'sample' | 'train'>, rate: number): number {
  return train + sample / rate
}

/**
 * A last iteration cut below this share of its n_t is merged into the one before. In the first policy experiment
 * (docs/policy-experiment.md) runs whose last n_t was 0.55 to 0.6 of the others' ended 3 points below those whose last was 1.4: at an
 * undiminished rate the noise of a small last update stays. In between nothing was measured.
 */
export const MERGE_BELOW = 0.8

function mergeBelow({ mergeLast }: RunBudget): number {
  return (mergeLast ?? true) ? MERGE_BELOW : 0
}

/**
 * A plan within a total: the iteration that would pass it gets what is left and is the last. Where that is less than a share of
 * what was asked for there, it goes to the one before.
 * @param counts whole numbers of at least 1
 * @param total a whole number of at least 1
 * @param settled counts, from the first, that stay as they are
 * @example clampPlan([10, 20, 40], 45) is [10, 35]; clampPlan([10, 20, 40], 65) is [10, 20, 35]
 */
export function clampPlan(
  counts: readonly number[],
  total: number,
  below: number = MERGE_BELOW,
  settled = 0,
): number[] {
  const out: number[] = []
  let left = total
  for (const count of counts) {
    if (left === 0) break
    const before = out.at(-1)
    if (before !== undefined && out.length > settled && left < count * below) {
      out[out.length - 1] = before + left
      break
    }
    out.push(Math.min(count, left))
    left -= Math.min(count, left)
  }
  return out
}

/** What has happened before the iteration that is asked for. */
export interface Progress {
  /** The iteration that is asked for, from 0. */
  readonly iteration: number
  /** What the iterations before it cost, in the unit of the costs. */
  readonly spent: number
  /** Acceptance rates so far; empty before anything is measured. */
  readonly rates: readonly number[]
}

/** What an iteration is expected to cost at an acceptance rate. */
export function priceOfTarget(costs: Costs, { kind, count }: Target, rate: number): number {
  return kind === 'sampled' ? iterationCost(costs, count, count * rate) : iterationCost(costs, count / rate, count)
}

/** What is left of the budget must pay for this share of an iteration to begin one. */
const WORTHWHILE = 0.5

/**
 * The target of an iteration within the number of iterations and `budget.cost`: as the policy says while enough is left for the one
 * after it too (with `mergeLast: false`, for itself); else all that is left, at the newest acceptance rate. Nothing is cut before anything is measured.
 * @returns undefined where the run is over
 */
export function nextTarget(budget: RunBudget, { iteration, spent, rates }: Progress): Target | undefined {
  const { cost, unit, batchSize } = budget
  const costs = fixedPrices(budget.costs)
  const [target, next] = runTargets(budget, rates).slice(iteration)
  const rate = rates.at(-1)
  if (!target || cost === null || cost === undefined || !costs || rate === undefined) {
    return target
  }
  const priceOf = (count: number): number => priceOfTarget(costs, { ...target, count }, rate)
  const left = cost - spent
  const price = priceOf(target.count)
  if (left < price * WORTHWHILE) return undefined
  if (left >= price + (next ? priceOf(next.count) * mergeBelow(budget) : 0)) return target
  const batch = unit === 'batches' ? (batchSize ?? 1) : 1
  const affordable = (left - costs.iteration) / (priceOf(1) - costs.iteration) / batch
  return { ...target, count: Math.max(1, Math.floor(affordable)) * batch }
}
