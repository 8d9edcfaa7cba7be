/** What an endpoint lists as served. */

import { z } from 'zod'
import type { Endpoint } from '../core/endpoint.ts'
import { asking, createClient } from './client.ts'

export interface ListedModel {
  /** Served name. */
  readonly id: string
  /** Where vLLM reports the weights to be; undefined where the server does not report it. */
  readonly root: string | undefined
  /** Longest prompt and answer together, in tokens; undefined where the server does not report it. */
  readonly maxModelLen: number | undefined
}

/** Servers under full load answer their admin routes late, but not later than this. */
const DEADLINE_MS = 15_000

const modelSchema = z.object({
  id: z.string(),
  root: z.string().nullish(),
  max_model_len: z.number().nullish(),
  // llama.cpp has it here.
  meta: z.object({ n_ctx: z.number().nullish() }).nullish().catch(undefined),
})

/**
 * Every model of the list, all of its pages.
 * @throws ServerError where no server is listening, the key is refused or the answer is not a list
 */
export async function listedModels(endpoint: Endpoint, signal?: AbortSignal): Promise<ListedModel[]> {
  const client = await createClient(endpoint, { timeoutMs: DEADLINE_MS })
  return await asking(endpoint, '/models', signal, async () => {
    const models: ListedModel[] = []
    for await (const model of client.models.list({ signal })) {
      const { id, root, max_model_len, meta } = modelSchema.parse(model)
      models.push({ id, root: root ?? undefined, maxModelLen: max_model_len ?? meta?.n_ctx ?? undefined })
    }
    return models
  })
}
