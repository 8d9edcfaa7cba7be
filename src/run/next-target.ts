/** What the run asks for next, by what its store says of the iterations so far. */

import type { RunConfig } from '../config/schema.ts'
import { nextTarget, type RunBudget } from '../core/budget/next-target.ts'
import type { Target } from '../core/budget/policy.ts'
import type { Store } from '../store/store.ts'
import { decisionFor, policyOf } from './adaptive-decision.ts'
import { costsBefore, costsNow } from './costs.ts'

/**
 * The budget of a run, with what has ended before it was extended as it is.
 * @param config the present one
 */
export function budgetOf({ budget }: RunConfig, store: Store): RunConfig['budget'] & RunBudget {
  const last = store.run.extensions().reduce((newest, { after }) => Math.max(newest, after ?? -1), -1)
  if (last < 0) return budget
  const batch = budget.unit === 'batches' ? (budget.batchSize ?? 1) : 1
  const ended = store.iterations.all().filter((row) => row.iteration <= last)
  return { ...budget, decided: ended.map(({ target }) => target.count / batch), settled: ended.length }
}

/** The target of an iteration whose predecessors are closed; undefined where the run is over before it. */
export function targetOf(config: RunConfig, store: Store, iteration: number): Target | undefined {
  const rates = store.ledger.acceptanceRates(iteration)
  const decision = decisionFor(config, store, iteration)
  const { kind } = config.budget.policy
  if (decision?.kind === 'stop' || (kind === 'auto' && !decision)) return undefined
  const budget = { ...budgetOf(config, store), costs: costsNow(config, store) }
  const policy = decision ? policyOf(decision, iteration) : budget.policy
  const spent = [...costsBefore(config, store, iteration).values()].reduce((sum, cost) => sum + cost, 0)
  // The planner has laid out what is left already, at the rates that it expects.
  const cost = kind === 'auto' ? null : budget.cost
  return nextTarget({ ...budget, policy, cost }, { iteration, spent, rates })
}

/** Whether nothing follows this iteration, whose sampling is closed. */
export function isLast(config: RunConfig, store: Store, iteration: number): boolean {
  return targetOf(config, store, iteration + 1) === undefined
}
