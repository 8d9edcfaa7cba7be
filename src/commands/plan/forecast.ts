/** The forecast of a plan from the run's pilot: N_t and cost of every iteration with bands, and a pool that will not do. */

import type { RunConfig } from '../../config/schema.ts'
import { type Costs, iterationCost } from '../../core/budget/costs.ts'
import { type Band, forecastSamples, type PilotProblem } from '../../core/budget/forecast.ts'
import type { Plan } from '../../core/budget/plan.ts'

export interface IterationForecast {
  readonly iteration: number
  /** N_t at the base's solve rates; null bounds where the pool is used up before. */
  readonly samples: { readonly [K in keyof Band]: number | null }
  readonly cost: { readonly [K in keyof Band]: number | null } | null
  /** Probability that the pool gives fewer traces than n_t. */
  readonly exhausted: number
  /** Traces that the pool can give. */
  readonly supply: Band
}

/**
 * @param problems size of the training pool
 * @param costs null where they are not known
 */
export function forecastPlan(
  config: RunConfig,
  plan: Plan,
  pilot: readonly PilotProblem[],
  problems: number,
  costs: Costs | null,
): IterationForecast[] {
  const { accept, seed } = config
  return plan.iterations.flatMap(({ iteration, accepted }) => {
    if (accepted === null) return []
    const { samples, supply, exhausted } = forecastSamples({
      pilot,
      problems,
      wanted: accepted,
      maxPerProblem: accept.maxPerProblem,
      deduplicate: accept.deduplicate !== 'none',
      seed,
    })
    const costOf = (drawn: number): number | null =>
      costs === null || !Number.isFinite(drawn) ? null : iterationCost(costs, drawn, accepted)
    const each = (of: (value: number) => number | null) => ({
      median: of(samples.median),
      low: of(samples.low),
      high: of(samples.high),
    })
    const cost = costs && each(costOf)
    return [{ iteration, samples: each((value) => (Number.isFinite(value) ? value : null)), cost, exhausted, supply }]
  })
}

/** A pool that is likely to be used up, said before it is spent. */
export function supplyWarnings(forecasts: readonly IterationForecast[], plan: Plan): string[] {
  const first = forecasts.find(({ exhausted }) => exhausted >= 0.05)
  if (!first) return []
  const wanted = plan.iterations[first.iteration]?.accepted ?? 0
  const share = first.exhausted >= 0.995 ? 'certainly' : `with ${Math.round(100 * first.exhausted)}% probability`
  return [
    `Iteration ${first.iteration} asks for ${wanted} accepted traces, and at the base's solve rates the pool is used up before, ${share}: it gives ${Math.round(first.supply.low)} to ${Math.round(first.supply.high)}. Add problems, raise accept.maxPerProblem, or let duplicates in.`,
  ]
}

/** Below so many right answers the band depends on what was believed before the pilot. */
const FEW_RIGHT = 20

/** A pilot that shows too little, with one that would show enough. */
export function pilotWarnings(pilot: readonly PilotProblem[]): string[] {
  const asked = pilot.reduce((sum, row) => sum + row.asked, 0)
  const correct = pilot.reduce((sum, row) => sum + row.correct, 0)
  if (correct >= FEW_RIGHT) return []
  const samples = Math.ceil((FEW_RIGHT * asked) / Math.max(1, correct) / 100) * 100
  return [
    `Only ${correct} of the pilot's ${asked} samples are fit for training, too few to say how solve rates lie: the bands are wide and go by what is believed of problems in general. Draw a larger one: --pilot ${samples}.`,
  ]
}
