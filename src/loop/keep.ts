/** Which checkpoints stay on disk: the newest, the best on the gate split, and whatever the loop still builds on. */

import { existsSync, readdirSync, rmSync } from 'node:fs'
import { basename, join } from 'node:path'
import { gateRange } from '../config/gate-design.ts'
import { lastAccepted } from '../run/checkpoints.ts'
import { absolutePath } from '../run/folder.ts'
import type { CheckpointRow } from '../store/iterations.ts'
import type { RunContext } from './context.ts'

type PruneContext = Pick<RunContext, 'config' | 'store' | 'directory'>

/** Deletes checkpoint folders of the run that the `keep` policy does not name. Safe to call again after a crash. */
export function pruneCheckpoints(context: PruneContext): void {
  // Those that went earlier were among neither the newest nor the best of a time when there were fewer.
  const present = existingIn(join(context.directory, 'checkpoints'))
  const made = context.store.iterations
    .checkpoints()
    .filter(
      (row) =>
        row.kind !== 'name' &&
        row.iteration >= 0 &&
        row.path.startsWith('checkpoints') &&
        present.has(basename(row.path)),
    )
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

/** Names of the folders in it. */
function existingIn(directory: string): Set<string> {
  return new Set(existsSync(directory) ? readdirSync(directory) : [])
}

/** Rules look at the gate split only. */
function gateAccuracy(context: PruneContext, row: CheckpointRow): number | undefined {
  const { from, to } = gateRange(context.config, row.attempt)
  const scores = [...context.store.completions.scores('gate', row.iteration, from, to).values()]
  return scores.length === 0 ? undefined : scores.reduce((sum, score) => sum + score, 0) / scores.length
}
