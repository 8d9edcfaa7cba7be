/** The iterations of a run, one after the other, until its budget, its policy or a wait ends them. */

import { runTargets } from '../core/budget/next-target.ts'
import type { RunState } from '../core/status.ts'
import { plural } from '../core/words/plural.ts'
import { decisionFor } from '../run/adaptive-decision.ts'
import { sumUpEnded } from '../run/measured.ts'
import { budgetOf, targetOf } from '../run/next-target.ts'
import { createMetricsWriter } from '../run/report/metrics.ts'
import type { RunContext } from './context.ts'
import { measureBase, refuseToBuildOnFailure, runIteration } from './iteration.ts'
import { pruneCheckpoints } from './keep.ts'
import type { Continuation } from './phase.ts'

/** @throws whatever breaks the run; everything stored stays */
export async function iterate(
  context: RunContext,
  { command, only }: Continuation,
): Promise<{ state: RunState; reason: string | null }> {
  const budget = budgetOf(context.config, context.store)
  if (only === undefined || only === 'evaluate') await measureBase(context, only)
  // A killed process may have ended an iteration without tidying up after it.
  pruneCheckpoints(context)
  sumUpEnded(context.store)
  const iterations = runTargets(budget).length
  const updateMetrics = createMetricsWriter(context.store, context.directory)
  for (let iteration = 0; iteration < iterations; iteration++) {
    if (isSpent(context, iteration)) return { state: 'done', reason: stopReason(context, iteration) }
    if (!isOver(context, iteration)) {
      if (isOutOfTime(context, iteration)) {
        // Where the cost ends the run, the number of its iterations is only the most there may be.
        const of = budget.cost === null ? ` of ${iterations}` : ''
        const reason = `The time budget of ${budget.timeSeconds} s is used up after ${iteration}${of} ${plural(of === '' ? iteration : 2, 'iteration')}.`
        return { state: 'done', reason }
      }
      const end = await runIteration(context, iteration, { command, only })
      if (end.kind === 'waiting') return { state: 'waiting', reason: end.reason }
      context.store.requireInPlace()
      pruneCheckpoints(context)
      sumUpEnded(context.store)
      updateMetrics()
    }
    refuseToBuildOnFailure(context, iteration)
  }
  return { state: 'done', reason: null }
}

/** No iteration starts after `budget.timeSeconds`; one that has begun is finished. */
function isOutOfTime(context: RunContext, iteration: number): boolean {
  const { timeSeconds } = context.config.budget
  const begun = (context.store.iterations.get(iteration)?.state ?? 'planned') !== 'planned'
  return !begun && timeSeconds !== null && context.spending.spent().seconds >= timeSeconds
}

/** `budget.cost` leaves nothing for this iteration, which has not been begun. */
function isSpent({ config, store }: RunContext, iteration: number): boolean {
  return store.iterations.get(iteration) === undefined && targetOf(config, store, iteration) === undefined
}

/** What the policy says of it, where it was the policy that stopped. */
function stopReason({ config, store }: RunContext, iteration: number): string | null {
  const decision = decisionFor(config, store, iteration)
  return decision?.kind === 'stop' ? decision.reason : null
}

function isOver(context: RunContext, iteration: number): boolean {
  const state = context.store.iterations.get(iteration)?.state
  return state === 'done' || state === 'rejected'
}
