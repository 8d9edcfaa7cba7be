/** Optimisation as part of the plan: the run's settings, spelled out for one iteration. */

import type { LrSchedule, Optimization, OptimizerState } from '../trainer.ts'

export interface OptimizationSettings {
  /** Undefined where `steps` is given. */
  readonly epochs: number | undefined
  readonly steps: number | undefined
  /** Undefined with `steps` alone: then batch = rows / steps. */
  readonly batch: number | undefined
  /** Peak learning rate. */
  readonly lr: number
  readonly lrSchedule: LrSchedule
  /** Iterations; only `run-inverse-time` looks at it. */
  readonly tau?: number | undefined
  readonly warmupSteps: number
  readonly optimizerState: OptimizerState
}

export interface OptimizationOf {
  readonly iteration: number
  /** Rows of its dataset. */
  readonly rows: number
  /** n_t of every iteration of the run, in order: what a schedule over the run is laid out by, unless steps are fixed. */
  readonly targets: readonly number[]
  /**
   * Share of the peak rate at which the iteration before it ended, where `targets` are what is expected by now: the decay continues from there,
   * to 0 at their end. Left out, it is laid over all targets.
   */
  readonly startsAt?: number | undefined
  /** On the learning rate, from the gate's retries; 1 for the first attempt. */
  readonly lrFactor: number
}

export function optimizationOf(settings: OptimizationSettings, of: OptimizationOf): Optimization {
  const share = shareOf(settings, of)
  const { start, end } = learningRateStretch(settings.lrSchedule, settings.lr * of.lrFactor, share, {
    iteration: of.iteration,
    tau: settings.tau ?? 1,
  })
  return {
    epochs: settings.steps === undefined ? settings.epochs : undefined,
    steps: settings.steps,
    batch: settings.batch ?? Math.max(1, Math.round(of.rows / (settings.steps ?? 1))),
    lrStart: start,
    lrEnd: end,
    warmupSteps: settings.warmupSteps,
    optimizerState: settings.optimizerState,
  }
}

/** The run's planned training before this iteration and after it, by steps where they are fixed, else by traces. */
function shareOf(settings: OptimizationSettings, of: OptimizationOf): { before: number; after: number } {
  const weights = of.targets.map((target) => (settings.steps === undefined ? target : 1))
  const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0)
  const own = weights[of.iteration] ?? 0
  const [before, later] = [sum(weights.slice(0, of.iteration)), sum(weights.slice(of.iteration + 1))]
  const total = before + own + later
  // A run that continues beyond its expected end has no rate left; it starts where its whole length puts it.
  if (of.startsAt === undefined || of.startsAt < NO_RATE)
    return { before: before / total, after: (before + own) / total }
  return { before: 1 - of.startsAt, after: 1 - of.startsAt * (later / (own + later)) }
}

/** What rounding leaves of 0. */
const NO_RATE = 1e-9

/**
 * How far an iteration moves a weight at most, about: AdamW moves it by the learning rate a step, so this is the sum of the
 * rates over the steps. Half a step of a 16-bit weight of 0.02 is 6e-5.
 */
export function expectedMovement(optimization: Optimization, rows: number): number {
  const { lrStart, lrEnd, warmupSteps } = optimization
  const steps = stepsOver(optimization, rows)
  const warming = Math.min(warmupSteps, steps)
  const warmed = (lrStart * warming) / 2
  return warmed + ((steps - warming) * (lrStart + lrEnd)) / 2
}

/** Optimizer steps that an optimization takes over so many rows. */
export function stepsOver(optimization: Optimization, rows: number): number {
  return optimization.steps ?? Math.round((optimization.epochs ?? 1) * Math.ceil(rows / optimization.batch))
}

/**
 * Where the learning rate starts and ends within one iteration.
 * @param share of the run's planned training that lies before this iteration, and after it: both in [0, 1]
 * @param time the iteration, from 0, and the iterations after which `run-inverse-time` has halved the rate
 */
export function learningRateStretch(
  schedule: LrSchedule,
  peak: number,
  share: { readonly before: number; readonly after: number },
  { iteration, tau }: { readonly iteration: number; readonly tau: number },
): { readonly start: number; readonly end: number } {
  switch (schedule) {
    case 'iteration-decay':
      return { start: peak, end: 0 }
    case 'run-constant':
      return { start: peak, end: peak }
    case 'run-inverse-time': {
      const rate = peak / (1 + iteration / tau)
      return { start: rate, end: rate }
    }
    case 'run-decay':
      return { start: peak * (1 - share.before), end: peak * (1 - share.after) }
  }
}
