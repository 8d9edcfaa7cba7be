/** Every hand-over that run.yaml can ask for: where a checkpoint is served, and how it gets there. */

import type { RunConfig } from '../../config/schema.ts'
import type { ServeKind } from '../../config/sections/serve.ts'
import { createExternalServer } from '../../serve/external.ts'
import { createRestartServer } from '../../serve/restart.ts'
import { firstEndpoint } from './endpoint.ts'
import { createFleet } from './fleet.ts'
import type { HandOverEngine } from './hand-over.ts'
import { createLora } from './lora.ts'
import { createReload } from './reload.ts'
import { restartOptions } from './restart.ts'

export type HandOvers = {
  readonly [Kind in ServeKind]: HandOverEngine<Extract<RunConfig['serve'], { readonly kind: Kind }>>
}

export const HAND_OVERS: HandOvers = {
  external: {
    server: 'elsewhere',
    weightsBy: 'name',
    takesAdapters: false,
    create(input) {
      const { endpoint, model } = firstEndpoint(input)
      return { endpoint, server: createExternalServer({ baseURL: endpoint.baseURL, model }) }
    },
  },
  restart: {
    server: 'started',
    weightsBy: 'name',
    takesAdapters: false,
    create: (input, serve) => ({
      endpoint: firstEndpoint(input).endpoint,
      server: createRestartServer(restartOptions(input, serve)),
    }),
  },
  lora: {
    server: 'running',
    weightsBy: 'name',
    takesAdapters: true,
    create: createLora,
  },
  reload: {
    server: 'started',
    takesAdapters: false,
    weightsBy: 'version',
    factsOf: ({ command }) => (command === undefined ? { server: 'running' } : {}),
    create: createReload,
  },
  fleet: {
    server: 'started',
    weightsBy: 'name',
    takesAdapters: false,
    factsOf: ({ adapters }) => ({ takesAdapters: adapters }),
    create: createFleet,
  },
  embedded: {
    server: 'in-process',
    weightsBy: 'name',
    takesAdapters: false,
    async create({ config, locate }, { threads }) {
      const { createEmbeddedServing } = await import('./embedded-serving.ts')
      return createEmbeddedServing({ runName: config.name, threads, locate })
    },
  },
}

/** The hand-over that run.yaml asks for. */
export function handOverEngine({ serve }: RunConfig, handOvers: HandOvers = HAND_OVERS): HandOverEngine {
  const engine: HandOverEngine = handOvers[serve.kind]
  return { ...engine, ...engine.factsOf?.(serve) }
}
