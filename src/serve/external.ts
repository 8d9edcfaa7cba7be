/** Hand-over `external`: somebody else serves; the endpoint's model is used as it stands and nothing is claimed about its weights. */

import type { InferenceServer } from '../core/server.ts'

export interface ExternalOptions {
  readonly baseURL: string
  /** The served name, the same for every checkpoint unless the checkpoint itself is only a name. */
  readonly model: string
}

export function createExternalServer(options: ExternalOptions): InferenceServer {
  return {
    // `run --checkpoint NAME` tells the name it is served under.
    serve: async (checkpoint) => ({
      baseURL: options.baseURL,
      model: checkpoint.served ?? options.model,
      proven: false,
    }),
    release: async () => undefined,
    freeDevices: async () => undefined,
  }
}
