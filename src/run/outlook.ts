/** What a run is still expected to ask for: how many iterations it has where its cost ends it, which nothing else says beforehand. */

import type { RunConfig } from '../config/schema.ts'
import { runTargets } from '../core/budget/next-target.ts'
import { expectedTargets } from '../core/budget/plan.ts'
import type { Store } from '../store/store.ts'
import { decisionFor, policyOf } from './adaptive-decision.ts'
import { costsBefore, pricesNow } from './costs.ts'
import { budgetOf } from './next-target.ts'

/**
 * n_t (or N_t, with unit sampled) of every iteration, as expected when this one's sampling is closed: those so far as they were, those after
 * it at the newest acceptance rate and the prices measured so far. A price that is not known yet counts as nothing, so that more
 * iterations are expected rather than fewer.
 */
export function expectedCounts(config: RunConfig, store: Store, iteration: number): number[] {
  const budget = budgetOf(config, store)
  const { kind } = budget.policy
  if (budget.cost === null || kind === 'auto') return runTargets(budget).map(({ count }) => count)
  const rates = store.ledger.acceptanceRates(iteration + 1)
  const prices = pricesNow(config, store)
  const costs = { sample: prices.sample ?? 0, train: prices.train ?? 0, iteration: prices.iteration ?? 0 }
  const decision = kind === 'adaptive' ? decisionFor(config, store, iteration) : undefined
  const policy = decision ? policyOf(decision, iteration) : budget.policy
  const begun = store.iterations.all().filter((row) => row.iteration <= iteration)
  const spent = [...costsBefore(config, store, iteration + 1).values()].reduce((sum, cost) => sum + cost, 0)
  const targets = expectedTargets(
    { ...budget, policy, costs, acceptanceRate: rates.at(-1) ?? null },
    { targets: begun.map(({ target }) => target), spent, rates },
  )
  return targets.map(({ count }) => count)
}

/**
 * Iterations that are expected from this one on, this one included: as many as there are counts, and where `budget.timeSeconds` ends the
 * run no more than begin in time, if a trace takes as long as it has so far.
 */
export function iterationsLeft(config: RunConfig, store: Store, iteration: number): number {
  const counts = expectedCounts(config, store, iteration)
  const { timeSeconds } = config.budget
  if (timeSeconds === null) return counts.length - iteration
  const spent = store.ledger.activity().filter((row) => row.iteration >= 0 && row.iteration <= iteration)
  const seconds = spent.reduce((sum, row) => sum + row.seconds, 0)
  const drawn = counts.slice(0, iteration + 1).reduce((sum, count) => sum + count, 0)
  let elapsed = store.ledger.seconds()
  let left = 1
  for (const count of counts.slice(iteration + 1)) {
    if (elapsed >= timeSeconds) break
    elapsed += (seconds / drawn) * count
    left++
  }
  return left
}
