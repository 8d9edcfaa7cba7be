/** What the run asks for next, by what its store says of the iterations so far. */

import type { RunConfig } from '../config/schema.ts'
import { type Costs, iterationCost } from '../core/budget.ts'
import { isPriced } from '../core/ledger.ts'
import type { Target } from '../core/policy.ts'
import { nextTarget } from '../core/targets.ts'
import type { Store } from '../store/store.ts'
import { decisionFor, policyOf } from './decide.ts'

/** The target of an iteration whose predecessors are closed; undefined where the run is over before it. */
export function targetOf(config: RunConfig, store: Store, iteration: number): Target | undefined {
  const rates = store.completions.acceptanceRates(iteration)
  const decision = decisionFor(config, store, iteration)
  const { kind } = config.budget.policy
  if (decision?.kind === 'stop' || (kind === 'auto' && !decision)) return undefined
  const budget = decision ? { ...config.budget, policy: policyOf(decision, iteration) } : config.budget
  return nextTarget(budget, { iteration, spent: spentInOrder(config, store, iteration), rates })
}

/** Whether nothing follows this iteration, whose sampling is closed. */
export function isLast(config: RunConfig, store: Store, iteration: number): boolean {
  return targetOf(config, store, iteration + 1) === undefined
}

/** As sequential rejection sampling would have spent it: what was drawn beyond depends on timing, and a resumed run must end alike. */
function spentInOrder({ budget: { costs } }: RunConfig, store: Store, before: number): number {
  if (costs === 'measured') return 0
  return store.completions
    .drawnInOrder(before)
    .reduce(
      (sum, { sampled, accepted }) => sum + iterationCost(costs, sampled, accepted),
      besideInOrder(costs, store, before),
    )
}

/** Probes and hints of those iterations: what is drawn of them depends on nothing but what is stored. */
function besideInOrder(costs: Costs, store: Store, before: number): number {
  return store.ledger
    .completions()
    .filter(({ purpose, iteration }) => (purpose === 'probe' || purpose === 'hint') && iteration < before)
    .reduce((sum, row) => {
      const drawn = isPriced(row) ? costs.sample * row.completions : 0
      return sum + drawn + (row.disposition === 'accepted' ? costs.train * row.completions : 0)
    }, 0)
}
