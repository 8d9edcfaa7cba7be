/**
 * Evaluations that wait for the next sampling from the same checkpoint, to fill the slots that its last traces leave free.
 *
 * Only what certainly comes later may wait: what it waits for may yet not come (a cap, the end of the time), so whoever ends the run
 * catches up.
 */

import { CapReached } from '../../core/errors.ts'
import type { RunState } from '../../core/status.ts'
import { baseRow, lastAccepted } from '../../run/checkpoints.ts'
import { isLast } from '../../run/next-target.ts'
import type { CheckpointRow } from '../../store/iterations.ts'
import { inActivity } from '../activity.ts'
import type { RunContext } from '../context.ts'
import type { Continuation } from '../phase.ts'
import type { DrawInput } from '../sample/draw.ts'
import { type Served, whileServed } from '../serve/served.ts'
import { evaluateCheckpoint, evaluationDraws } from './evaluation.ts'

/** Whether the evaluation of what this iteration made may wait; -1 is the base. The next iteration samples from it. */
export function mayWait(
  { config, store }: RunContext,
  iteration: number,
  { only }: Pick<Continuation, 'only'>,
): boolean {
  if (!config.evaluate.overlap || only !== undefined) return false
  const next = store.iterations.get(iteration + 1)?.state ?? 'planned'
  return (next === 'planned' || next === 'sampling') && (iteration < 0 || !isLast(config, store, iteration))
}

/** What is missing of the evaluation of the checkpoint that is about to be sampled. */
export async function dueDraws(context: RunContext, served: Served): Promise<DrawInput[]> {
  return isDue(context, served.checkpoint) ? await evaluationDraws(context, served) : []
}

/** Does the run's work and, where that ends before the next sampling, what has waited for it in vain. */
export async function catchingUp<T extends { readonly state: RunState }>(
  context: RunContext,
  work: () => Promise<T>,
): Promise<T> {
  try {
    const end = await work()
    if (end.state === 'done') await catchUp(context, 'always')
    return end
  } catch (error) {
    if (error instanceof CapReached) await catchUp(context, 'due')
    throw error
  }
}

/**
 * What a run hands out at its end has been measured, whatever `evaluate.every` says: that nothing follows may have been decided only
 * after its turn, by the policy, the budget or the clock.
 */
async function catchUp(context: RunContext, when: 'always' | 'due'): Promise<void> {
  const last = lastAccepted(context, Number.POSITIVE_INFINITY)
  const isWanted = when === 'always' ? context.problems.evaluate.length > 0 : isDue(context, last)
  if (!isWanted || isEvaluationComplete(context, last)) return
  await inActivity(context, last.iteration, 'evaluating', () =>
    whileServed(context, last, (served) => evaluateCheckpoint(context, served)),
  )
}

function isDue(context: RunContext, row: CheckpointRow): boolean {
  if (!context.config.evaluate.overlap || context.problems.evaluate.length === 0) return false
  return row.id === baseRow(context).id || isEvaluated(context, row.iteration)
}

/** Every `evaluate.every`-th iteration, and the last one. */
export function isEvaluated({ config, store }: RunContext, iteration: number): boolean {
  return (iteration + 1) % config.evaluate.every === 0 || isLast(config, store, iteration)
}

/** Whether the evaluation split's measurements of this checkpoint are all there and judged. */
export function isEvaluationComplete(context: RunContext, row: CheckpointRow): boolean {
  const { evaluate } = context.config
  const problems = context.problems.evaluate.length
  return (
    isComplete(context, row, 'evaluate', problems * evaluate.samples) &&
    (!evaluate.greedy || isComplete(context, row, 'greedy', problems))
  )
}

/** Resuming does not wake the server for measurements that are complete. */
export function isComplete(
  { store }: RunContext,
  row: CheckpointRow,
  purpose: 'gate' | 'evaluate' | 'greedy',
  wanted: number,
): boolean {
  let drawn = 0
  for (const { verdict, finishReason } of store.completions.eachDrawn(purpose, row.iteration)) {
    if (verdict === undefined && finishReason !== 'failed') return false
    drawn++
  }
  return drawn >= wanted
}
