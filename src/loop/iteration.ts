/** One iteration, from whatever state it is in to done or rejected. Every step is repeatable: a killed run comes back here. */

import { RunError } from '../core/errors.ts'
import type { IterationState } from '../core/status.ts'
import { plural } from '../core/words/plural.ts'
import { decisionFor } from '../run/adaptive-decision.ts'
import { baseRow, lastAccepted, madeBy, sampledFrom } from '../run/checkpoints.ts'
import { absolutePath } from '../run/folder.ts'
import { checkHealth } from '../run/health.ts'
import { targetOf } from '../run/next-target.ts'
import type { CheckpointRow, IterationRow } from '../store/iterations.ts'
import { inActivity } from './activity.ts'
import type { RunContext } from './context.ts'
import { dueDraws, isComplete, isEvaluated, isEvaluationComplete, mayWait } from './measure/due-evaluation.ts'
import { evaluateCheckpoint, measureGate } from './measure/evaluation.ts'
import { decideGate } from './measure/gate.ts'
import { type Continuation, PHASE_STATES, PHASES, type Phase } from './phase.ts'
import { rationalize } from './sample/rationalize.ts'
import { sampleIteration } from './sample/sampling.ts'
import { temperatureOf } from './sample/temperature.ts'
import { serve, whileServed } from './serve/served.ts'
import { canCheckSkew, checkSkewOfRun } from './train/skew.ts'
import { nextJob, trainIteration, writeIterationDataset } from './train/training.ts'

/** How an iteration was left: finished, or waiting for somebody outside. */
export type IterationEnd = { readonly kind: 'finished' } | { readonly kind: 'waiting'; readonly reason: string }

/**
 * Takes the iteration as far as it goes.
 * @throws RunError when the gate says stop; what sampling, training and serving throw
 */
export async function runIteration(
  context: RunContext,
  iteration: number,
  continuation: Continuation,
): Promise<IterationEnd> {
  const { store, config } = context
  decide(context, iteration)
  const target = targetOf(config, store, iteration)
  if (target) store.iterations.plan(iteration, target)
  for (;;) {
    const row = currentRow(context, iteration)
    if (row.state === 'done' || row.state === 'rejected') {
      context.emit({ kind: 'iteration-ended', iteration, state: row.state })
      return { kind: 'finished' }
    }
    const { only, command } = continuation
    if (only !== undefined && !isOf(only, row.state)) {
      return {
        kind: 'waiting',
        reason: `Iteration ${iteration} is ready for ${nextPhase(row.state)}; continue with: ${command}`,
      }
    }
    store.requireInPlace()
    context.emit({ kind: 'phase', iteration, state: row.state, attempt: row.attempt })
    const end = await inActivity(context, iteration, row.state, () => step(context, row, continuation))
    if (end) return end
  }
}

/** Stored before anything is drawn by it, so that a run which continues asks the same. */
function decide({ config, store, emit }: RunContext, iteration: number): void {
  if (store.iterations.decision(iteration)) return
  const decision = decisionFor(config, store, iteration)
  if (!decision) return
  store.iterations.decide(iteration, decision)
  emit({ kind: 'decided', iteration, decision })
}

function nextPhase(state: IterationState): string {
  return PHASES.find((phase) => isOf(phase, state)) ?? state
}

function isOf(phase: Phase, state: IterationState): boolean {
  return PHASE_STATES[phase].some((it) => it === state)
}

/** The state's work; returns only when the iteration has to wait. */
async function step(
  context: RunContext,
  row: IterationRow,
  continuation: Continuation,
): Promise<IterationEnd | undefined> {
  switch (row.state) {
    case 'planned': {
      context.spending.check('sampling')
      context.store.iterations.startSampling(row.iteration, lastAccepted(context, row.iteration).id)
      context.spending.addIteration()
      return undefined
    }
    case 'sampling':
      await whileServed(context, sampledFrom(context, row), async (served) => {
        const from = { checkpoint: served.checkpoint.id, model: served.model }
        const temperature = await temperatureOf(context, row.iteration, from)
        const due = await dueDraws(context, served)
        await sampleIteration(context, row, from, temperature, due)
        if (due.length > 0) await evaluateCheckpoint(context, served)
        await rationalize(context, row, from, temperature)
      })
      context.store.iterations.setState(row.iteration, 'training')
      return undefined
    case 'training':
      return await train(context, row, continuation)
    case 'serving':
      return await handOver(context, row, continuation)
    case 'evaluating':
      return await judge(context, row, continuation)
    case 'done':
    case 'rejected':
      return undefined
  }
}

async function train(
  context: RunContext,
  row: IterationRow,
  continuation: Continuation,
): Promise<IterationEnd | undefined> {
  const { trainer, config } = context
  if (!trainer) {
    const dataset = writeIterationDataset(context, row.iteration)
    const reason = `Train on ${dataset.path} (${dataset.rows} ${plural(dataset.rows, 'trace')}), serve the result, and continue with: ${continuation.command} --checkpoint PATH|MODEL`
    return { kind: 'waiting', reason }
  }
  const from = config.train.init === 'base' ? baseRow(context) : lastAccepted(context, row.iteration)
  const isFirst = context.store.iterations.checkpoints().every(({ iteration }) => iteration < 0)
  if (
    isFirst &&
    canCheckSkew(context.config, context.handOver) &&
    !context.store.iterations.job(row.iteration, row.attempt)
  ) {
    const job = nextJob(context, row, from)
    await whileServed(context, sampledFrom(context, row), (served) => checkSkewOfRun(context, row, served, job))
  }
  if ('share' in config.serve && config.serve.share === 'train') {
    await context.server.freeDevices(context.signal)
  }
  await trainIteration(context, trainer, row, from)
  return undefined
}

async function handOver(
  context: RunContext,
  row: IterationRow,
  continuation: Continuation,
): Promise<IterationEnd | undefined> {
  const made = madeBy(context, row)
  const { serve: hand } = context.config
  if ('wait' in hand && hand.wait && made.served === undefined) {
    const path = absolutePath(context.directory, made.path)
    const reason = `Serve ${path} and continue with: ${continuation.command} --checkpoint MODEL, MODEL being the name it is served under`
    return { kind: 'waiting', reason }
  }
  await serve(context, made)
  context.store.iterations.setState(row.iteration, 'evaluating')
  return undefined
}

async function judge(context: RunContext, row: IterationRow, continuation: Continuation): Promise<undefined> {
  const { store, config } = context
  const made = madeBy(context, row)
  let failed = false
  if (context.problems.gate.length > 0) {
    const test = await decideGate(context, lastAccepted(context, row.iteration), made)
    const { difference, alpha, saved } = test
    const collapsed = looksCollapsed(context, made)
    failed = test.decision === 'failed' || (collapsed && config.gate.collapse.action === 'fail')
    const decision = failed ? 'failed' : test.decision
    const { mean, low, high, n } = difference
    store.iterations.addGate({
      iteration: row.iteration,
      attempt: row.attempt,
      decision,
      difference: mean,
      low,
      high,
      n,
      alpha,
      saved,
    })
    context.emit({ kind: 'gate', iteration: row.iteration, decision, difference: mean, low, high })
    if (failed && config.gate.onFail === 'retry' && row.attempt < config.gate.retries && context.trainer) {
      store.iterations.retry(row.iteration)
      return
    }
  }
  const action = config.gate.onFail === 'retry' ? config.gate.then : config.gate.onFail
  const end = failed && action !== 'continue' ? 'rejected' : 'done'
  if (isEvaluated(context, row.iteration) && !(end === 'done' && mayWait(context, row.iteration, continuation))) {
    await whileServed(context, made, (served) => evaluateCheckpoint(context, served))
  }
  store.iterations.setState(row.iteration, end)
}

/** Says what it sees, every time. */
function looksCollapsed(context: RunContext, made: CheckpointRow): boolean {
  const { health, symptoms } = checkHealth(context, made)
  const texts = symptoms.map(({ text }) => text)
  if (health) context.emit({ kind: 'health', iteration: made.iteration, ...health, symptoms: texts })
  return symptoms.length > 0
}

/** @throws RunError when the gate rejected the iteration and the configuration says to stop there */
export function refuseToBuildOnFailure(context: RunContext, iteration: number): void {
  const { gate } = context.config
  const row = currentRow(context, iteration)
  const action = gate.onFail === 'retry' ? gate.then : gate.onFail
  if (row.state !== 'rejected' || action !== 'stop') return
  throw new RunError(
    `The gate rejected the checkpoint of iteration ${iteration}; read the report, then continue from the last accepted one with --set gate.then=rollback --set gate.onFail=${gate.onFail === 'stop' ? 'rollback' : gate.onFail}.`,
  )
}

/** The base's own measurements, before anything is trained; its evaluation may wait for the first sampling. */
export async function measureBase(context: RunContext, only: Continuation['only']): Promise<void> {
  const { problems, config } = context
  const row = baseRow(context)
  const gateIsThere = isComplete(context, row, 'gate', problems.gate.length * config.evaluate.samples)
  const evaluates =
    problems.evaluate.length > 0 && !isEvaluationComplete(context, row) && !mayWait(context, -1, { only })
  if (gateIsThere && !evaluates) return
  context.emit({ kind: 'phase', iteration: -1, state: 'evaluating', attempt: 0 })
  await inActivity(context, -1, 'evaluating', () =>
    whileServed(context, row, async (served) => {
      await measureGate(context, served)
      if (evaluates) await evaluateCheckpoint(context, served)
    }),
  )
}

function currentRow(context: RunContext, iteration: number): IterationRow {
  const row = context.store.iterations.get(iteration)
  if (!row) throw new Error(`iteration ${iteration} is not planned`)
  return row
}
