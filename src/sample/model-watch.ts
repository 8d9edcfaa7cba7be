/** Notices when a server changes its model under the run: another answer to "who are you" for the same name. */

import { ServerError } from '../core/errors.ts'
import type { SampleRequest } from '../core/sampler.ts'
import type { Endpoint } from './endpoint.ts'
import { listModels } from './probe.ts'

/** What a server says of a served name; undefined where it does not tell. */
export interface ModelIdentity {
  /** Where the weights are, by /v1/models. */
  readonly root: string | undefined
  /** The model name in its answers. */
  readonly answered: string | undefined
}

export interface ModelWatch {
  /** Looks at /v1/models, where the last look is long ago. @throws ServerError when the name stands for something else now */
  look(request: SampleRequest, model: string, signal: AbortSignal): Promise<void>
  /** @throws ServerError when the name was answered otherwise before */
  answered(request: SampleRequest, model: string, answeredAs: string): void
  /** The server may have been another one meanwhile: the next request looks first. */
  doubt(): void
}

/** @param lookMs milliseconds between two looks; undefined: only answers are watched */
export function createModelWatch(endpoint: Endpoint, lookMs: number | undefined): ModelWatch {
  const known = new Map<string, ModelIdentity>()
  let lookedAt = Number.NEGATIVE_INFINITY
  // The same name for another checkpoint is meant to be another model.
  const compare = ({ checkpoint = '' }: SampleRequest, model: string, now: ModelIdentity): void => {
    const key = `${model} ${checkpoint}`
    const before = known.get(key)
    refuseChange(endpoint, model, before, now)
    if (before?.root !== undefined && before.answered !== undefined) return
    known.set(key, { root: before?.root ?? now.root, answered: before?.answered ?? now.answered })
  }
  return {
    async look(request, model, signal) {
      const now = performance.now()
      if (lookMs === undefined || now - lookedAt < lookMs) return
      lookedAt = now
      compare(request, model, { root: await rootOf(endpoint, model, signal), answered: undefined })
    },
    answered(request, model, answeredAs) {
      if (answeredAs !== '') compare(request, model, { root: undefined, answered: answeredAs })
    },
    doubt() {
      lookedAt = Number.NEGATIVE_INFINITY
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
