/** A configuration as the advice on policies sees it. */

import type { Situation } from '../core/budget/advice.ts'
import type { RunConfig } from './schema.ts'

/** @param acceptanceRate measured by a pilot; undefined where there is none */
export function situationOf({ budget, train, problems }: RunConfig, acceptanceRate?: number): Situation {
  return {
    policy: budget.policy.kind,
    lrSchedule: train.lrSchedule,
    fixedSteps: train.steps !== undefined,
    budgetKnown: budget.cost !== null || budget.total !== null,
    hasGate: problems.gate.length > 0,
    acceptanceRate,
  }
}
