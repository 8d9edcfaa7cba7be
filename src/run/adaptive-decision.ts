/** What policies that go by the run's own progress decide: evidence from the store, the gate split and acceptance rates only. */

import { gateRange } from '../config/gate-design.ts'
import type { RunConfig } from '../config/schema.ts'
import { decideAdaptive } from '../core/budget/adaptive.ts'
import type { ProgressPoint } from '../core/budget/contraction.ts'
import type { Costs } from '../core/budget/costs.ts'
import type { BudgetPolicy } from '../core/budget/policy.ts'
import type { PolicyDecision } from '../core/budget/policy-decision.ts'
import { replan } from '../core/budget/replan.ts'
import { ConfigError } from '../core/errors.ts'
import type { Interval } from '../core/measure/intervals.ts'
import type { IterationRow } from '../store/iterations.ts'
import type { Store } from '../store/store.ts'
import { costsBefore, costsNow, missingPrices } from './costs.ts'
import { readPilot } from './pilot.ts'

/**
 * The decision for an iteration whose predecessors are closed: the stored one, or what would be decided now.
 * @returns undefined for a policy that is fixed beforehand, and where the budget does not pay for the iteration
 */
export function decisionFor(config: RunConfig, store: Store, iteration: number): PolicyDecision | undefined {
  const stored = store.iterations.decision(iteration)
  if (stored) return stored
  const { policy } = config.budget
  if (policy.kind !== 'adaptive' && policy.kind !== 'auto') return undefined
  const evidence = evidenceBefore(config, store, iteration)
  const { sizes, gate, acceptance, last } = evidence
  const prior = { contraction: policy.contraction, spread: policy.spread }
  if (policy.kind === 'adaptive') {
    return decideAdaptive({ initial: policy.initial, prior, stopBelow: policy.stopBelow }, evidence)
  }
  const { cost } = config.budget
  if (cost === null) throw new Error('the configuration let an auto policy pass without a cost')
  const costs = requireCosts(config, store)
  return replan({
    budget: config.budget,
    prior,
    costs,
    iteration,
    left: cost - evidence.spent,
    rate: acceptance.at(-1)?.share ?? readPilot(store)?.summary.acceptanceRate ?? gate.at(-1)?.share ?? EXPECTED_RATE,
    measuredAt: acceptance.at(-1)?.updates ?? 0,
    sizes,
    gate,
    acceptance,
    before: last?.size,
    initial: policy.initial,
  })
}

/** @throws ConfigError where nothing has been measured that the planner could go by */
function requireCosts(config: RunConfig, store: Store): Costs {
  const costs = costsNow(config, store)
  if (costs) return costs
  throw new ConfigError(
    `growth: auto needs prices, and ${missingPrices(config, store).join(' and ')} has not been measured yet; draw a pilot first (spendwise plan RUN.yaml --pilot 200), or write budget.costs.expect.`,
  )
}

/** Before anything is measured, neither by a gate nor by a pilot. */
const EXPECTED_RATE = 0.5

/** A decision as a policy that is fixed from this iteration on. */
export function policyOf(decision: PolicyDecision, iteration: number): BudgetPolicy {
  const { size, growth } = decision
  return { kind: 'exponential', initial: size / growth ** iteration, growth }
}

/** What would be decided for the first iteration, before there is a run. */
export function firstDecision(
  config: RunConfig,
  rates: readonly number[] = [EXPECTED_RATE],
): PolicyDecision | undefined {
  const { budget } = config
  const { policy, cost } = budget
  const costs = costsNow(config, undefined)
  if (policy.kind !== 'auto' || costs === null || cost === null) return undefined
  const { contraction, spread, initial } = policy
  const [rate = EXPECTED_RATE] = rates
  const nothing = { sizes: [], measuredAt: 0, gate: [], acceptance: [], before: undefined, iteration: 0 }
  return replan({ ...nothing, budget, prior: { contraction, spread }, costs, left: cost, rate, rates, initial })
}

/** What a run has shown before an iteration. */
export interface Evidence {
  readonly sizes: number[]
  readonly gate: ProgressPoint[]
  readonly acceptance: ProgressPoint[]
  readonly last: { size: number; rejected: boolean; gain: Interval | undefined; cost: number } | undefined
  readonly spent: number
}

/** Of the gate split and the sampling alone; nothing of the evaluation split. */
export function evidenceBefore(config: RunConfig, store: Store, iteration: number): Evidence {
  const costs = costsBefore(config, store, iteration)
  const drawn = new Map(store.ledger.inOrder(iteration).map((row) => [row.iteration, row]))
  const sizes: number[] = []
  const gate = [gatePoint(config, store, 0, { iteration: -1, attempt: 0 })]
  const acceptance: ProgressPoint[] = []
  let last: Evidence['last']
  for (const row of store.iterations.all().filter((it) => it.iteration < iteration)) {
    const { accepted = 0, sampled = 0 } = drawn.get(row.iteration) ?? {}
    if (sampled > 0) acceptance.push({ updates: sizes.length, share: accepted / sampled, answers: sampled })
    const cost = costs.get(row.iteration) ?? 0
    if (row.state === 'done' && accepted > 0) {
      sizes.push(accepted)
      gate.push(gatePoint(config, store, sizes.length, row))
    }
    last = { size: sizeOf(config, row), rejected: row.state === 'rejected', gain: gainOf(store, row), cost }
  }
  const spent = [...costs.values()].reduce((sum, cost) => sum + cost, 0)
  return { sizes, gate: gate.filter(({ answers }) => answers > 0), acceptance, last, spent }
}

function sizeOf({ budget }: RunConfig, { target }: IterationRow): number {
  return budget.unit === 'batches' ? target.count / (budget.batchSize ?? 1) : target.count
}

function gatePoint(
  config: RunConfig,
  store: Store,
  updates: number,
  { iteration, attempt }: { readonly iteration: number; readonly attempt: number },
): ProgressPoint {
  const { from, to } = gateRange(config, attempt)
  const scores = [...store.completions.scores('gate', iteration, from, to).values()]
  const correct = scores.reduce((sum, score) => sum + score, 0)
  return { updates, share: scores.length === 0 ? 0 : correct / scores.length, answers: scores.length * (to - from) }
}

function gainOf(store: Store, { iteration, attempt }: IterationRow): Interval | undefined {
  const row = store.iterations.gates().find((it) => it.iteration === iteration && it.attempt === attempt)
  return row && { mean: row.difference, low: row.low, high: row.high, n: row.n }
}
