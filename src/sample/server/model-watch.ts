/** Notices when a server changes its model under the run: another answer to "who are you" for the same name. */

import { type Endpoint, NobodyAnswers } from '../../core/endpoint.ts'
import { ServerError } from '../../core/errors.ts'
import type { SampleRequest } from '../../core/sampler.ts'
import { HttpFailure } from '../protocol/http.ts'
import { listModels } from './questions.ts'
import { readWeightVersion } from './weights.ts'

/** What a server says of a served name; undefined where it does not tell. */
export interface ModelIdentity {
  /** Where the weights are, by /v1/models; the version of the weights, where that says more. */
  readonly root: string | undefined
  /** The model name in its answers. */
  readonly answered: string | undefined
}

export interface ModelWatch {
  /**
   * Looks at /v1/models where the last look is long ago; asked before a request.
   * @throws ServerError when the name stands for something else now
   */
  look(request: SampleRequest, model: string, signal: AbortSignal): Promise<void>
  /** @throws ServerError when the name was answered otherwise before */
  answered(request: SampleRequest, model: string, answeredAs: string): void
  /** The server may be another one by now: no answer counts before a look has shown that it is not. */
  doubt(): void
  /**
   * Waits until the doubts there are have been settled by a look; asked after an answer.
   * @returns undefined where there are none
   * @throws ServerError when the name stands for something else now
   */
  settled(request: SampleRequest, model: string, signal: AbortSignal): Promise<void> | undefined
}

/** Where connections break all the time, one look settles the doubts of so many milliseconds. */
const SETTLING_MS = 100
/** A server in trouble is looked at so many times before it counts as one that does not tell. */
const MOST_REFUSED = 10

/** Whether anybody is there at all is for the requests to find out; `refused` is trouble that may pass. */
type Look = 'told' | 'nobody' | 'refused'

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
  let doubts = 0
  let settledDoubts = 0
  let settling: Promise<Look> | undefined
  let refusals = 0
  const lookNow = async (request: SampleRequest, model: string, signal: AbortSignal): Promise<Look> => {
    const before = doubts
    lookedAt = performance.now()
    const { look, root } = await readRoot(endpoint, model, signal)
    if (look === 'nobody' || (look === 'refused' && ++refusals < MOST_REFUSED)) return look
    refusals = 0
    compare(request, model, { root, answered: undefined })
    settledDoubts = before
    return 'told'
  }
  const lookSoon = async (request: SampleRequest, model: string, signal: AbortSignal): Promise<Look> => {
    const ms = lookedAt + SETTLING_MS - performance.now()
    if (ms > 0) await new Promise((resolve) => setTimeout(resolve, ms))
    return await lookNow(request, model, signal)
  }
  const settle = async (request: SampleRequest, model: string, signal: AbortSignal): Promise<void> => {
    const upTo = doubts
    // A look that is under way may have found nobody before this answer came.
    let isFresh = settling === undefined
    while (settledDoubts < upTo) {
      settling ??= lookSoon(request, model, signal).finally(() => {
        settling = undefined
      })
      const look = await settling
      if (look === 'nobody' && isFresh) return
      isFresh = true
    }
  }
  return {
    async look(request, model, signal) {
      if (lookMs !== undefined && performance.now() - lookedAt >= lookMs) await lookNow(request, model, signal)
    },
    answered(request, model, answeredAs) {
      if (answeredAs !== '') compare(request, model, { root: undefined, answered: answeredAs })
    },
    doubt() {
      if (lookMs !== undefined) doubts++
    },
    settled: (request, model, signal) => (settledDoubts < doubts ? settle(request, model, signal) : undefined),
  }
}

/** Where the server says that the weights of this name are; undefined where it does not tell. */
export async function rootOf(endpoint: Endpoint, model: string, signal: AbortSignal): Promise<string | undefined> {
  return (await readRoot(endpoint, model, signal)).root
}

async function readRoot(
  endpoint: Endpoint,
  model: string,
  signal: AbortSignal,
): Promise<{ readonly look: Look; readonly root?: string | undefined }> {
  try {
    if (endpoint.hasWeightVersion) return { look: 'told', root: await readWeightVersion(endpoint, signal) }
    return { look: 'told', root: (await listModels(endpoint, signal)).find(({ id }) => id === model)?.root }
  } catch (error) {
    if (error instanceof NobodyAnswers) return { look: 'nobody' }
    if (!(error instanceof ServerError)) throw error
    // Whoever does not know the route, or keeps it to himself, does not tell.
    const status = error.cause instanceof HttpFailure ? error.cause.status : 0
    return { look: status === 429 || status >= 500 ? 'refused' : 'told' }
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
      `${baseURL} changed its model under the run: it ${said} ${was} for ${model}, and now ${is}; bring the first one back to resume, or start a new run.`,
    )
  }
}
