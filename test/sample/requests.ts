/** Requests, servers and samplers that the tests of sampling share. */

import { onTestFinished } from 'vitest'
import type { SampleRequest, Sampler } from '../../src/core/sampler.ts'
import { requestSeed } from '../../src/core/seed.ts'
import { createEndpointPool } from '../../src/sample/endpoint-pool.ts'
import type { EndpointPoolOptions, PoolEndpoint } from '../../src/sample/pool-options.ts'
import { createTestServer, type TestServer, type TestServerOptions } from '../server/openai-server.ts'

export const SUMS: readonly { readonly question: string; readonly answer: string }[] = Array.from(
  { length: 100 },
  (_, i) => ({ question: `What is ${i} plus ${i * 3}?`, answer: String(i * 4) }),
)

/** A server that knows the sums, ended with the test. */
export async function startServer(options: TestServerOptions = {}): Promise<TestServer> {
  const server = await createTestServer({ problems: SUMS, ...options })
  onTestFinished(server.close)
  return server
}

export function requestOf(index: number, changes: Partial<SampleRequest> = {}): SampleRequest {
  const key = { purpose: 'train', iteration: 0, problem: `sums/${index % SUMS.length}`, index } as const
  return {
    key,
    issue: index,
    messages: [{ role: 'user', content: SUMS[index % SUMS.length]?.question ?? '' }],
    model: 'test-model',
    seed: requestSeed(1, key),
    parameters: { temperature: 1, topP: 1, topK: null, maxTokens: 512, stop: [] },
    ...changes,
  }
}

/** A pool over base URLs, ended with the test. */
export function poolOf(
  endpoints: readonly (string | (Partial<PoolEndpoint> & { readonly baseURL: string }))[],
  options: Partial<EndpointPoolOptions> = {},
): Sampler {
  const joined = endpoints.map((one): PoolEndpoint => {
    const { baseURL, ...rest } = typeof one === 'string' ? { baseURL: one } : one
    return { endpoint: { baseURL, apiKey: undefined, apiKeyEnv: undefined }, ...rest }
  })
  const pool = createEndpointPool({ endpoints: joined, backoffMs: 5, ...options })
  onTestFinished(() => pool.close())
  return pool
}

/** Runs the work on every number below `count`, so many at a time. */
export async function atOnce<T>(count: number, inFlight: number, work: (i: number) => Promise<T>): Promise<T[]> {
  const results: T[] = []
  const numbers = Array.from({ length: count }, (_, i) => i).values()
  await Promise.all(
    Array.from({ length: inFlight }, async () => {
      for (const i of numbers) results.push(await work(i))
    }),
  )
  return results
}

export const NEVER: AbortSignal = new AbortController().signal
