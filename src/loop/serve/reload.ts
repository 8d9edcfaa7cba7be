/** New weights in running engines: what run.yaml says as the options of that hand-over. */

import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { RunConfig } from '../../config/schema.ts'
import type { Checkpoint } from '../../core/checkpoint.ts'
import { type Endpoint, PLACEHOLDER_KEY } from '../../core/endpoint.ts'
import type { Canary } from '../../core/measure/canary.ts'
import { absolutePath } from '../../run/folder.ts'
import { rootOf } from '../../sample/server/model-watch.ts'
import { readLogprobs, readWeightVersion } from '../../sample/server/weights.ts'
import type { Engine } from '../../serve/engine.ts'
import { createReloadServer } from '../../serve/reload.ts'
import { createRestartServer } from '../../serve/restart.ts'
import { readCanary } from '../../train/canary.ts'
import { modelShape } from '../../train/memory.ts'
import { endpointOf, firstEndpoint } from './endpoint.ts'
import type { HandOverInput, ServingTools } from './hand-over.ts'
import { lookAtEngine } from './reload-look.ts'
import { restartOptions } from './restart.ts'

type ReloadSection = Extract<RunConfig['serve'], { readonly kind: 'reload' }>

/** vLLM has its development routes then. */
const DEVELOPMENT = { VLLM_SERVER_DEV_MODE: '1' }

export function createReload(input: HandOverInput, serve: ReloadSection): ServingTools {
  const { config, locate, journal } = input
  const first = firstEndpoint(input)
  const { command } = serve
  // A server of our own is asked for under the run's name, whatever it serves.
  const model = command === undefined ? first.model : config.name
  const started = command && {
    ...restartOptions(input, { ...serve, command }),
    servedName: model,
    env: { ...serve.env, ...DEVELOPMENT },
  }
  const engines = new Map(reloadEndpoints(config, serve).map((one) => [one.baseURL, one]))
  const reach = ({ baseURL }: Engine): Endpoint => engines.get(baseURL) ?? first.endpoint
  const server = createReloadServer({
    engines: [...engines.values()].map(({ baseURL, apiKey }) => ({
      baseURL,
      authorization: `Bearer ${apiKey ?? PLACEHOLDER_KEY}`,
    })),
    baseURL: first.endpoint.baseURL,
    model,
    locate,
    loadSeconds: serve.loadSeconds,
    journal,
    restart: started && createRestartServer(started),
    isTrial: input.isTrial ?? false,
    canaryOf: (checkpoint) => canaryOf(input, checkpoint),
    isTied: ({ path }) => isTied(absolutePath(input.directory, path)),
    checkpointOf: (hash) =>
      input.checkpoints?.().find((it) => it.hash === hash && existsSync(absolutePath(input.directory, it.path))),
    rootOf: (engine, signal) => rootOf(reach(engine), model, signal),
    versionOf: (engine, signal) => readWeightVersion(reach(engine), signal),
    read: (engine, tokens, signal) =>
      readLogprobs({ ...reach(engine), onRequest: input.onRequest }, model, tokens, signal),
    onNote: input.onNote ?? (() => undefined),
  })
  return {
    endpoint: { ...first.endpoint, hasWeightVersion: true },
    server,
    look: async (signal) =>
      (await Promise.all([...engines.values()].map((one) => lookAtEngine(one, model, signal)))).flat(),
  }
}

/** Every engine that has to be given the weights: those behind a balancer, else the endpoints. */
export function reloadEndpoints({ sample }: RunConfig, { adminURLs }: ReloadSection): Endpoint[] {
  const endpoints = sample.endpoints.map(endpointOf)
  const [first] = endpoints
  if (adminURLs.length === 0 || !first) return endpoints
  return adminURLs.map((url) => ({ ...first, baseURL: url.replace(/\/+$/, '') }))
}

/** Where its config.json does not say, it may be. */
function isTied(directory: string): boolean {
  try {
    return modelShape(JSON.parse(readFileSync(join(directory, 'config.json'), 'utf8')))?.isTied ?? true
  } catch {
    return true
  }
}

/** A trainer tells the hash of the weights that it started from; the base of a run goes by its name here. */
function canaryOf({ directory, checkpoints }: HandOverInput, checkpoint: Checkpoint): Canary | undefined {
  if (checkpoint.kind === 'name' || checkpoint.iteration < 0) return undefined
  const canary = readCanary(absolutePath(directory, checkpoint.path))
  if (canary === undefined) return undefined
  const known = checkpoints?.() ?? []
  const from = known.find(({ hash }) => hash === canary.startedFrom) ?? known.find(({ iteration }) => iteration < 0)
  return { ...canary, startedFrom: canary.startedFrom && from?.hash }
}
