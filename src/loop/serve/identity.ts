/** Weight identity: what a served checkpoint says of itself and to the canary prompts, kept and compared at every start. */

import { ServerError } from '../../core/errors.ts'
import type { Serving } from '../../core/server.ts'
import { askCanaries, type CanaryAnswers, isEqual } from '../../sample/server/canary.ts'
import { refuseChange, rootOf } from '../../sample/server/model-watch.ts'
import { probeOneToken } from '../../sample/server/questions.ts'
import type { CanaryRow, Changed } from '../../store/hand-overs.ts'
import type { CheckpointRow } from '../../store/iterations.ts'
import type { RunContext } from '../context.ts'
import { askedEndpoints, probeOptions } from './endpoint.ts'
import { pathForServer } from './server-path.ts'

/**
 * Looks at what is being served and writes it down.
 * @throws ServerError when the checkpoint's name stands for something else than at an earlier look
 */
export async function checkIdentity(context: RunContext, checkpoint: CheckpointRow, serving: Serving): Promise<void> {
  const { config, store, signal } = context
  const [first] = askedEndpoints(config, serving.baseURL)
  if (context.handOver.server === 'in-process' || !first) return
  const endpoint = {
    ...first,
    onRequest: () => store.endpoints.countBeside(),
    hasWeightVersion: context.handOver.weightsBy === 'version',
  }
  const { model } = serving
  const before = store.handOvers.canaryOf(checkpoint.id)
  const told = await rootOf(endpoint, model, signal)
  // A run folder may have been moved since: the path that it was given says which checkpoint it is, wherever that lies.
  const root = told === pathForServer(context, checkpoint) ? checkpoint.path : told
  // Somebody else's server may never have been asked anything, and its first request may decide on its temperature.
  const answered = await quietly(() => probeOneToken(endpoint, model, signal, probeOptions(config)))
  const now = { root, answered: answered || undefined }
  refuseChange(endpoint, model, toIdentity(before), now)
  if (before) return
  const ask = () => quietly(() => askCanaries(endpoint, config.sample.api, model, signal))
  const said = answered === undefined ? undefined : await ask()
  const again = said && (await ask())
  const repeats = said !== undefined && again !== undefined && isEqual(said.texts, again.texts)
  const changed = changeOf(store.handOvers.lastCanary(), said, repeats)
  store.handOvers.addCanary({
    checkpoint: checkpoint.id,
    root: now.root ?? null,
    answered: now.answered ?? null,
    texts: said?.texts ?? [],
    repeats,
    changed,
  })
  if (changed === 'no') {
    context.emit({
      kind: 'note',
      text: `The canary prompts get the same answers as from the checkpoint before: the weights served as ${model} differ little from it, or not at all.`,
    })
  }
}

function toIdentity(
  row: CanaryRow | undefined,
): { root: string | undefined; answered: string | undefined } | undefined {
  return row && { root: row.root ?? undefined, answered: row.answered ?? undefined }
}

/** A server that refuses or stumbles tells nothing; whether it can be used at all is for the run's own requests to find out. */
async function quietly<T>(ask: () => Promise<T>): Promise<T | undefined> {
  try {
    return await ask()
  } catch (error) {
    if (error instanceof ServerError) return undefined
    throw error
  }
}

function changeOf(before: CanaryRow | undefined, said: CanaryAnswers | undefined, repeats: boolean): Changed {
  if (!before) return 'first'
  if (!before.repeats || !repeats || !said) return 'unknown'
  return isEqual(before.texts, said.texts) ? 'no' : 'yes'
}
