/** How far below the best of the policies each one is, whatever the budget turns out to be: the question of a user who does not know it. */

import { type Band, bandOf } from '../core/budget/forecast.ts'
import type { PlayedRun } from './what-if.ts'

/** Budgets at which runs are compared, as shares of the largest; those of docs/policy-experiment.md. */
export const BUDGET_SHARES = [0.025, 0.05, 0.1, 0.2, 0.4, 0.6, 0.8, 1] as const

export interface Regret {
  /** Cost of the whole run, what it has behind it included; the largest is what all policies spend in the median world. */
  readonly budgets: readonly number[]
  /** Median distance below the best policy at each of them, in accuracy (a share). */
  readonly at: readonly number[]
  /** The largest of a world's distances, over the worlds. */
  readonly worst: Band
}

/**
 * The regrets of policies that were played in the same worlds: at a budget each policy has the newest checkpoint that it pays for. Its own
 * measuring is not charged.
 * @param policies the runs of each, world by world
 * @param spent before the first iteration that was played
 * @returns one for each policy; null without prices or without a learning curve, or where there is no other policy
 */
export function regretsOf(policies: readonly (readonly PlayedRun[])[], spent: number): (Regret | null)[] {
  const worlds = policies[0]?.length ?? 0
  const ends = Array.from({ length: worlds }, (_, world) => Math.min(...policies.map((runs) => endOf(runs[world]))))
  const most = ends.length === 0 ? Number.NaN : bandOf(ends).median
  const isKnown = policies.every((runs) => runs.every(({ before }) => before !== null))
  if (policies.length < 2 || !isKnown || !(most > spent)) return policies.map(() => null)
  const budgets = BUDGET_SHARES.map((share) => spent + share * (most - spent))
  const tables = Array.from({ length: worlds }, (_, world) => {
    const accuracies = policies.map((runs) => budgets.map((budget) => accuracyWithin(runs[world], budget)))
    const best = budgets.map((_, at) => Math.max(...accuracies.map((own) => own[at] ?? 0)))
    return accuracies.map((own) => own.map((accuracy, at) => (best[at] ?? 0) - accuracy))
  })
  return policies.map((_, policy) => {
    const own = tables.map((table) => table[policy] ?? [])
    return {
      budgets,
      at: budgets.map((_, at) => bandOf(own.map((regrets) => regrets[at] ?? 0)).median),
      worst: bandOf(own.map((regrets) => Math.max(...regrets))),
    }
  })
}

/** NaN without prices. */
function endOf(run: PlayedRun | undefined): number {
  return run?.iterations.at(-1)?.spent ?? Number.NaN
}

function accuracyWithin(run: PlayedRun | undefined, budget: number): number {
  const paid = run?.iterations.findLast(({ spent }) => spent !== null && spent <= budget)
  return paid?.accuracy ?? run?.before ?? 0
}
