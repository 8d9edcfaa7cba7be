/** What a probe finds out of real servers that honour, ignore or refuse what they are asked. */

import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { cacheSalt } from '../../../src/sample/protocol/cache-salt.ts'
import { PLAIN_DIALECT } from '../../../src/sample/protocol/dialect.ts'
import { type Capabilities, dialectOf, probeCapabilities } from '../../../src/sample/server/capabilities.ts'
import { recordsIn } from '../../../src/sample/server/records.ts'
import { readVllmMetrics } from '../../../src/sample/server/vllm-metrics.ts'
import { NEVER, poolOf, requestOf, startServer } from '../requests.ts'

const OPTIONS = { api: 'chat', parameters: { temperature: 1, topP: 1 }, timeoutMs: 10_000 } as const

interface Behaviour {
  /** Honours these; ignores the rest, but for those it refuses. */
  readonly honours: readonly string[]
  readonly refuses?: readonly string[]
  readonly metrics?: string
}

/** A server whose every word depends on what it honours. */
async function startPicky({ honours, refuses = [], metrics }: Behaviour) {
  const bodies: Record<string, unknown>[] = []
  const does = (body: Record<string, unknown>, field: string): boolean => honours.includes(field) && field in body
  const server = createServer(async (request, response) => {
    let text = ''
    for await (const chunk of request) text += chunk
    const send = (status: number, body: object): void => void response.writeHead(status).end(JSON.stringify(body))
    if (request.url === '/metrics') return void response.writeHead(metrics ? 200 : 404).end(metrics)
    if (request.url === '/v1/models')
      return send(200, { data: [{ id: 'test-model', root: '/models/a', max_model_len: 4096 }] })
    const body = JSON.parse(text)
    bodies.push(body)
    const bad = refuses.find((field) => field in body)
    if (bad) return send(422, { detail: `unexpected field: ${bad}` })
    const said = `one two three ${does(body, 'seed') ? `seed${body.seed}` : Math.random()} nine`
    const content = does(body, 'stop') ? (said.split(body.stop[0])[0] ?? '') : said
    const choice = {
      message: { content },
      finish_reason: 'stop',
      ...(does(body, 'logprobs') ? { logprobs: { content: [] } } : {}),
      ...(does(body, 'return_token_ids') ? { token_ids: [7, 8, 9] } : {}),
    }
    const ids = does(body, 'return_token_ids') ? { prompt_token_ids: [1, 2] } : {}
    const choices = Array.from({ length: does(body, 'n') ? body.n : 1 }, () => choice)
    send(200, { model: 'm', choices, usage: { prompt_tokens: 2, completion_tokens: 3 }, ...ids })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  const baseURL = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`
  return { baseURL, bodies, endpoint: { baseURL, apiKey: undefined, apiKeyEnv: undefined } }
}

const METRICS = `# HELP vllm:num_requests_running Number of requests
# TYPE vllm:num_requests_running gauge
vllm:num_requests_running{engine="0",model_name="m"} 3.0
vllm:num_requests_running{engine="1",model_name="m"} 4.0
vllm:num_requests_waiting{engine="0"} 1.0
vllm:num_requests_waiting{engine="1"} 1.0
vllm:num_requests_waiting_by_reason{engine="0",reason="capacity"} 50.0
vllm:kv_cache_usage_perc{engine="0"} 0.25
vllm:kv_cache_usage_perc{engine="1"} 0.75
vllm:num_preemptions_total{engine="0"} 5.0
vllm:num_preemptions_total{engine="1"} 6.0
`

test('vLLM’s metrics are summed over its engines, and no series is taken for another', () => {
  expect(readVllmMetrics(METRICS)).toEqual({ engines: 2, running: 7, waiting: 2, kvCacheUse: 0.75, preemptions: 11 })
  expect(readVllmMetrics('process_cpu_seconds_total 1\n')).toBeUndefined()
  const older = 'vllm:num_requests_running 1\nvllm:gpu_cache_usage_perc 0.5\n'
  expect(readVllmMetrics(older)).toMatchObject({ kvCacheUse: 0.5 })
})

test('a server that honours everything is asked for everything', async () => {
  const honours = ['n', 'seed', 'stop', 'logprobs', 'return_token_ids']
  const { endpoint } = await startPicky({ honours, metrics: METRICS })
  const found = await probeCapabilities(endpoint, 'test-model', OPTIONS, NEVER)
  expect(found).toMatchObject({
    ...{ n: 'yes', seed: 'yes', stop: 'yes', logprobs: 'yes', tokenIds: 'yes', cacheSalt: 'yes', metrics: 'yes' },
    ...{ limitField: 'max_tokens', contextLength: 4096, root: '/models/a', usage: 'yes' },
  })
  expect(dialectOf(found as Capabilities, PLAIN_DIALECT)).toMatchObject({
    tokenIds: true,
    cacheSalt: true,
    extraParameters: true,
  })
})

test('what a server takes and ignores is told from what it honours, and from what it refuses', async () => {
  const { endpoint } = await startPicky({ honours: [], refuses: ['top_k', 'max_tokens'] })
  const found = await probeCapabilities(endpoint, 'test-model', OPTIONS, NEVER)
  expect(found).toMatchObject({
    ...{ n: 'no', seed: 'no', stop: 'no', logprobs: 'no', tokenIds: 'no', extraParameters: 'refused', metrics: 'no' },
    limitField: 'max_completion_tokens',
  })
  expect(dialectOf(found as Capabilities, { ...PLAIN_DIALECT, stream: true })).toEqual({
    ...PLAIN_DIALECT,
    ...{ limitField: 'max_completion_tokens', tokenIds: false, cacheSalt: false, extraParameters: false, stream: true },
  })
})

test('a pool probes an endpoint once, asks it accordingly, and a second pool reads the record', async () => {
  const { baseURL, bodies } = await startPicky({ honours: ['return_token_ids'], metrics: METRICS })
  const kept = new Map<string, string>()
  const records = recordsIn({
    read: (url) => kept.get(url),
    write: (url, _, record) => void kept.set(url, record),
  })
  const drawn = await poolOf([baseURL], { records }).sample(requestOf(1, { checkpoint: 'sha256:1' }), NEVER)
  expect(drawn).toMatchObject({ promptTokenIds: [1, 2], completionTokenIds: [7, 8, 9] })
  const probes = bodies.length - 1
  expect(JSON.parse(kept.get(baseURL) ?? '')).toMatchObject({ tokenIds: 'yes', requests: probes })
  expect(bodies.at(-1)).toMatchObject({
    ...{ return_token_ids: true, cache_salt: cacheSalt('sha256:1'), top_k: -1, min_p: 0, repetition_penalty: 1 },
  })
  await poolOf([baseURL], { records }).sample(requestOf(2), NEVER)
  expect(bodies).toHaveLength(probes + 2)
})

test('a stream says the same as a plain answer, token ids and all', async () => {
  const { baseURL } = await startServer({ msPerToken: 0 })
  const plain = await poolOf([baseURL]).sample(requestOf(5), NEVER)
  const streamed = await poolOf([baseURL], { stream: true }).sample(requestOf(5), NEVER)
  const { text, finishReason, promptTokens, completionTokens, model } = plain
  expect(streamed).toMatchObject({ text, finishReason, promptTokens, completionTokens, model })
})

test('a stream that is cut in the middle is tried again, never taken for a short completion', async () => {
  const { baseURL } = await startServer({ faults: { cut: 1 }, maxFaults: 2 })
  const drawn = await poolOf([baseURL], { stream: true }).sample(requestOf(5), NEVER)
  expect(drawn.finishReason).toBe('stop')
  expect(drawn.attempts).toHaveLength(3)
})
