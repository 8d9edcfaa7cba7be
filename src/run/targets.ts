/** What the run asks for next, by what its store says of the iterations so far. */

import type { RunConfig } from '../config/schema.ts'
import type { Target } from '../core/budget/policy.ts'
import { nextTarget } from '../core/budget/targets.ts'
import type { Store } from '../store/store.ts'
import { costsBefore, costsNow } from './costs.ts'
import { decisionFor, policyOf } from './decide.ts'

/** The target of an iteration whose predecessors are closed; undefined where the run is over before it. */
export function targetOf(config: RunConfig, store: Store, iteration: number): Target | undefined {
  const rates = store.ledger.acceptanceRates(iteration)
  const decision = decisionFor(config, store, iteration)
  const { kind } = config.budget.policy
  if (decision?.kind === 'stop' || (kind === 'auto' && !decision)) return undefined
  const budget = { ...config.budget, costs: costsNow(config, store) }
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
