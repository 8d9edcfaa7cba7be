/** Hugging Face's client in the place of the protocol's own route: the same contract, against a real server as its dedicated endpoint. */

import { MockAgent } from 'undici'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { SampleRequest } from '../../../src/core/sampler.ts'
import { createEndpointPool } from '../../../src/sample/endpoint-pool.ts'
import { createHuggingFaceSend } from '../../../src/sample/protocol/huggingface.ts'
import { createWorkplace, makeProblems, toRows } from '../../loop/workplace.ts'
import { createTestServer, type TestServer, type TestServerOptions } from '../../server/openai-server.ts'

const KEY = 'hf_not-a-real-token'
const never = new AbortController().signal

function poolFor(server: TestServer, apiKey: string | undefined = KEY) {
  const endpoint = { baseURL: server.baseURL, apiKey, apiKeyEnv: 'HF_TOKEN' }
  return createEndpointPool({
    endpoints: [{ endpoint, send: createHuggingFaceSend(endpoint, null) }],
    timeoutMs: 2000,
    backoffMs: 5,
    attempts: 4,
    firstContactSeconds: 0.2,
  })
}

const requestFor = (index: number): SampleRequest => ({
  key: { purpose: 'train', iteration: 0, problem: 'p', index },
  issue: index,
  messages: [{ role: 'user', content: 'What is 2 plus 7?' }],
  model: 'base',
  seed: 100 + index,
  parameters: { temperature: 1, topP: 1, topK: null, maxTokens: 100, stop: [] },
})

async function withServer<T>(options: TestServerOptions, work: (server: TestServer) => Promise<T>): Promise<T> {
  const problems = [{ question: 'What is 2 plus 7?', answer: '9' }]
  const server = await createTestServer({ problems, modelNames: ['base'], skill: 3, apiKey: KEY, ...options })
  try {
    return await work(server)
  } finally {
    await server.close()
  }
}

describe('a request through the client', () => {
  test('gives what the protocol’s own route gives, with the token and every parameter sent', async () => {
    await withServer({}, async (server) => {
      const endpoint = { baseURL: server.baseURL, apiKey: KEY, apiKeyEnv: undefined }
      const plain = createEndpointPool({ endpoints: [{ endpoint }] })
      const pool = poolFor(server)
      for (let index = 0; index < 5; index++) {
        const [ours, theirs] = [
          await plain.sample(requestFor(index), never),
          await pool.sample(requestFor(index), never),
        ]
        const { attempts, latencyMs: _, ...completion } = theirs
        expect(ours).toMatchObject(completion)
        expect(attempts.map(({ outcome }) => outcome)).toEqual(['ok'])
        expect(completion.completionTokens).toBeGreaterThan(0)
      }
      await Promise.all([plain.close(), pool.close()])
    })
  })

  test('is tried again after trouble, each attempt counted once: the client’s own retries are off', async () => {
    const faults = { '5xx': 0.2, '429': 0.1, cut: 0.1, malformed: 0.1 }
    await withServer({ faults, maxFaults: 3, seed: 4 }, async (server) => {
      const pool = poolFor(server)
      const completions = await Promise.all(Array.from({ length: 40 }, (_, i) => pool.sample(requestFor(i), never)))
      const attempts = completions.flatMap((completion) => completion.attempts)
      const { answered, faults: met } = server.stats
      expect(attempts).toHaveLength(answered + Object.values(met).reduce((sum, n) => sum + n, 0))
      const outcomes = new Set(attempts.map(({ outcome }) => outcome))
      expect([...outcomes]).toEqual(expect.arrayContaining(['ok', 'server-error', 'malformed', 'connection']))
      expect(JSON.stringify(attempts)).not.toContain(KEY)
      await pool.close()
    })
  })

  test('without the right token ends the run with the variable that should hold it', async () => {
    await withServer({}, async (server) => {
      const pool = poolFor(server, 'hf_wrong')
      await expect(pool.sample(requestFor(0), never)).rejects.toThrow(/refuses the key .*HF_TOKEN/)
      await pool.close()
    })
  })

  test('that no server answers says where', async () => {
    const server = await createTestServer({ modelNames: ['base'] })
    await server.close()
    const pool = poolFor(server)
    await expect(pool.sample(requestFor(0), never)).rejects.toThrow(/Nobody answers at http:\/\/127\.0\.0\.1/)
    await pool.close()
  })
})

test('a provider is asked through the router, by the name that the hub has for the model there', async () => {
  const agent = new MockAgent()
  agent.disableNetConnect()
  const json = { headers: { 'content-type': 'application/json' } }
  const mapping = { together: { providerId: 'their/name', status: 'live', task: 'conversational' } }
  agent
    .get('https://huggingface.co')
    .intercept({ path: /^\/api\/models\/org\/base/ })
    .reply(200, { inferenceProviderMapping: mapping }, json)
  const asked: unknown[] = []
  const answer = { choices: [{ index: 0, message: { role: 'assistant', content: '9' }, finish_reason: 'stop' }] }
  agent
    .get('https://router.huggingface.co')
    .intercept({ path: '/together/v1/chat/completions', method: 'POST' })
    .reply((request) => {
      asked.push(
        new Headers(request.headers as Record<string, string>).get('authorization'),
        JSON.parse(`${request.body}`),
      )
      return { statusCode: 200, data: answer, responseOptions: json }
    })
  const send = createHuggingFaceSend(
    { baseURL: 'http://127.0.0.1:9/v1', apiKey: KEY, apiKeyEnv: 'HF_TOKEN' },
    'together',
  )
  const { messages } = requestFor(0)
  const body = JSON.stringify({ model: 'org/base', messages, seed: 7 })
  expect(JSON.parse(await send({ body, maxBytes: 10_000 }, agent, never))).toEqual(answer)
  expect(asked).toEqual([`Bearer ${KEY}`, { model: 'their/name', messages, seed: 7 }])
  await agent.close()
})

describe('a run', () => {
  const place = createWorkplace()
  let server: TestServer
  beforeAll(async () => {
    const problems = makeProblems(40)
    place.write('train.jsonl', toRows(problems))
    server = await createTestServer({ problems, modelNames: ['base'], skill: 1, apiKey: KEY })
  })
  afterAll(async () => {
    await server.close()
    place.remove()
  })

  test('samples through it, and never writes the token down', async () => {
    place.write(
      'run.yaml',
      `name: small
problems: { train: [{ dataset: jsonl, path: train.jsonl }] }
sample: { kind: huggingface, endpoints: [{ baseURL: "${server.baseURL}", model: base, apiKeyEnv: HF_TOKEN }], maxTokens: 100 }
budget: { iterations: 1, policy: { kind: constant, initial: 30 } }
`,
    )
    const ended = await place.run(['run', 'run.yaml'], { env: { HF_TOKEN: KEY } })
    expect(ended.code).toBe(0)
    const status = place.status('runs/small')
    expect(status.iterations[0]).toMatchObject({ accepted: 30, target: 30 })
    expect(ended.stderr + ended.stdout).not.toContain(KEY)
  })
})
