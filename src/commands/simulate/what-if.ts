/** `simulate run`: policies played in the worlds that a pilot, or the run so far, leaves possible. Reads, and changes nothing. */

import type { RunConfig } from '../../config/schema.ts'
import {
  type ContractionPrior,
  type CurvePrior,
  VAGUE_CONTRACTION,
  VAGUE_CURVE,
} from '../../core/budget/contraction.ts'
import { costUnitName } from '../../core/budget/cost-settings.ts'
import type { Costs } from '../../core/budget/costs.ts'
import { bandOf, drawPools, type PilotSummary } from '../../core/budget/forecast.ts'
import type { FormulaPolicy } from '../../core/budget/formulas.ts'
import { drawCurves } from '../../core/budget/learning-curve.ts'
import type { BudgetPolicy } from '../../core/budget/policy.ts'
import { ConfigError } from '../../core/errors.ts'
import { randomFor } from '../../core/seed.ts'
import { plural } from '../../core/words/plural.ts'
import { evidenceBefore } from '../../run/adaptive-decision.ts'
import { costsNow } from '../../run/costs.ts'
import { type FoundRun, holdsRun } from '../../run/find-run.ts'
import { readSamples, type StoredPilot } from '../../run/pilot.ts'
import { readStore } from '../../run/read-store.ts'
import { type Regret, regretsOf } from '../../simulate/regret.ts'
import { type PlayedRun, playPolicy, type WhatIfStart, type WhatIfTerms, type World } from '../../simulate/what-if.ts'
import { type BandedPolicy, bandsOf, differenceOf, type WhatIfDifference } from '../../simulate/what-if-bands.ts'
import type { Store } from '../../store/store.ts'
import { type EqualCost, policyName, readPolicy } from './what-if-policies.ts'

/** A number that is assumed, or a range that holds it with 95%. */
export interface Assumed {
  readonly low: number
  readonly high: number
}

export interface WhatIfRequest {
  /** Policies next to the run's own; none means constant. */
  readonly policies: readonly string[]
  /** lambda, in (0, 1): what an iteration leaves of the gap. */
  readonly contraction: Assumed | undefined
  /** Best accuracy that training can reach, in (0, 1]. */
  readonly best: Assumed | undefined
  /** Noise of an update: about this, times lambda (1 - lambda) / n_t, is lost of the accuracy, as a share of it. */
  readonly noise: Assumed | undefined
  /** Worlds that are drawn. */
  readonly draws: number
}

export interface WhatIf {
  readonly name: string
  /** What the pool of problems was measured by: the pilot, or the newest iteration that is over. */
  readonly measured: PilotSummary & { readonly by: 'pilot' | 'iteration'; readonly iteration: number }
  /** Iterations that are over; the what-if continues from there. */
  readonly over: number
  /** Cost of these, in the unit of the costs; null where there are no prices. */
  readonly spent: number | null
  readonly curve: {
    readonly from: 'nothing' | 'assumption' | 'run'
    /** Split whose accuracy is predicted. */
    readonly of: 'gate' | 'acceptance'
    readonly contraction: ContractionPrior
    readonly best: Assumed | null
    readonly noise: Assumed | null
  }
  readonly costs: Costs | null
  readonly draws: number
  readonly policies: readonly WhatIfPolicy[]
}

export interface WhatIfPolicy extends BandedPolicy {
  readonly policy: string
  readonly own: boolean
  /** Whether n_0 was solved so that it costs as much as the run's own policy. */
  readonly solved: boolean
  /** To the run's own policy; null for that, and without a learning curve. */
  readonly difference: WhatIfDifference | null
  /** Next to the best of these policies, budget by budget; null without prices or a learning curve, and where there is one policy. */
  readonly regret: Regret | null
}

/** @throws ConfigError where nothing has been measured, or an assumption contradicts what was */
export function whatIf({ config, directory }: FoundRun, request: WhatIfRequest): WhatIf {
  if (!holdsRun(directory)) throw nothingMeasured(config)
  return readStore(directory, (store) => playAll(config, store, request))
}

function nothingMeasured({ name }: RunConfig): ConfigError {
  return new ConfigError(
    `Nothing is measured of ${name} yet; draw a pilot first: spendwise plan RUN.yaml --pilot 200 (stored with the run, drawn once).`,
  )
}

function playAll(config: RunConfig, store: Store, request: WhatIfRequest): WhatIf {
  const begun = store.iterations.all()
  const open = begun.findIndex(({ state }) => state !== 'done' && state !== 'rejected')
  const over = open < 0 ? begun.length : open
  const measured = (over > 0 ? readSamples(store, 'train', over - 1) : undefined) ?? readSamples(store, 'pilot', 0)
  if (!measured) throw nothingMeasured(config)
  const { budget } = config
  const costs = costsNow(config, store)
  const start = startOf(config, store, over)
  const curve = curveOf(config, start, measured, request)
  const worlds = drawWorlds(config, measured, start, curve, request.draws)
  const terms: WhatIfTerms = {
    start,
    problems: measured.pool,
    maxPerProblem: config.accept.maxPerProblem,
    gateAnswers: store.run.count('gate') * config.evaluate.samples,
    costs,
    seed: config.seed,
  }
  const play = (policy: BudgetPolicy): PlayedRun[] =>
    worlds.map((world, place) => playPolicy({ ...budget, policy }, world, place, terms))
  const playFreely = (policy: BudgetPolicy, count: number): PlayedRun[] =>
    worlds
      .slice(0, count)
      .map((world, place) => playPolicy({ ...budget, policy, total: null, cost: null }, world, place, terms))
  requireCurve(config, curve)
  requirePrices(config, costs)
  const ownRuns = play(budget.policy)
  const equal = equalTo(ownRuns, playFreely)
  const own = bandsOf(ownRuns)
  requireIterations(own, over)
  const others = chosen(config, request).map((text) => {
    const named = readPolicy(text, budget, equal)
    if (named.policy.kind === 'adaptive')
      requireCurve({ ...config, budget: { ...budget, policy: named.policy } }, curve)
    return { ...named, runs: play(named.policy) }
  })
  const [ownRegret = null, ...regrets] = regretsOf([ownRuns, ...others.map(({ runs }) => runs)], start.spent)
  return {
    name: config.name,
    measured: { ...measured.summary, by: over > 0 ? 'iteration' : 'pilot', iteration: Math.max(0, over - 1) },
    over,
    spent: costs ? start.spent : null,
    curve: {
      from: curve?.from ?? 'nothing',
      of: start.gate.length > 0 ? 'gate' : 'acceptance',
      contraction: curve?.contraction ?? VAGUE_CONTRACTION,
      best: request.best ?? null,
      noise: request.noise ?? null,
    },
    costs,
    draws: request.draws,
    policies: [
      { policy: policyName(budget.policy), own: true, solved: false, difference: null, regret: ownRegret, ...own },
      ...others.map(
        ({ name, solved, runs }, i): WhatIfPolicy => ({
          ...{ policy: name, own: false, solved, difference: differenceOf(runs, ownRuns), regret: regrets[i] ?? null },
          ...bandsOf(runs),
        }),
      ),
    ],
  }
}

function chosen({ budget }: RunConfig, { policies }: WhatIfRequest): readonly string[] {
  if (policies.length > 0) return policies
  return budget.policy.kind === 'constant' ? [] : ['constant']
}

function startOf(config: RunConfig, store: Store, over: number): WhatIfStart {
  const { sizes, gate, acceptance, last, spent } = evidenceBefore(config, store, over)
  const rates = store.ledger.acceptanceRates(over)
  // The newest iteration was drawn from the weights before its own update, if it made one.
  const measuredAt = Math.min(acceptance.at(-1)?.updates ?? 0, sizes.length)
  return { iteration: over, sizes, gate, acceptance, rates, spent, before: last?.size, measuredAt }
}

interface Curve {
  readonly from: 'assumption' | 'run'
  readonly contraction: ContractionPrior
  readonly prior: CurvePrior
}

/** Half of a 95% interval, in standard deviations. */
const Z = 1.96

/** What may be believed of the learning curve; undefined where the user assumes nothing and the run has nothing behind it. */
function curveOf(
  { budget: { policy } }: RunConfig,
  { sizes, gate, acceptance }: WhatIfStart,
  { summary }: StoredPilot,
  { contraction, best, noise }: WhatIfRequest,
): Curve | undefined {
  if (contraction === undefined && best === undefined && sizes.length === 0) return undefined
  const highest = Math.max(summary.acceptanceRate, ...[...gate, ...acceptance].map(({ share }) => share))
  if (best && best.high < highest) {
    throw new ConfigError(
      `--best ${best.high} is less than the ${highest.toFixed(3)} that has been measured already; assume more.`,
    )
  }
  const written = policy.kind === 'adaptive' || policy.kind === 'auto' ? policy : VAGUE_CONTRACTION
  const rest = contraction && beliefIn(Math.log(1 - contraction.high), Math.log(1 - contraction.low))
  return {
    from: sizes.length > 0 ? 'run' : 'assumption',
    contraction: rest
      ? { contraction: 1 - Math.exp(rest.mean), spread: Math.sqrt(rest.variance) }
      : { contraction: written.contraction, spread: written.spread },
    prior: {
      ...VAGUE_CURVE,
      ...(best && { best: beliefIn(-Math.log(best.high), -Math.log(best.low)) }),
      ...(noise && { noise: beliefIn(noise.low, noise.high) }),
    },
  }
}

/** Normal, with these as its 95%. */
function beliefIn(low: number, high: number): { mean: number; variance: number } {
  return { mean: (low + high) / 2, variance: ((high - low) / (2 * Z)) ** 2 }
}

function drawWorlds(
  { seed, accept }: RunConfig,
  { problems, summary }: StoredPilot,
  start: WhatIfStart,
  curve: Curve | undefined,
  draws: number,
): World[] {
  const random = randomFor(seed, 'what-if')
  const pools = drawPools(problems, accept.deduplicate !== 'none', random, draws)
  if (!curve) return pools.map((pool) => ({ pool, curve: undefined }))
  const base = { updates: 0, share: summary.acceptanceRate, answers: summary.samples }
  const acceptance = start.acceptance.length > 0 ? start.acceptance : [base]
  const series = [start.gate, acceptance].filter((points) => points.length > 0)
  const curves = drawCurves(draws, start.sizes, series, { contraction: curve.contraction, curve: curve.prior }, random)
  return pools.map((pool, place) => ({ pool, curve: curves[place] }))
}

/** A policy that goes by progress cannot be played where there is none. */
function requireCurve({ budget: { policy } }: RunConfig, curve: Curve | undefined): void {
  if (curve || policy.kind !== 'adaptive') return
  throw new ConfigError(
    'An adaptive policy goes by what training brings, and nothing is assumed of it; give --contraction, and --best where it is known.',
  )
}

/** @throws ConfigError where the planner would have nothing to lay out its budget by */
function requirePrices({ budget: { policy, costs } }: RunConfig, known: Costs | null): void {
  if (policy.kind !== 'auto' || known) return
  throw new ConfigError(
    `growth: auto is solved for a cost, and not all prices in ${costUnitName(costs)} are measured yet; write budget.costs.expect for those.`,
  )
}

function requireIterations({ iterations, totals }: BandedPolicy, over: number): void {
  if (iterations.length > 0) return
  throw new ConfigError(
    totals.exhausted > 0
      ? `Iteration ${over} asks for more accepted traces than the problems can give; add problems, raise accept.maxPerProblem, or let duplicates in.`
      : `The run is over after ${over} ${plural(over, 'iteration')}, so there is nothing to play; ask for more with --set budget.iterations=N.`,
  )
}

/** Worlds that are enough for a median to solve by. */
const SOLVED_IN = 25

/** As much as the run's own policy, in the same worlds; without prices, as many samples. */
function equalTo(
  ownRuns: readonly PlayedRun[],
  play: (policy: FormulaPolicy, worlds: number) => PlayedRun[],
): EqualCost {
  return {
    costOf: (policy) => medianCost(play(policy, SOLVED_IN)),
    available: medianCost(ownRuns.slice(0, SOLVED_IN)),
    most: 2 * Math.max(...ownRuns.map(({ iterations }) => iterations.reduce((sum, row) => sum + row.accepted, 1))),
  }
}

function medianCost(runs: readonly PlayedRun[]): number {
  return bandOf(
    runs.map(({ iterations, exhaustedAt }) =>
      exhaustedAt === null
        ? iterations.reduce((sum, { cost, samples }) => sum + (cost ?? samples), 0)
        : Number.POSITIVE_INFINITY,
    ),
  ).median
}
