/** What policies would bring and cost in a run: each is played in the same drawn worlds, without a model and without a server. */

import { decideAdaptive } from '../core/budget/adaptive.ts'
import type { ProgressPoint } from '../core/budget/contraction.ts'
import { type Costs, iterationCost } from '../core/budget/costs.ts'
import { drawIteration, drawTraces, type ProblemPool } from '../core/budget/forecast.ts'
import { type LearningCurve, noiseAfter, shareAt } from '../core/budget/learning-curve.ts'
import { nextTarget, type RunBudget } from '../core/budget/next-target.ts'
import type { Target } from '../core/budget/policy.ts'
import { replan } from '../core/budget/replan.ts'
import { drawBinomial } from '../core/measure/draws.ts'
import { createRandom, hash32, type Random } from '../core/seed.ts'

/** One way the world may be, after what was measured and what is assumed. */
export interface World {
  readonly pool: ProblemPool
  /** undefined where nothing is assumed of what training brings: solve rates then stay as measured. */
  readonly curve: LearningCurve | undefined
}

/** Where the what-if begins: what the run has behind it. */
export interface WhatIfStart {
  /** The iteration played first. */
  readonly iteration: number
  /** n_t of the updates so far. */
  readonly sizes: readonly number[]
  /** Updates that the weights had from which the pool was measured. */
  readonly measuredAt: number
  readonly gate: readonly ProgressPoint[]
  readonly acceptance: readonly ProgressPoint[]
  readonly rates: readonly number[]
  /** In the unit of the costs. */
  readonly spent: number
  /** n_t of the iteration before, in the policy's unit. */
  readonly before: number | undefined
}

export interface WhatIfTerms {
  readonly start: WhatIfStart
  /** Training problems. */
  readonly problems: number
  readonly maxPerProblem: number | null
  /** Answers of a measurement on the gate split; only an adaptive policy looks at them. */
  readonly gateAnswers: number
  /** null where prices are not known: then there are no costs, and a budget in cost does not bind. */
  readonly costs: Costs | null
  readonly seed: number
}

export interface PlayedIteration {
  readonly iteration: number
  readonly accepted: number
  readonly samples: number
  readonly cost: number | null
  /** Cost of the whole run up to and with this iteration. */
  readonly spent: number | null
  /** Acceptance rate of the iteration: n_t / N_t. */
  readonly rate: number
  /** Accuracy of the checkpoint that it makes, as expected on this curve; null without a curve. */
  readonly accuracy: number | null
}

export interface PlayedRun {
  /** Accuracy of the checkpoint that it begins with; null without a curve. */
  readonly before: number | null
  readonly iterations: readonly PlayedIteration[]
  /** The iteration that asks for more than the problems can give, where there is one. */
  readonly exhaustedAt: number | null
}

/** One policy in one world. The same world and seed give the same run. */
export function playPolicy(budget: RunBudget, world: World, place: number, terms: WhatIfTerms): PlayedRun {
  const random = createRandom(hash32(`${terms.seed}/what-if/${place}`))
  const { start, costs, problems, maxPerProblem } = terms
  const state: State = {
    ...start,
    sizes: [...start.sizes],
    gate: [...start.gate],
    acceptance: [...start.acceptance],
    rates: [...start.rates],
  }
  const before = accuracyIn(world, state.sizes)
  const iterations: PlayedIteration[] = []
  for (; ; state.iteration++) {
    const target = targetOf(budget, state, world, terms, random)
    if (!target) return { before, iterations, exhaustedAt: null }
    const pool = { ...world.pool, rate: rateIn(world, state, start) }
    const demand = { problems, maxPerProblem }
    const drawn =
      target.kind === 'accepted'
        ? { accepted: target.count, samples: drawIteration(pool, { ...demand, wanted: target.count }, random).samples }
        : { accepted: drawTraces(pool, { ...demand, sampled: target.count }, random), samples: target.count }
    const { accepted, samples } = drawn
    if (!Number.isFinite(samples) || accepted === 0) return { before, iterations, exhaustedAt: state.iteration }
    const cost = costs ? iterationCost(costs, samples, accepted) : null
    state.spent += cost ?? 0
    state.rates.push(accepted / samples)
    state.acceptance.push({ updates: state.sizes.length, share: accepted / samples, answers: samples })
    state.sizes.push(accepted)
    state.before = budget.unit === 'batches' ? accepted / (budget.batchSize ?? 1) : accepted
    iterations.push({
      iteration: state.iteration,
      accepted,
      samples,
      cost,
      spent: cost === null ? null : state.spent,
      rate: accepted / samples,
      accuracy: accuracyIn(world, state.sizes),
    })
  }
}

interface State {
  iteration: number
  readonly sizes: number[]
  readonly gate: ProgressPoint[]
  readonly acceptance: ProgressPoint[]
  readonly rates: number[]
  spent: number
  before: number | undefined
}

/** As the loop decides it (run/next-target.ts), from what this world shows. */
function targetOf(
  budget: RunBudget,
  state: State,
  world: World,
  { costs, gateAnswers }: WhatIfTerms,
  random: Random,
): Target | undefined {
  const { policy } = budget
  const { iteration, sizes, gate, acceptance, rates, spent, before } = state
  if (iteration >= budget.iterations) return undefined
  const progress = { iteration, spent, rates }
  if (policy.kind !== 'adaptive' && policy.kind !== 'auto') return nextTarget({ ...budget, costs }, progress)
  const accuracy = accuracyIn(world, sizes)
  const isMeasured = gate.some(({ updates }) => updates === sizes.length)
  if (accuracy !== null && gateAnswers > 0 && !isMeasured) {
    const share = drawBinomial(gateAnswers, accuracy, random) / gateAnswers
    gate.push({ updates: sizes.length, share, answers: gateAnswers })
  }
  const prior = { contraction: policy.contraction, spread: policy.spread }
  const last = before === undefined ? undefined : { size: before, rejected: false, gain: undefined, cost: 0 }
  const decision =
    policy.kind === 'adaptive'
      ? decideAdaptive(
          { initial: policy.initial, prior, stopBelow: policy.stopBelow },
          { sizes, gate, acceptance, last },
        )
      : costs &&
        replan({
          budget,
          prior,
          costs,
          iteration,
          left: (budget.cost ?? 0) - spent,
          rate: rates.at(-1) ?? world.pool.rate,
          measuredAt: acceptance.at(-1)?.updates ?? 0,
          sizes,
          gate,
          acceptance,
          before,
          initial: policy.initial,
        })
  if (!decision || decision.kind === 'stop') return undefined
  const { size, growth } = decision
  const fixed = { kind: 'exponential' as const, initial: size / growth ** iteration, growth }
  // The planner has laid out what is left already, at the rates that it expects.
  const cost = policy.kind === 'auto' ? null : budget.cost
  return nextTarget({ ...budget, costs, cost, policy: fixed }, progress)
}

/** Accuracy by the first of the curve's series. */
function accuracyIn({ curve }: World, sizes: readonly number[]): number | null {
  const terms = curve?.terms[0]
  if (!curve || !terms) return null
  return shareAt(terms, curve.contraction, sizes.length, noiseAfter(curve.contraction, sizes))
}

/** Mean solve rate now: as it was measured, times what the curve says it has risen by since. */
function rateIn({ pool, curve }: World, { sizes }: State, { measuredAt }: WhatIfStart): number {
  const terms = curve?.terms.at(-1)
  if (!curve || !terms) return pool.rate
  const at = (own: readonly number[]): number =>
    shareAt(terms, curve.contraction, own.length, noiseAfter(curve.contraction, own))
  return Math.min(MOST_RATE, (pool.rate * at(sizes)) / at(sizes.slice(0, measuredAt)))
}

/** A Beta distribution of solve rates needs a mean below 1. */
const MOST_RATE = 0.999
