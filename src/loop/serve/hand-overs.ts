/** Every hand-over that run.yaml can ask for: where a checkpoint is served, and how it gets there. */

import { join } from 'node:path'
import type { RunConfig } from '../../config/schema.ts'
import type { ServeKind } from '../../config/sections/serve.ts'
import { FOLDER } from '../../run/folder.ts'
import { probeOneToken } from '../../sample/server/questions.ts'
import { createExternalServer } from '../../serve/external.ts'
import { createRestartServer } from '../../serve/restart.ts'
import { firstEndpoint, probeOptions } from './endpoint.ts'
import type { HandOverEngine } from './hand-over.ts'
import { createLora } from './lora.ts'

export type HandOvers = {
  readonly [Kind in ServeKind]: HandOverEngine<Extract<RunConfig['serve'], { readonly kind: Kind }>>
}

export const HAND_OVERS: HandOvers = {
  external: {
    server: 'elsewhere',
    takesAdapters: false,
    create(input) {
      const { endpoint, model } = firstEndpoint(input)
      return { endpoint, server: createExternalServer({ baseURL: endpoint.baseURL, model }) }
    },
  },
  restart: {
    server: 'started',
    takesAdapters: false,
    create(input, { command, readySeconds, stopSeconds, memory }) {
      const { config, directory, configDirectory, journal, locate } = input
      const { endpoint } = firstEndpoint(input)
      const probing = probeOptions(config)
      const server = createRestartServer({
        command,
        cwd: configDirectory,
        log: join(directory, FOLDER.serverLog),
        runMarker: directory,
        baseURL: endpoint.baseURL,
        runName: config.name,
        locate,
        readySeconds,
        stopSeconds,
        memory: memory && { ...memory, cwd: configDirectory },
        journal,
        probe: async (model, signal) => void (await probeOneToken(endpoint, model, signal, probing)),
      })
      return { endpoint, server }
    },
  },
  lora: {
    server: 'running',
    takesAdapters: true,
    create: createLora,
  },
  embedded: {
    server: 'in-process',
    takesAdapters: false,
    async create({ config, locate }, { threads }) {
      const { createEmbeddedServing } = await import('./embedded-serving.ts')
      return createEmbeddedServing({ runName: config.name, threads, locate })
    },
  },
}

/** The hand-over that run.yaml asks for. */
export function handOverEngine({ serve }: RunConfig, handOvers: HandOvers = HAND_OVERS): HandOverEngine {
  return handOvers[serve.kind]
}
