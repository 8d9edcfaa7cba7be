/** A sampler that notices when the server changes its model under the run: another answer to "who are you" for the same name. */

import { ServerError } from '../core/errors.ts'
import type { Sampler } from '../core/sampler.ts'
import type { Endpoint } from './endpoint.ts'
import { listModels } from './probe.ts'

/** What a server says of a served name; undefined where it does not tell. */
export interface ModelIdentity {
  /** Where the weights are, by /v1/models. */
  readonly root: string | undefined
  /** The model name in its answers. */
  readonly answered: string | undefined
}

/** Milliseconds between two looks at /v1/models. */
const LOOK_MS = 30_000

export function createWatchedSampler(sampler: Sampler, endpoint: Endpoint, lookMs: number = LOOK_MS): Sampler {
  const known = new Map<string, ModelIdentity>()
  let lookedAt = Number.NEGATIVE_INFINITY
  const compare = (model: string, now: ModelIdentity): void => {
    const before = known.get(model)
    refuseChange(endpoint, model, before, now)
    known.set(model, { root: before?.root ?? now.root, answered: before?.answered ?? now.answered })
  }
  return {
    ...sampler,
    async sample(request, signal) {
      const { model } = request
      if (performance.now() - lookedAt > lookMs) {
        lookedAt = performance.now()
        compare(model, { root: await rootOf(endpoint, model, signal), answered: undefined })
      }
      const completion = await sampler.sample(request, signal)
      if (completion.finishReason !== 'failed')
        compare(model, { root: undefined, answered: completion.model || undefined })
      return completion
    },
  }
}

/** Where the server says that the weights of this name are; undefined where it does not tell. */
export async function rootOf(endpoint: Endpoint, model: string, signal: AbortSignal): Promise<string | undefined> {
  try {
    return (await listModels(endpoint, signal)).find(({ id }) => id === model)?.root
  } catch (error) {
    // Whether it is there at all is for the requests to find out.
    if (error instanceof ServerError) return undefined
    throw error
  }
}

/** @throws ServerError when the same name stands for something else now */
export function refuseChange(
  { baseURL }: Endpoint,
  model: string,
  before: ModelIdentity | undefined,
  now: ModelIdentity,
): void {
  for (const what of ['root', 'answered'] as const) {
    const [was, is] = [before?.[what], now[what]]
    if (was === undefined || is === undefined || was === is) continue
    const said = what === 'root' ? 'served' : 'answered as'
    throw new ServerError(
      `${baseURL} changed its model under the run: it ${said} ${was} for ${model}, and now ${is}; bring the first one back to go on, or start a new run.`,
    )
  }
}
