/** A checkpoint that somebody made or serves outside: `run --checkpoint PATH|MODEL` continues with it. */

import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import type { RunConfig } from '../config/schema.ts'
import type { Checkpoint } from '../core/checkpoint.ts'
import { ConfigError } from '../core/errors.ts'
import { storedPath } from '../run/folder.ts'
import { probeOneToken } from '../sample/server/questions.ts'
import type { Store } from '../store/store.ts'
import { endpointOf } from './serve/endpoint.ts'
import { HAND_OVERS, type HandOvers, handOverEngine } from './serve/hand-overs.ts'

export interface AdoptingRun {
  readonly config: RunConfig
  /** The run folder, absolute. */
  readonly directory: string
  readonly signal: AbortSignal
}

/**
 * Makes `given` the checkpoint of the iteration that waits for one: trained outside (`train: none`), or trained here and
 * served outside under a name (`serve: external, wait: true`). Until it has been served once, another one may be given.
 * @throws ConfigError when no iteration waits; ServerError when nobody serves the name, and then nothing is changed
 */
export async function adoptCheckpoint(
  store: Store,
  run: AdoptingRun,
  given: string,
  handOvers: HandOvers = HAND_OVERS,
): Promise<void> {
  const row = store.iterations.all().find((it) => it.state === 'training' || it.state === 'serving')
  if (!row) {
    throw new ConfigError(
      `--checkpoint ${given}: no iteration of this run waits for a checkpoint; run without it to resume.`,
    )
  }
  const path = resolve(given)
  const isPath = existsSync(path)
  if (!isPath && handOverEngine(run.config, handOvers).server === 'elsewhere') await requireServed(run, given)
  const { iteration, attempt } = row
  const made = store.iterations.checkpoints().find((it) => it.iteration === iteration && it.attempt === attempt)
  if (made && run.config.train.kind !== 'none') {
    store.iterations.setServed(made.id, given)
    return
  }
  const adopted: Checkpoint = {
    iteration,
    attempt,
    kind: isPath ? 'full' : 'name',
    path: isPath ? storedPath(run.directory, path) : given,
    hash: `name:${given}`,
    served: isPath ? undefined : given,
  }
  store.iterations.together(() => {
    if (made) store.iterations.replaceCheckpoint(made.id, adopted)
    else store.iterations.addCheckpoint(adopted)
    store.iterations.setState(iteration, 'serving')
  })
}

/** A misspelt name would only be noticed when the iteration has been closed with it. */
async function requireServed({ config, signal }: AdoptingRun, model: string): Promise<void> {
  for (const endpoint of config.sample.endpoints) {
    await probeOneToken(endpointOf(endpoint), model, signal, { api: config.sample.api })
  }
}
