/** The plan of a run as people ask for it: the policy's numbers, with the acceptance rate that has been measured, and warnings. */

import { dirname } from 'node:path'
import type { RunConfig } from '../../config/schema.ts'
import { costUnitName, fixedPrices, type KnownPrices, wholePrices } from '../../core/budget/cost-settings.ts'
import type { PilotSummary } from '../../core/budget/forecast.ts'
import { expectedMovement, optimizationOf, stepsOver } from '../../core/budget/optimization.ts'
import { type Plan, type PlannedIteration, planRun } from '../../core/budget/plan.ts'
import type { SolvedPlan } from '../../core/budget/solve.ts'
import { type GateOutlook, gateInWords, gateOutlook, USUAL_DROP } from '../../loop/measure/gate-outlook.ts'
import { counted } from '../../report/format.ts'
import { decisionFor, firstDecision, policyOf } from '../../run/adaptive-decision.ts'
import { pricesNow } from '../../run/costs.ts'
import { type FoundRun, holdsRun } from '../../run/find-run.ts'
import { budgetOf } from '../../run/next-target.ts'
import { readPilot, type StoredPilot } from '../../run/pilot.ts'
import { extrasInWords, plannedExtras, plannedTargets, trainingInWords } from '../../run/planned.ts'
import { readStore } from '../../run/read-store.ts'
import { readStatus } from '../../run/status.ts'
import { forecastPlan, type IterationForecast, pilotWarnings, supplyWarnings } from './forecast.ts'
import { type SolveRequest, solveConfig } from './solve.ts'
import { warningsOn, warningsOnLength, warningsOnPrices } from './warnings.ts'

export interface PlanWithWarnings {
  readonly plan: Plan & {
    readonly iterations: readonly (PlannedIteration & PlannedTraining)[]
    /** What costs are counted in, for people; empty for prices without a unit. */
    readonly costUnit: string
    /** c_g, c_t and F that the costs are computed with; null for one that is not known yet. */
    readonly prices: KnownPrices
    readonly solved?: PlanSolution
    /** What a pilot has shown and predicts, before the run has begun. */
    readonly pilot?: PilotSummary
    readonly forecast?: readonly IterationForecast[]
    /** What the gate can see; left out without one. */
    readonly gate?: GateOutlook
  }
  /** Optimisation in one sentence. */
  readonly training: string
  /** What is drawn next to n_t, in one sentence; undefined where nothing is. */
  readonly extras: string | undefined
  /** What the gate can see, in words; undefined without one. */
  readonly gate: string | undefined
  /** What the plan cannot deliver, a sentence each. */
  readonly warnings: readonly string[]
}

/** Keys of `budget` that solve the plan. */
export type PlanSolution = Pick<RunConfig['budget'], 'policy' | 'iterations' | 'total' | 'cost'>

/** What training an iteration will be; null where n_t is not known yet. */
export interface PlannedTraining {
  readonly steps: number | null
  readonly batch: number | null
  readonly lrStart: number
  readonly lrEnd: number
  /** How far a weight is moved at most, about. */
  readonly movement: number | null
}

export interface PlanOptions {
  /** Expected acceptance rates, by iteration, instead of what has been measured. */
  readonly rates?: readonly number[] | undefined
  /** The drop in accuracy that the gate should see, as a share. */
  readonly drop?: number | undefined
  /** What to solve for, and the cost to solve it by. */
  readonly solve?: SolveRequest | undefined
}

/**
 * Reads run.yaml's files and what an existing run has measured; never clamps to what is feasible, warns instead.
 * @throws ConfigError where there is no solution to what is to be solved
 */
export async function planOf(
  { config: written, configPath, directory }: FoundRun,
  { rates, solve, drop = USUAL_DROP }: PlanOptions = {},
): Promise<PlanWithWarnings> {
  const acceptanceRate = rates ?? measuredRate(directory)
  const measuredRates = rates ?? closedRates(directory)
  const prices = holdsRun(directory)
    ? readStore(directory, (store) => pricesNow(written, store))
    : pricesNow(written, undefined)
  const costs = wholePrices(prices)
  // Where cost is measured, the base's measurement is paid for out of the same budget.
  const before = fixedPrices(written.budget.costs) ? 0 : (prices.iteration ?? 0)
  const solved = solve && solveConfig(written, solve, acceptanceRate, costs)
  const config = solved ? { ...written, budget: { ...written.budget, ...solutionOf(solved) } } : written
  const budget = expectedBudget(config, directory, rates)
  const extras = plannedExtras(config)
  const plan = planRun({
    ...budget,
    costs,
    before,
    acceptanceRate,
    measuredRates,
    extras,
  })
  const rows = plan.iterations.map((row) => ({ ...row, ...trainingAt(config, plan, row) }))
  const pilot = measuredRates.length === 0 ? pilotOf(directory) : undefined
  const predicted = pilot && {
    pilot: pilot.summary,
    forecast: forecastPlan(config, plan, pilot.problems, pilot.pool, costs),
  }
  const gate = await gateOutlook(config, configPath, {
    drop,
    accuracy: holdsRun(directory)
      ? (readStatus(directory).iterations.findLast(({ health }) => health)?.health?.passAt1 ?? null)
      : null,
    iterations: plan.iterations.length,
    price: prices.sample,
  })
  return {
    plan: {
      ...plan,
      iterations: rows,
      costUnit: costUnitName(config.budget.costs),
      prices,
      ...(solved && { solved: solutionOf(solved) }),
      ...predicted,
      ...(gate && { gate }),
    },
    gate: gate && gateInWords(gate),
    training: [trainingInWords(config), ...stepsInWords(rows)].join('; '),
    extras: extrasInWords(config),
    warnings: [
      ...warningsOnPrices(config, prices),
      ...warningsOnLength(config, acceptanceRate),
      ...(await warningsOn(config, dirname(configPath), measuredRates)),
      ...(pilot && predicted ? [...pilotWarnings(pilot.problems), ...supplyWarnings(predicted.forecast, plan)] : []),
    ],
  }
}

/** With a policy that decides again: the iterations so far as decided, the next one as it would be now, those after it as expected then. */
function expectedBudget(
  { budget, ...rest }: RunConfig,
  directory: string,
  rates: readonly number[] | undefined,
): ExpectedBudget {
  const { kind } = budget.policy
  const config = { ...rest, budget }
  if (kind !== 'adaptive' && kind !== 'auto') {
    return holdsRun(directory) ? readStore(directory, (store) => budgetOf(config, store)) : budget
  }
  if (!holdsRun(directory)) {
    const first = firstDecision(config, rates)
    return first ? { ...budget, policy: policyOf(first, 0) } : budget
  }
  return readStore(directory, (store) => {
    const batch = budget.unit === 'batches' ? (budget.batchSize ?? 1) : 1
    const begun = store.iterations.all().filter((row) => row.state !== 'planned')
    const decided = begun.map((row) => row.target.count / batch)
    const decision = decisionFor(config, store, begun.length)
    return { ...budgetOf(config, store), decided, ...(decision && { policy: policyOf(decision, begun.length) }) }
  })
}

type ExpectedBudget = RunConfig['budget'] & { readonly decided?: readonly number[] }

function solutionOf({ policy, iterations }: SolvedPlan): PlanSolution {
  return { policy, iterations, total: null, cost: null }
}

/** As far as the cost pays for iterations, where it ends the run. */
function trainingAt(config: RunConfig, plan: Plan, row: PlannedIteration): PlannedTraining {
  const rows = row.accepted ?? 0
  const { unit, cost } = config.budget
  const counts = plan.iterations.map(({ accepted, expectedSamples }) =>
    unit === 'sampled' ? expectedSamples : accepted,
  )
  const targets = cost === null ? plannedTargets(config) : counts.map((count) => count ?? 1)
  const of = { iteration: row.iteration, rows, targets, lrFactor: 1 }
  const optimization = optimizationOf(config.train, of)
  const { lrStart, lrEnd, batch } = optimization
  const known = row.accepted !== null
  return {
    steps: known ? stepsOver(optimization, rows) : null,
    batch: known ? batch : null,
    lrStart,
    lrEnd,
    movement: known ? expectedMovement(optimization, rows) : null,
  }
}

/** Steps of the first and the last iteration, and how far those move a weight; nothing where n_t is not known. */
function stepsInWords(rows: readonly PlannedTraining[]): string[] {
  const known = rows.filter((row) => row.steps !== null)
  const [first] = known
  const last = known.at(-1)
  if (!first || !last) return []
  const steps = first.steps === last.steps ? counted(first.steps ?? 0, 'step') : `${first.steps} to ${last.steps} steps`
  const [least, most] = [first.movement, last.movement].map((movement) => (movement ?? 0).toExponential(1))
  const moved = least === most ? `${most}` : `${least} to ${most}`
  return [`${steps} an iteration, which move a weight by up to ${moved}`]
}

function pilotOf(directory: string): StoredPilot | undefined {
  return holdsRun(directory) ? readStore(directory, readPilot) : undefined
}

/** Of the newest iteration whose sampling is closed; of the pilot before there is one. */
function measuredRate(directory: string): number | null {
  if (!holdsRun(directory)) return null
  const closed = readStatus(directory).iterations.filter((row) => row.accepted > 0)
  return closed.at(-1)?.acceptanceRate ?? pilotOf(directory)?.summary.acceptanceRate ?? null
}

/** By which a cost-aware policy has gone so far. */
function closedRates(directory: string): number[] {
  if (!holdsRun(directory)) return []
  return readStore(directory, (store) => store.ledger.acceptanceRates(Number.MAX_SAFE_INTEGER))
}
