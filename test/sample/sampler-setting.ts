/** A sampler over HTTP, requests for it, and the servers that it is tried on; all of them end with their test. */

import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { onTestFinished } from 'vitest'
import type { Completion } from '../../src/core/completion.ts'
import type { SampleRequest, Sampler } from '../../src/core/sampler.ts'
import { requestSeed } from '../../src/core/seed.ts'
import { createTestServer, type TestServer, type TestServerOptions } from '../server/openai-server.ts'
import { createOpenAiSampler, type OpenAiSamplerOptions } from './one-endpoint.ts'

export const PROBLEMS = Array.from({ length: 100 }, (_, i) => ({
  question: `What is ${i} plus ${i * 3}?`,
  answer: String(i * 4),
}))
export const NEVER = new AbortController().signal

export async function startServer(options: TestServerOptions = {}): Promise<TestServer> {
  const server = await createTestServer({ problems: PROBLEMS, ...options })
  onTestFinished(server.close)
  return server
}

export function samplerFor(baseURL: string, options: Partial<OpenAiSamplerOptions> = {}): Sampler {
  const endpoint = { baseURL, apiKey: undefined, apiKeyEnv: undefined }
  const sampler = createOpenAiSampler({ endpoint, backoffMs: 5, ...options })
  onTestFinished(sampler.close)
  return sampler
}

export interface Changes {
  readonly content?: string
  readonly model?: string
  readonly parameters?: Partial<SampleRequest['parameters']>
}

export function requestFor(index: number, { content, model = 'test-model', parameters }: Changes = {}): SampleRequest {
  const key = { purpose: 'train', iteration: 0, problem: `sums/${index % PROBLEMS.length}`, index } as const
  return {
    key,
    issue: index,
    messages: [{ role: 'user', content: content ?? PROBLEMS[index % PROBLEMS.length]?.question ?? '' }],
    model,
    seed: requestSeed(1, key),
    parameters: { temperature: 1, topP: 1, topK: null, maxTokens: 512, stop: [], ...parameters },
  }
}

export function outcomes(completion: Completion): string[] {
  return completion.attempts.map(({ outcome }) => outcome)
}

/** A server that answers every POST the same way and keeps what it was sent. */
export async function startFixedServer(answer: object) {
  const seen: { headers: Record<string, unknown>; body: Record<string, unknown> }[] = []
  const server = createServer(async (request, response) => {
    let text = ''
    for await (const chunk of request) text += chunk
    seen.push({ headers: request.headers, body: JSON.parse(text) })
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(answer))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => new Promise<void>((resolve) => server.close(() => resolve())))
  return { baseURL: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`, seen }
}
