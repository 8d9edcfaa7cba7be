/** Adapters loaded into running engines: what run.yaml says as the options of that hand-over. */

import type { RunConfig } from '../../config/schema.ts'
import { type Endpoint, PLACEHOLDER_KEY } from '../../core/endpoint.ts'
import { differInAnswers } from '../../sample/server/canary.ts'
import { listModels, probeOneToken } from '../../sample/server/questions.ts'
import type { Engine } from '../../serve/engine.ts'
import { createLoraServer } from '../../serve/lora.ts'
import { endpointOf, firstEndpoint, probeOptions } from './endpoint.ts'
import type { HandOverInput, ServingTools } from './hand-over.ts'

export function createLora(
  input: HandOverInput,
  serve: Extract<RunConfig['serve'], { readonly kind: 'lora' }>,
): ServingTools {
  const { config, locate, journal } = input
  const { endpoint, model } = firstEndpoint(input)
  const { api, endpoints } = config.sample
  const admin = serve.adminURLs.map((url) => ({ ...endpoint, baseURL: url.replace(/\/+$/, '') }))
  const reached = new Map(
    (admin.length > 0 ? admin : endpoints.map(endpointOf)).map((one) => [
      one.baseURL,
      { ...one, onRequest: endpoint.onRequest },
    ]),
  )
  const reach = ({ baseURL }: Engine): Endpoint => reached.get(baseURL) ?? endpoint
  const server = createLoraServer({
    engines: [...reached.values()].map(({ baseURL, apiKey }) => ({
      baseURL,
      authorization: `Bearer ${apiKey ?? PLACEHOLDER_KEY}`,
    })),
    baseURL: endpoint.baseURL,
    model,
    runName: config.name,
    locate,
    loadSeconds: serve.loadSeconds,
    journal,
    list: (engine, signal) => listModels(reach(engine), signal),
    probe: async (engine, model, signal) =>
      void (await probeOneToken(reach(engine), model, signal, probeOptions(config))),
    differs: (engine, one, other, signal) => differInAnswers(reach(engine), api, one, other, signal),
  })
  return { endpoint, server }
}
