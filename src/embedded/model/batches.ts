/** Which rows each step of a job trains on: a function of the job alone, so that every thread and every restart agrees. */

import { randomFor, shuffled } from '../../core/seed.ts'

export interface BatchPlan {
  readonly rows: number
  readonly batch: number
  readonly seed: number
  readonly length:
    | { readonly kind: 'epochs'; readonly epochs: number }
    | { readonly kind: 'steps'; readonly steps: number }
}

/** Optimizer steps of the job; a part of an epoch is rounded to whole steps, at least one. */
export function stepCount({ rows, batch, length }: BatchPlan): number {
  return length.kind === 'steps' ? length.steps : Math.max(1, Math.round(length.epochs * Math.ceil(rows / batch)))
}

/**
 * The rows of a step (from 0). With epochs, each epoch is a fresh shuffle whose last batch may be smaller; with steps,
 * every batch is full and runs on from one shuffle into the next.
 */
export function createBatches(plan: BatchPlan): (step: number) => number[] {
  const { rows, batch, seed, length } = plan
  let current = { epoch: -1, order: [] as number[] }
  const orderOf = (epoch: number): number[] => {
    if (current.epoch !== epoch) {
      const all = Array.from({ length: rows }, (_, row) => row)
      current = { epoch, order: shuffled(all, randomFor(seed, `epoch/${epoch}`)) }
    }
    return current.order
  }
  if (length.kind === 'epochs') {
    const perEpoch = Math.ceil(rows / batch)
    return (step) => {
      const from = (step % perEpoch) * batch
      return orderOf(Math.floor(step / perEpoch)).slice(from, from + batch)
    }
  }
  return (step) =>
    Array.from({ length: batch }, (_, i) => {
      const place = step * batch + i
      return orderOf(Math.floor(place / rows))[place % rows] ?? 0
    })
}
