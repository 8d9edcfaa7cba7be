/** Samples from one server that speaks the OpenAI protocol: a pool of one. */

import type { Endpoint } from '../../src/core/endpoint.ts'
import type { Sampler } from '../../src/core/sampler.ts'
import { createEndpointPool } from '../../src/sample/endpoint-pool.ts'
import type { EndpointPoolOptions } from '../../src/sample/pool-options.ts'

export interface OpenAiSamplerOptions extends Omit<EndpointPoolOptions, 'endpoints'> {
  readonly endpoint: Endpoint
}

/** @throws ConfigError where the base URL is none */
export function createOpenAiSampler({ endpoint, ...options }: OpenAiSamplerOptions): Sampler {
  const { concurrency = 'auto' } = options
  return createEndpointPool({ ...options, endpoints: [{ endpoint, concurrency }] })
}
