/** An endpoint of run.yaml as requests need it: its address without slashes behind it, its key from the environment. */

import type { RunConfig } from '../../config/schema.ts'
import type { Endpoint } from '../../core/endpoint.ts'
import { ConfigError } from '../../core/errors.ts'
import type { ProbeOptions } from '../../sample/server/questions.ts'
import type { HandOverInput } from './hand-over.ts'

/** The first endpoint of run.yaml and the name its model has there: where checkpoints are served, but by the embedded model. */
export function firstEndpoint({ config, onRequest }: Pick<HandOverInput, 'config' | 'onRequest'>): {
  readonly endpoint: Endpoint
  readonly model: string
} {
  const [first] = config.sample.endpoints
  if (!first) throw new Error('a run without the embedded model has an endpoint')
  return { endpoint: { ...endpointOf(first), onRequest }, model: first.model }
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

/** Where the loop asks next to its sampling: every endpoint of run.yaml, or the server of a fleet that was named when it was served. */
export function askedEndpoints({ sample, serve }: RunConfig, served: string): Endpoint[] {
  return serve.kind === 'fleet' ? [fleetEndpoint(serve, served)] : sample.endpoints.map(endpointOf)
}

/** An endpoint of a fleet; its key comes from the environment. */
export function fleetEndpoint({ apiKeyEnv }: { readonly apiKeyEnv?: string | undefined }, baseURL: string): Endpoint {
  return endpointOf({ baseURL, apiKeyEnv, model: '' })
}

/** The first request decides on the temperature of all others in servers that batch without looking at each. */
export function probeOptions({ sample }: RunConfig): ProbeOptions {
  return { api: sample.api, temperature: sample.temperature, topP: sample.topP }
}
