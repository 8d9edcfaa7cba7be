/** Builds the hand-over that run.yaml asks for: where a checkpoint is served, and how it gets there. */

import { join } from 'node:path'
import type { RunConfig } from '../../config/schema.ts'
import type { Checkpoint } from '../../core/checkpoint.ts'
import { ConfigError } from '../../core/errors.ts'
import type { HandOverJournal, InferenceServer } from '../../core/server.ts'
import { absolutePath, FOLDER } from '../../run/folder.ts'
import { type Endpoint, PLACEHOLDER_KEY } from '../../sample/endpoint.ts'
import { differInAnswers } from '../../sample/server/canary.ts'
import { listModels, type ProbeOptions, probeOneToken } from '../../sample/server/questions.ts'
import { createExternalServer } from '../../serve/external.ts'
import { createLoraServer, type Engine } from '../../serve/lora.ts'
import { createMemoryJournal } from '../../serve/memory-journal.ts'
import { createRestartServer } from '../../serve/restart.ts'
import { mapPath } from '../path-map.ts'

export interface ServingInput {
  readonly config: RunConfig
  /** Run folder, absolute. */
  readonly directory: string
  readonly configDirectory: string
  /** Where hand-overs are written down; left out, nobody will go on with them. */
  readonly journal?: HandOverJournal
  /** Told of each completion that a proof asks for. */
  readonly onRequest?: () => void
}

export interface ServingTools {
  readonly endpoint: Endpoint
  readonly server: InferenceServer
  readonly stop: () => Promise<void>
}

export async function createServing(input: ServingInput): Promise<ServingTools> {
  const { config, directory, configDirectory, journal = createMemoryJournal() } = input
  const { serve, name: runName } = config
  const locate = (checkpoint: Checkpoint): string => pathForServer(input, checkpoint)
  if (serve.kind === 'embedded') {
    const { createEmbeddedServing } = await import('./embedded-serving.ts')
    return createEmbeddedServing({ runName, threads: serve.threads, locate })
  }
  const [first] = config.sample.endpoints
  if (!first) throw new Error('a run without the embedded model has an endpoint')
  const { onRequest } = input
  const endpoint = { ...endpointOf(first), onRequest }
  const { baseURL } = endpoint
  const stop = async (): Promise<void> => undefined
  const probing = probeOptions(config)
  switch (serve.kind) {
    case 'external':
      return { endpoint, server: createExternalServer({ baseURL, model: first.model }), stop }
    case 'lora':
      return { endpoint, server: createLora(config, serve, endpoint, locate, journal), stop }
    case 'restart': {
      const server = createRestartServer({
        command: serve.command,
        cwd: configDirectory,
        log: join(directory, FOLDER.serverLog),
        runMarker: directory,
        baseURL,
        runName,
        locate,
        readySeconds: serve.readySeconds,
        stopSeconds: serve.stopSeconds,
        memory: serve.memory && { ...serve.memory, cwd: configDirectory },
        journal,
        probe: async (model, signal) => void (await probeOneToken(endpoint, model, signal, probing)),
      })
      return { endpoint, server, stop }
    }
  }
}

/** Where the server's machine finds a checkpoint. */
export function pathForServer(
  { config: { serve }, directory, configDirectory }: Pick<ServingInput, 'config' | 'directory' | 'configDirectory'>,
  checkpoint: Checkpoint,
): string {
  if (checkpoint.kind === 'name') return checkpoint.path
  const path = absolutePath(directory, checkpoint.path)
  return 'paths' in serve ? mapPath(serve.paths, configDirectory, path) : path
}

/** The first request decides on the temperature of all others in servers that batch without looking at each. */
export function probeOptions({ sample }: RunConfig): ProbeOptions {
  return { api: sample.api, temperature: sample.temperature, topP: sample.topP }
}

function createLora(
  config: RunConfig,
  serve: Extract<RunConfig['serve'], { kind: 'lora' }>,
  endpoint: Endpoint,
  locate: (checkpoint: Checkpoint) => string,
  journal: HandOverJournal,
): InferenceServer {
  const { api, endpoints } = config.sample
  const admin = serve.adminURLs.map((url) => ({ ...endpoint, baseURL: url.replace(/\/+$/, '') }))
  const reached = new Map(
    (admin.length > 0 ? admin : endpoints.map(endpointOf)).map((one) => [
      one.baseURL,
      { ...one, onRequest: endpoint.onRequest },
    ]),
  )
  const reach = ({ baseURL }: Engine): Endpoint => reached.get(baseURL) ?? endpoint
  return createLoraServer({
    engines: [...reached.values()].map(({ baseURL, apiKey }) => ({
      baseURL,
      authorization: `Bearer ${apiKey ?? PLACEHOLDER_KEY}`,
    })),
    baseURL: endpoint.baseURL,
    model: endpoints[0]?.model ?? '',
    runName: config.name,
    locate,
    loadSeconds: serve.loadSeconds,
    journal,
    list: (engine, signal) => listModels(reach(engine), signal),
    probe: async (engine, model, signal) =>
      void (await probeOneToken(reach(engine), model, signal, probeOptions(config))),
    differs: (engine, one, other, signal) => differInAnswers(reach(engine), api, one, other, signal),
  })
}

/**
 * The key comes from the environment and goes nowhere but into the request's header.
 * @throws ConfigError when it cannot be sent in one
 */
export function endpointOf(written: RunConfig['sample']['endpoints'][number]): Endpoint {
  const { baseURL, apiKeyEnv } = written
  // A key read from a file often brings its line break along.
  const key = apiKeyEnv === undefined ? '' : (process.env[apiKeyEnv] ?? '').trim()
  if (!/^[\x21-\x7e]*$/.test(key)) {
    throw new ConfigError(
      `The environment variable ${apiKeyEnv} holds more than a key: spaces, line breaks or other characters that no key has; set it to the key alone.`,
    )
  }
  return { baseURL: baseURL.replace(/\/+$/, ''), apiKey: key === '' ? undefined : key, apiKeyEnv }
}
