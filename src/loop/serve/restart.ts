/** A server of our own: what run.yaml says as the options of its start and end. */

import { join } from 'node:path'
import { keyVariables } from '../../config/key-variables.ts'
import type { RunConfig } from '../../config/schema.ts'
import { FOLDER } from '../../run/folder.ts'
import { probeOneToken } from '../../sample/server/questions.ts'
import type { RestartOptions } from '../../serve/restart.ts'
import { firstEndpoint, probeOptions } from './endpoint.ts'
import type { HandOverInput } from './hand-over.ts'

type Started = Extract<RunConfig['serve'], { readonly kind: 'restart' }>

export function restartOptions(
  input: HandOverInput,
  serve: Pick<Started, 'command' | 'env' | 'readySeconds' | 'stopSeconds' | 'memory'>,
): RestartOptions {
  const { config, directory, configDirectory, journal, locate } = input
  const { command, env, readySeconds, stopSeconds, memory } = serve
  const { endpoint } = firstEndpoint(input)
  const probing = probeOptions(config)
  return {
    command,
    env,
    // Of all keys a server has a use for its own alone.
    keys: keyVariables(config).filter((name) => name !== endpoint.apiKeyEnv),
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
  }
}
