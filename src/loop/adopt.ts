/** A checkpoint that somebody made or serves outside: `run --checkpoint PATH|MODEL` goes on with it. */

import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { ConfigError } from '../core/errors.ts'
import type { Store } from '../store/store.ts'
import { storedPath } from './folder.ts'

/**
 * Makes `given` the checkpoint of the iteration that waits for one: trained outside (`train: none`), or trained here and
 * served outside under a name (`serve: external, wait: true`).
 * @throws ConfigError when no iteration waits
 */
export function adoptCheckpoint(store: Store, directory: string, given: string): void {
  const row = store.iterations.all().find((it) => it.state === 'training' || it.state === 'serving')
  if (!row) {
    throw new ConfigError(
      `--checkpoint ${given}: no iteration of this run waits for a checkpoint; run without it to go on.`,
    )
  }
  const made = store.iterations.checkpoints().find((it) => it.iteration === row.iteration && it.attempt === row.attempt)
  if (made) {
    store.iterations.setServed(made.id, given)
    return
  }
  const path = resolve(given)
  const isPath = existsSync(path)
  store.iterations.together(() => {
    store.iterations.addCheckpoint({
      iteration: row.iteration,
      attempt: row.attempt,
      kind: isPath ? 'full' : 'name',
      path: isPath ? storedPath(directory, path) : given,
      hash: `name:${given}`,
      served: isPath ? undefined : given,
    })
    store.iterations.setState(row.iteration, 'serving')
  })
}
