/** What a run.yaml leaves to the planner: `plan --budget C --open ...` as a configuration that costs C. */

import type { RunConfig } from '../../config/schema.ts'
import type { Costs } from '../../core/budget/costs.ts'
import { type Open, type SolvedPlan, solvePlan } from '../../core/budget/solve.ts'
import { ConfigError } from '../../core/errors.ts'
import { costsNow } from '../../run/costs.ts'

export interface SolveRequest {
  /** C, in the unit of `budget.costs`. */
  readonly cost: number
  /** Of initial, growth and iterations: what to solve for. */
  readonly open: readonly string[]
  /** lambda in (0, 1), for growth and initial together. */
  readonly contraction: number | undefined
}

/**
 * The policy and the number of iterations that spend the budget, at the prices known before anything is measured unless others are given. `budget.total` and `budget.cost` are not looked at: C takes their place.
 * @throws ConfigError where there is nothing to solve with, or no solution
 */
export function solveConfig(
  config: RunConfig,
  request: SolveRequest,
  acceptanceRate: number | readonly number[] | null,
  costs: Costs | null = costsNow(config, undefined),
): SolvedPlan {
  const { policy } = config.budget
  const open = readOpen(request)
  if (costs === null) {
    throw new ConfigError(
      '--budget needs prices, and nothing is measured yet; draw a pilot with --pilot 200, or write budget.costs with sample, train and iteration (with a unit: its expect).',
    )
  }
  if (acceptanceRate === null) {
    throw new ConfigError(
      '--budget needs an acceptance rate, and nothing is measured yet; give an expected one with --rate.',
    )
  }
  if (open.kind === 'growth' && !('growth' in policy)) {
    throw new ConfigError(
      `--open growth is for the exponential and cost-aware policies, and run.yaml has ${policy.kind}; leave initial open.`,
    )
  }
  if (policy.kind === 'adaptive' || policy.kind === 'auto') {
    throw new ConfigError(
      `--budget solves for a policy that is fixed beforehand, and run.yaml has ${policy.kind}, which decides as it goes; write exponential.`,
    )
  }
  const solution = solvePlan(
    { ...config.budget, policy, total: null, cost: null, costs, acceptanceRate, available: request.cost },
    open,
  )
  switch (solution.kind) {
    case 'solved':
      return solution
    case 'unaffordable':
      throw new ConfigError(
        `--budget ${request.cost} is too little: with the smallest ${request.open.join(' and ')} the run costs ${Math.ceil(solution.cost)}.`,
      )
    case 'unbounded':
      throw new ConfigError(
        `--budget ${request.cost} sets no bound to ${request.open.join(' and ')}: the cost does not rise with it.`,
      )
  }
}

function readOpen({ open, contraction }: SolveRequest): Open {
  const keys = [...new Set(open)].sort().join(',')
  switch (keys) {
    case 'initial':
    case 'growth':
    case 'iterations':
      return { kind: keys }
    case 'growth,initial':
      if (contraction === undefined) {
        throw new ConfigError(
          '--open growth,initial needs --contraction: what an iteration leaves of the gap to the best reward (0.8 where a fifth of it goes).',
        )
      }
      return { kind: 'growth-and-initial', contraction }
    default:
      throw new ConfigError(`--open ${open.join(',')}: leave open initial, growth, iterations, or growth,initial.`)
  }
}
