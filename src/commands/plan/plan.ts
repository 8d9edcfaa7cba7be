/** The plan of a run as people ask for it: the policy's numbers, with the acceptance rate that has been measured, and warnings. */

import { dirname } from 'node:path'
import { optimizationNotPassed } from '../../config/not-passed.ts'
import type { RunConfig } from '../../config/schema.ts'
import { costUnitName, fixedPrices, type KnownPrices, wholePrices } from '../../core/budget/cost-settings.ts'
import type { PilotSummary } from '../../core/budget/forecast.ts'
import { expectedMovement, optimizationOf, stepsOver } from '../../core/budget/optimization.ts'
import { type Plan, type PlanInput, type PlannedIteration, planRun } from '../../core/budget/plan.ts'
import type { Target } from '../../core/budget/policy.ts'
import type { SolvedPlan } from '../../core/budget/solve.ts'
import { runTargets } from '../../core/budget/targets.ts'
import { NotFetched } from '../../hub/fetch-dataset.ts'
import { fetchSources } from '../../loop/hub-sources.ts'
import { countTraining } from '../../problems/count.ts'
import { pricesNow } from '../../run/costs.ts'
import { decisionFor, firstDecision, policyOf } from '../../run/decide.ts'
import { type FoundRun, holdsRun } from '../../run/find-run.ts'
import { readPilot, type StoredPilot } from '../../run/pilot.ts'
import { extrasInWords, plannedExtras, plannedTargets, trainingInWords } from '../../run/planned.ts'
import { readStore } from '../../run/read-store.ts'
import { readStatus } from '../../run/status.ts'
import { forecastPlan, type IterationForecast, pilotWarnings, supplyWarnings } from './forecast.ts'
import { type GateOutlook, gateInWords, gateOutlook, USUAL_DROP } from './gate.ts'
import { type SolveRequest, solveConfig } from './solve.ts'

export interface PlanWithWarnings {
  readonly plan: Plan & {
    readonly iterations: readonly (PlannedIteration & PlannedTraining)[]
    /** What costs are counted in, for people; empty for prices without a unit. */
    readonly costUnit: string
    /** c_g, c_t and F that the costs are computed with; null for one that is not known yet. */
    readonly prices: KnownPrices
    readonly solved?: PlanSolution
    /** What a pilot has shown and foretells, before the run has begun. */
    readonly pilot?: PilotSummary
    readonly forecast?: readonly IterationForecast[]
    /** What the gate can see; left out without one. */
    readonly gate?: GateOutlook
  }
  /** Optimisation in one sentence. */
  readonly training: string
  /** What is drawn beside n_t, in one sentence; undefined where nothing is. */
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
  const foretold = pilot && {
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
      ...foretold,
      ...(gate && { gate }),
    },
    gate: gate && gateInWords(gate),
    training: [trainingInWords(config), ...stepsInWords(rows)].join('; '),
    extras: extrasInWords(config),
    warnings: [
      ...warningsOnPrices(config, prices),
      ...warningsOnLength(config, acceptanceRate),
      ...(await warningsOn(config, dirname(configPath), measuredRates)),
      ...(pilot && foretold ? [...pilotWarnings(pilot.problems), ...supplyWarnings(foretold.forecast, plan)] : []),
    ],
  }
}

/** With a policy that decides anew: the iterations so far as decided, the next one as it would be now, those after it as expected then. */
function expectedBudget(
  { budget, ...rest }: RunConfig,
  directory: string,
  rates: readonly number[] | undefined,
): ExpectedBudget {
  const { kind } = budget.policy
  if (kind !== 'adaptive' && kind !== 'auto') return budget
  const config = { ...rest, budget }
  if (!holdsRun(directory)) {
    const first = firstDecision(config, rates)
    return first ? { ...budget, policy: policyOf(first, 0) } : budget
  }
  return readStore(directory, (store) => {
    const batch = budget.unit === 'batches' ? (budget.batchSize ?? 1) : 1
    const begun = store.iterations.all().filter((row) => row.state !== 'planned')
    const decided = begun.map((row) => row.target.count / batch)
    const decision = decisionFor(config, store, begun.length)
    return { ...budget, decided, ...(decision && { policy: policyOf(decision, begun.length) }) }
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
  const steps = first.steps === last.steps ? `${first.steps}` : `${first.steps} to ${last.steps}`
  const [least, most] = [first.movement, last.movement].map((movement) => (movement ?? 0).toExponential(1))
  const moved = least === most ? `${most}` : `${least} to ${most}`
  return [`${steps} steps an iteration, which move a weight by up to ${moved}`]
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

/** Above so many traces of one problem, exact duplicates and easy problems take over. */
const MANY_PER_PROBLEM = 64

async function warningsOn(config: RunConfig, directory: string, rates: readonly number[]): Promise<string[]> {
  const onSupply = await warningsOnSupply(config, directory, rates)
  return [...warningsOnTotal(config), ...warningsOnTraining(config), ...onSupply]
}

const PRICE_WORDS = { sample: 'a sample', train: 'training on a trace', iteration: 'an iteration' } as const

/** A unit whose prices are measured has none before anything is. */
function warningsOnPrices({ budget }: RunConfig, prices: KnownPrices): string[] {
  const unknown = (['sample', 'train', 'iteration'] as const).filter((name) => prices[name] === null)
  if (unknown.length === 0) return []
  const names = unknown.map((name) => PRICE_WORDS[name]).join(' and ')
  return [
    `What ${names} costs in ${costUnitName(budget.costs)} is not measured yet, so no cost is planned; draw a pilot (--pilot 200), or write budget.costs.expect.`,
  ]
}

/** What the error budget of the gate and the decay of the learning rate are laid out over in the meantime is what the run itself measures. */
function warningsOnLength({ budget }: RunConfig, rate: PlanInput['acceptanceRate']): string[] {
  if (budget.cost === null || budget.policy.kind === 'auto' || rate !== null) return []
  return [
    `How many iterations budget.cost pays for is not known before an acceptance rate is, so that all ${budget.iterations} are shown; give an expected one with --rate, or draw a pilot (--pilot 200).`,
  ]
}

function warningsOnTotal({ budget }: RunConfig): string[] {
  const { unit, total, iterations } = budget
  const counts = runTargets({ ...budget, batchSize: 1 }).map(({ count }) => count)
  const asked = counts.reduce((sum, count) => sum + count, 0)
  if (total === null || asked >= total) return []
  return [
    `budget.total is ${total} (${unit}), but ${iterations} iterations ask for ${asked} only; raise budget.iterations to spend it.`,
  ]
}

function warningsOnTraining(config: RunConfig): string[] {
  const keys = optimizationNotPassed(config)
  if (keys.length === 0) return []
  return [
    `train.command is not passed ${keys.join(', ')}: the program uses values of its own (docs/trainers.md has the placeholders).`,
  ]
}

/** Of train; a sentence where that cannot be known without asking the Hub. */
async function countProblems({ problems, seed }: RunConfig, directory: string): Promise<number | string> {
  try {
    return countTraining((await fetchSources(problems, { cachedOnly: true })).sources, seed, directory)
  } catch (error) {
    if (error instanceof NotFetched) return `${error.message} What its problems can give is not foreseen.`
    throw error
  }
}

/** A finite pool of problems may not have what the last iteration asks for. */
async function warningsOnSupply(config: RunConfig, directory: string, rates: readonly number[]): Promise<string[]> {
  const targets = runTargets(config.budget, rates)
  const last = targets.at(-1)
  if (last === undefined || last.kind === 'sampled') return []
  const problems = await countProblems(config, directory)
  if (typeof problems === 'string') return [problems]
  return [
    ...warningsOnPresamples(config, problems, rates),
    ...warningsOnPool(config, problems, targets.length - 1, last),
  ]
}

/** Before anything is measured, one sample in two is taken to be accepted. */
const UNMEASURED_RATE = 0.5

/** Rules that look at every problem first may have nothing left to follow what they saw. */
function warningsOnPresamples({ budget }: RunConfig, problems: number, rates: readonly number[]): string[] {
  const { allocation } = budget
  const [first] = runTargets(budget, rates)
  if (allocation.kind === 'until-k' && first) return warningsOnLap(allocation.correct, first.count, problems)
  if (!('presamples' in allocation) || !first) return []
  const looks = allocation.presamples * problems
  const samples = Math.round(first.count / (rates[0] ?? UNMEASURED_RATE))
  if (looks < samples) return []
  return [
    `budget.allocation first takes ${allocation.presamples} samples of each of ${problems} problems, ${looks} in all, and iteration 0 needs about ${samples}: it is as good as uniform. Ask for fewer presamples, or take until-k.`,
  ]
}

/** Until every problem has its traces, those that are easy bring most of them. */
function warningsOnLap(correct: number, count: number, problems: number): string[] {
  if (count >= correct * problems) return []
  return [
    `budget.allocation until-k wants ${correct} traces of each of ${problems} problems, ${correct * problems} in all, and iteration 0 asks for ${count}: it ends within the first lap, where hard problems have had few of theirs, and is near uniform. Ask for more, for fewer a problem, or take fewer problems.`,
  ]
}

function warningsOnPool(config: RunConfig, problems: number, iteration: number, last: Target): string[] {
  const { maxPerProblem } = config.accept
  const asked = `Iteration ${iteration} asks for ${last.count} accepted traces`
  if (maxPerProblem !== null && last.count > problems * maxPerProblem) {
    return [
      `${asked}, but ${problems} problems with accept.maxPerProblem ${maxPerProblem} cannot give more than ${problems * maxPerProblem}.`,
    ]
  }
  if (last.count > problems * MANY_PER_PROBLEM) {
    return [`${asked} from ${problems} problems: more than ${MANY_PER_PROBLEM} different ones of each.`]
  }
  return []
}
