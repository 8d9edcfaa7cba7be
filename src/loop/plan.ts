/** The plan of a run as people ask for it: the policy's numbers, with the acceptance rate that has been measured, and warnings. */

import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { RunConfig } from '../config/schema.ts'
import { type Plan, planRun } from '../core/plan.ts'
import { targetAt } from '../core/policy.ts'
import { loadSplits } from '../problems/load.ts'
import { DATABASE_FILE, openStore } from '../store/store.ts'
import type { FoundRun } from './find-run.ts'
import { runStatus } from './status.ts'

export interface PlanWithWarnings {
  readonly plan: Plan
  /** What the plan cannot deliver, a sentence each. */
  readonly warnings: readonly string[]
}

/** Reads run.yaml's files and what an existing run has measured; never clamps, warns instead. */
export function planOf({ config, configPath, directory }: FoundRun): PlanWithWarnings {
  const { policy, unit, batchSize, iterations, costs } = config.budget
  const plan = planRun({
    policy,
    unit,
    batchSize: batchSize ?? 1,
    iterations,
    costs: costs === 'measured' ? null : costs,
    acceptanceRate: measuredRate(directory),
  })
  return { plan, warnings: warningsOn(config, dirname(configPath)) }
}

/** Of the newest iteration whose sampling is closed. */
function measuredRate(directory: string): number | null {
  if (!existsSync(join(directory, DATABASE_FILE))) return null
  const store = openStore(directory, { readonly: true })
  try {
    const closed = runStatus(store, directory).iterations.filter((row) => row.accepted > 0)
    return closed.at(-1)?.acceptanceRate ?? null
  } finally {
    store.close()
  }
}

/** Above so many traces of one problem, exact duplicates and easy problems take over. */
const MANY_PER_PROBLEM = 64

function warningsOn(config: RunConfig, directory: string): string[] {
  const problems = loadSplits(config.problems, config.seed, directory).train.length
  const { policy, unit, batchSize, iterations } = config.budget
  const last = targetAt(policy, unit, batchSize ?? 1, iterations - 1)
  if (last.kind === 'sampled') return []
  const { maxPerProblem } = config.accept
  const most = maxPerProblem === null ? Number.POSITIVE_INFINITY : problems * maxPerProblem
  if (last.count > most) {
    return [
      `Iteration ${iterations - 1} asks for ${last.count} accepted traces, but ${problems} problems with accept.maxPerProblem ${maxPerProblem} cannot give more than ${most}.`,
    ]
  }
  if (last.count > problems * MANY_PER_PROBLEM) {
    return [
      `Iteration ${iterations - 1} asks for ${last.count} accepted traces from ${problems} problems: more than ${MANY_PER_PROBLEM} different ones of each.`,
    ]
  }
  return []
}
