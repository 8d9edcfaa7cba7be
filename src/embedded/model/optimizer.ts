/** AdamW on a model's parameters, and the learning rate of each step. */

import type { Pointer, Workspace } from './kernels.ts'

export const BETA_1 = 0.9
export const BETA_2 = 0.98
export const EPSILON = 1e-8
export const WEIGHT_DECAY = 0.01
/** A gradient longer than this is shortened to it. */
export const CLIP_NORM = 1

/** Adam's memory: both moments of every parameter, and how many steps made them. */
export interface OptimizerState {
  readonly steps: number
  readonly first: Float32Array
  readonly second: Float32Array
}

export interface Optimizer {
  /** One step along `gradient` at learning rate `rate`. */
  step(gradient: Pointer, rate: number): void
  state(): OptimizerState
}

/** A model as an optimizer sees it: so many parameters, flat, a multiple of 4. */
export interface Optimized {
  readonly workspace: Workspace
  readonly parameters: Pointer
  readonly layout: { readonly total: number }
}

/** An optimizer that begins afresh, or continues from a state. */
export function createOptimizer(model: Optimized, from?: OptimizerState, decay: number = WEIGHT_DECAY): Optimizer {
  const { workspace, parameters } = model
  const { total } = model.layout
  const [first, second] = [workspace.allocate(total), workspace.allocate(total)]
  workspace.floats(first, total).set(from?.first ?? new Float32Array(total))
  workspace.floats(second, total).set(from?.second ?? new Float32Array(total))
  let steps = from?.steps ?? 0
  return {
    step(gradient, rate) {
      steps++
      const length = workspace.kernels.norm(gradient, total)
      const scale = length > CLIP_NORM ? CLIP_NORM / length : 1
      workspace.kernels.adamw(
        parameters,
        gradient,
        first,
        second,
        total,
        scale,
        rate,
        BETA_1,
        BETA_2,
        EPSILON,
        decay,
        1 - power(BETA_1, steps),
        1 - power(BETA_2, steps),
      )
    },
    state: () => ({
      steps,
      first: workspace.floats(first, total).slice(),
      second: workspace.floats(second, total).slice(),
    }),
  }
}

/** base^exponent by squaring: multiplications alone, where `**` may differ between engines in its last digit. */
function power(base: number, exponent: number): number {
  let [result, square] = [1, base]
  for (let left = exponent; left > 0; left = Math.floor(left / 2), square *= square) {
    if (left % 2 === 1) result *= square
  }
  return result
}

/** How the learning rate moves over a job. */
export interface Schedule {
  readonly steps: number
  readonly warmupSteps: number
  /** At the first step after warm-up. */
  readonly lrStart: number
  /** At the last step. */
  readonly lrEnd: number
}

/** Learning rate of a step (from 0): up linearly during warm-up, then linearly from `lrStart` to `lrEnd`. */
export function learningRate({ steps, warmupSteps, lrStart, lrEnd }: Schedule, step: number): number {
  if (step < warmupSteps) return (lrStart * (step + 1)) / (warmupSteps + 1)
  const stretch = steps - 1 - warmupSteps
  return stretch > 0 ? lrStart + ((lrEnd - lrStart) * (step - warmupSteps)) / stretch : lrStart
}
