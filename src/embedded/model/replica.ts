/**
 * One thread's part in training. Every thread holds a full copy of the model and takes the same optimizer steps, so the
 * copies stay equal bit by bit; only the gradient's shards are shared out.
 *
 * A batch is always cut into SHARDS shards and their gradients are added in the shards' order. So the result depends on
 * neither the number of threads nor on which of them was faster.
 */

import { type BatchPlan, createBatches } from './batches.ts'
import { addGradient, type TrainingText, targetCount } from './gradient.ts'
import { createWorkspace } from './kernels.ts'
import { createModel, type ModelShape } from './model.ts'
import { createOptimizer, learningRate, type OptimizerState, type Schedule } from './optimizer.ts'
import { type PackedTexts, textAt } from './packed-texts.ts'

/** Pieces of a batch, whatever the number of threads; more threads than this have nothing to do. */
export const SHARDS = 8

/** Where training stands: `step` steps are done. */
export interface TrainingState {
  readonly step: number
  readonly parameters: Float32Array
  readonly optimizer: OptimizerState | undefined
}

export interface ReplicaSetup {
  readonly shape: ModelShape
  readonly from: TrainingState
  readonly texts: PackedTexts
  readonly plan: BatchPlan
  readonly schedule: Schedule
  /** Milliseconds between states that the leader reports; 0 is every step. */
  readonly saveMs: number
  readonly threads: number
  /** Number of this thread; thread 0 leads: it alone reports. */
  readonly thread: number
  readonly shared: SharedTraining
}

/** Memory that the threads share. Everything but control exists twice, for even and odd steps: one meeting a step is enough. */
export interface SharedTraining {
  readonly control: SharedArrayBuffer
  readonly losses: SharedArrayBuffer
  readonly gradients: SharedArrayBuffer
}

export type ReplicaReport =
  | {
      readonly kind: 'step'
      readonly step: number
      readonly loss: number
      readonly rate: number
      readonly tokens: number
    }
  | { readonly kind: 'state'; readonly why: 'periodic' | 'stopped' | 'finished'; readonly state: TrainingState }
  | { readonly kind: 'diverged'; readonly step: number }

/** Places in `control`: the meeting, the wish to stop, and by parity the next shard and the leader's decision to stop. */
const ARRIVED = 0
const TURN = 1
const STOP = 2
const NEXT = 3
const DECIDED = 5
const CONTROL_SIZE = 7

export function createShared(total: number): SharedTraining {
  return {
    control: new SharedArrayBuffer(4 * CONTROL_SIZE),
    losses: new SharedArrayBuffer(8 * 2 * SHARDS),
    gradients: new SharedArrayBuffer(4 * 2 * SHARDS * total),
  }
}

/** Asks all threads to stop after the step that they are in. */
export function requestStop({ control }: SharedTraining): void {
  Atomics.store(new Int32Array(control), STOP, 1)
}

/** Trains to the end, or until asked to stop; blocks its thread. */
export function runReplica(setup: ReplicaSetup, report: (report: ReplicaReport) => void): void {
  const { from, texts, plan, schedule, threads, shared } = setup
  const leads = setup.thread === 0
  const control = new Int32Array(shared.control)
  const workspace = createWorkspace()
  const model = createModel(workspace, setup.shape, from.parameters)
  const { total } = model.layout
  const optimizer = createOptimizer(model, from.optimizer)
  const [gradient, other] = [workspace.allocate(total), workspace.allocate(total)]
  const losses = new Float64Array(shared.losses)
  const slot = (parity: number, shard: number): Float32Array =>
    new Float32Array(shared.gradients, 4 * (parity * SHARDS + shard) * total, total)
  const batchOf = createBatches(plan)

  const computeShards = (batch: readonly TrainingText[], parity: number, scale: number): void => {
    const shards = Math.min(SHARDS, batch.length)
    for (let shard = take(); shard < shards; shard = take()) {
      workspace.kernels.clear(gradient, total)
      const part = batch.filter((_, at) => at % SHARDS === shard)
      losses[parity * SHARDS + shard] = addGradient(model, gradient, part, scale)
      slot(parity, shard).set(workspace.floats(gradient, total))
    }
    function take(): number {
      return Atomics.add(control, NEXT + parity, 1)
    }
  }

  /** Leaves the whole batch's gradient in `gradient`; gives the summed loss. */
  const addShards = (shards: number, parity: number): number => {
    let loss = 0
    for (let shard = 0; shard < shards; shard++) {
      const into = shard === 0 ? gradient : other
      workspace.floats(into, total).set(slot(parity, shard))
      if (shard > 0) workspace.kernels.add(other, gradient, total)
      loss += losses[parity * SHARDS + shard] ?? Number.NaN
    }
    return loss
  }

  const stateAfter = (step: number): TrainingState => ({
    step,
    parameters: workspace.floats(model.parameters, total).slice(),
    optimizer: optimizer.state(),
  })

  let saved = performance.now()
  for (let step = from.step; step < schedule.steps; step++) {
    const parity = step % 2
    const batch = batchOf(step).map((row) => textAt(texts, row))
    const targets = targetCount(batch)
    computeShards(batch, parity, 1 / targets)
    if (leads) Atomics.store(control, DECIDED + parity, Atomics.load(control, STOP))
    meet(control, threads)
    if (leads) Atomics.store(control, NEXT + parity, 0)
    const loss = addShards(Math.min(SHARDS, batch.length), parity) / targets
    const isSound = Number.isFinite(loss)
    const rate = learningRate(schedule, step)
    if (isSound) optimizer.step(gradient, rate)
    if (!isSound || !Number.isFinite(workspace.kernels.norm(model.parameters, total))) {
      if (leads) report({ kind: 'diverged', step })
      return
    }
    const stops = Atomics.load(control, DECIDED + parity) === 1 && step + 1 < schedule.steps
    if (leads) {
      const tokens = batch.reduce((sum, text) => sum + text.tokens.length, 0)
      report({ kind: 'step', step, loss, rate, tokens })
      if (stops || (performance.now() - saved >= setup.saveMs && step + 1 < schedule.steps)) {
        report({ kind: 'state', why: stops ? 'stopped' : 'periodic', state: stateAfter(step + 1) })
        saved = performance.now()
      }
    }
    if (stops) return
  }
  if (leads) report({ kind: 'state', why: 'finished', state: stateAfter(schedule.steps) })
}

/** Waits until all threads are here. */
function meet(control: Int32Array, threads: number): void {
  const turn = Atomics.load(control, TURN)
  if (Atomics.add(control, ARRIVED, 1) === threads - 1) {
    Atomics.store(control, ARRIVED, 0)
    Atomics.add(control, TURN, 1)
    Atomics.notify(control, TURN)
  } else {
    while (Atomics.load(control, TURN) === turn) Atomics.wait(control, TURN, turn)
  }
}
