/** Which checkpoint is meant: the base, one that an iteration made, the last one that may be built upon. */

import type { RunContext } from '../loop/context.ts'
import type { CheckpointRow, IterationRow } from '../store/iterations.ts'

/** The newest checkpoint before this iteration that the loop may build on; the base when there is none. */
export function lastAccepted(context: Pick<RunContext, 'store'>, before: number): CheckpointRow {
  const rows = context.store.iterations.all()
  const row = rows.findLast((candidate) => candidate.iteration < before && candidate.state === 'done')
  return row ? madeBy(context, row) : baseRow(context)
}

/** The run's own base. */
export function baseRow(context: Pick<RunContext, 'store'>): CheckpointRow {
  const row = context.store.iterations.checkpoints().find((checkpoint) => checkpoint.iteration === -1)
  if (!row) throw new Error('the run has no base checkpoint')
  return row
}

/** What the iteration's present training attempt made. */
export function madeBy(context: Pick<RunContext, 'store'>, row: IterationRow): CheckpointRow {
  const made = context.store.iterations
    .checkpoints()
    .find((it) => it.iteration === row.iteration && it.attempt === row.attempt)
  if (!made) throw new Error(`iteration ${row.iteration} has no checkpoint`)
  return made
}

/** What the iteration's traces are drawn from. */
export function sampledFrom(context: RunContext, row: IterationRow): CheckpointRow {
  const found = context.store.iterations.checkpoints().find((checkpoint) => checkpoint.id === row.sampledFrom)
  if (!found) throw new Error(`iteration ${row.iteration} does not say what it samples from`)
  return found
}
