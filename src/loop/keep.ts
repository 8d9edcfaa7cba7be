/** Which checkpoints stay on disk: the newest, the best on the gate split, and whatever the loop still builds on. */

import { rmSync } from 'node:fs'
import { lastAccepted } from '../run/checkpoints.ts'
import { absolutePath } from '../run/folder.ts'
import type { CheckpointRow } from '../store/iterations.ts'
import type { RunContext } from './context.ts'

type PruneContext = Pick<RunContext, 'config' | 'store' | 'directory'>

/** Deletes checkpoint folders of the run that the `keep` policy does not name. Safe to call again after a crash. */
export function pruneCheckpoints(context: PruneContext): void {
  const made = context.store.iterations
    .checkpoints()
    .filter((row) => row.iteration >= 0 && row.path.startsWith('checkpoints'))
  const { last, best } = context.config.keep
  const newest = made.slice(-last)
  const ranked = made
    .map((row) => ({ row, accuracy: gateAccuracy(context, row) }))
    .filter((item) => item.accuracy !== undefined)
    .sort((a, b) => (b.accuracy ?? 0) - (a.accuracy ?? 0))
    .slice(0, best)
    .map((item) => item.row)
  const kept = new Set([...newest, ...ranked, lastAccepted(context, Number.POSITIVE_INFINITY)].map((row) => row.id))
  for (const row of made) {
    if (!kept.has(row.id)) rmSync(absolutePath(context.directory, row.path), { recursive: true, force: true })
  }
}

/** Rules look at the gate split only. */
function gateAccuracy(context: PruneContext, row: CheckpointRow): number | undefined {
  const { samples } = context.config.evaluate
  const scores = [
    ...context.store.completions
      .scores('gate', row.iteration, row.attempt * samples, (row.attempt + 1) * samples)
      .values(),
  ]
  return scores.length === 0 ? undefined : scores.reduce((sum, score) => sum + score, 0) / scores.length
}
