/** Which checkpoint is meant: the base, one that an iteration made, the last one that may be built upon. */

import type { CheckpointRow, IterationRow } from '../store/iterations.ts'
import type { Store } from '../store/store.ts'

/** What these questions need of a run. */
export interface StoredRun {
  readonly store: Store
}

/** The newest checkpoint before this iteration that the loop may build on; the base when there is none. */
export function lastAccepted({ store }: StoredRun, before: number): CheckpointRow {
  const rows = store.iterations.all()
  const row = rows.findLast((candidate) => candidate.iteration < before && candidate.state === 'done')
  return row ? madeBy({ store }, row) : baseRow({ store })
}

/** The run's own base. */
export function baseRow({ store }: StoredRun): CheckpointRow {
  const row = store.iterations.checkpoints().find((checkpoint) => checkpoint.iteration === -1)
  if (!row) throw new Error('the run has no base checkpoint')
  return row
}

/** What the iteration's present training attempt made. */
export function madeBy({ store }: StoredRun, row: IterationRow): CheckpointRow {
  const made = store.iterations.checkpoints().find((it) => it.iteration === row.iteration && it.attempt === row.attempt)
  if (!made) throw new Error(`iteration ${row.iteration} has no checkpoint`)
  return made
}

/** What the iteration's traces are drawn from. */
export function sampledFrom({ store }: StoredRun, row: IterationRow): CheckpointRow {
  const found = store.iterations.checkpoints().find((checkpoint) => checkpoint.id === row.sampledFrom)
  if (!found) throw new Error(`iteration ${row.iteration} does not say what it samples from`)
  return found
}
