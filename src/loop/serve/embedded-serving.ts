/** The toy model behind the inference server's contract: its own HTTP server in this process, weights swapped under new names. */

import type { Checkpoint } from '../../core/checkpoint.ts'
import type { Endpoint } from '../../core/endpoint.ts'
import type { InferenceServer } from '../../core/server.ts'
import { createEmbeddedServer } from '../../embedded/server/server.ts'
import { probeOneToken } from '../../sample/server/questions.ts'
import { servedName } from '../../serve/names.ts'

export interface EmbeddedServingOptions {
  readonly runName: string
  readonly threads: number
  readonly locate: (checkpoint: Checkpoint) => string
}

/** Starts the server; it listens on loopback, on a port of its own choice. */
export async function createEmbeddedServing(
  options: EmbeddedServingOptions,
): Promise<{ readonly endpoint: Endpoint; readonly server: InferenceServer; readonly stop: () => Promise<void> }> {
  const embedded = await createEmbeddedServer({ threads: options.threads })
  const endpoint: Endpoint = { baseURL: embedded.baseURL, apiKey: undefined, apiKeyEnv: undefined }
  let current: string | undefined
  const server: InferenceServer = {
    async serve(checkpoint, signal) {
      const name = servedName(options.runName, checkpoint)
      if (current !== name) {
        await embedded.load(options.locate(checkpoint), name)
        await probeOneToken(endpoint, name, signal)
        current = name
      }
      return { baseURL: embedded.baseURL, model: name, proven: true }
    },
    // The toy shares no device with its trainer; it ends with the run.
    release: async () => undefined,
    freeDevices: async () => undefined,
  }
  return { endpoint, server, stop: () => embedded.close() }
}
