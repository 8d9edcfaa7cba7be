/** The sampler against the real test server: every fault it can meet, one by one, then all at once. */

import { getEventListeners } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest'
import { type Completion, keyText } from '../../src/core/completion.ts'
import { ServerError } from '../../src/core/errors.ts'
import type { SampleRequest, Sampler } from '../../src/core/sampler.ts'
import { requestSeed } from '../../src/core/seed.ts'
import { FAULT_KINDS } from '../server/faults.ts'
import { createTestServer, type TestServer, type TestServerOptions } from '../server/openai-server.ts'
import { createOpenAiSampler, type OpenAiSamplerOptions } from './one-endpoint.ts'

const PROBLEMS = Array.from({ length: 100 }, (_, i) => ({
  question: `What is ${i} plus ${i * 3}?`,
  answer: String(i * 4),
}))
const NEVER = new AbortController().signal

let close: (() => Promise<void>)[] = []

afterEach(async () => {
  await Promise.all(close.map((end) => end()))
  close = []
})

async function startServer(options: TestServerOptions = {}): Promise<TestServer> {
  const server = await createTestServer({ problems: PROBLEMS, ...options })
  close.push(server.close)
  return server
}

function samplerFor(baseURL: string, options: Partial<OpenAiSamplerOptions> = {}): Sampler {
  const endpoint = { baseURL, apiKey: undefined, apiKeyEnv: undefined }
  const sampler = createOpenAiSampler({ endpoint, backoffMs: 5, ...options })
  close.push(sampler.close)
  return sampler
}

interface Changes {
  readonly content?: string
  readonly model?: string
  readonly parameters?: Partial<SampleRequest['parameters']>
}

function requestFor(index: number, { content, model = 'test-model', parameters }: Changes = {}): SampleRequest {
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

function outcomes(completion: Completion): string[] {
  return completion.attempts.map(({ outcome }) => outcome)
}

/** A server that answers every POST the same way and keeps what it was sent. */
async function startFixedServer(answer: object) {
  const seen: { headers: Record<string, unknown>; body: Record<string, unknown> }[] = []
  const server = createServer(async (request, response) => {
    let text = ''
    for await (const chunk of request) text += chunk
    seen.push({ headers: request.headers, body: JSON.parse(text) })
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(answer))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  close.push(() => new Promise((resolve) => server.close(() => resolve())))
  return { baseURL: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`, seen }
}

describe('a healthy server', () => {
  test('gives a completion with its key, usage and one attempt', async () => {
    const { baseURL } = await startServer()
    const request = requestFor(3)
    const completion = await samplerFor(baseURL).sample(request, NEVER)
    expect(completion).toMatchObject({
      key: request.key,
      issue: 3,
      seed: request.seed,
      finishReason: 'stop',
      model: 'test-model',
    })
    expect(completion.text).toContain('####')
    expect(completion.promptTokens).toBeGreaterThan(0)
    expect(completion.completionTokens).toBeGreaterThan(0)
    expect(completion.attempts).toMatchObject([{ outcome: 'ok', status: 200, message: '' }])
  })

  test('gives the same text for the same seed', async () => {
    const sampler = samplerFor((await startServer()).baseURL)
    const [first, again, other] = await Promise.all([3, 3, 103].map((i) => sampler.sample(requestFor(i), NEVER)))
    expect(again?.text).toBe(first?.text)
    expect(other?.text).not.toBe(first?.text)
  })

  test('speaks the completions API with stop strings', async () => {
    const sampler = samplerFor((await startServer()).baseURL, { api: 'completions' })
    const completion = await sampler.sample(requestFor(3, { parameters: { stop: ['\nQuestion:'] } }), NEVER)
    expect(completion.finishReason).toBe('stop')
    expect(completion.text).not.toContain('Question:')
  })

  test('says that a text was cut at the limit', async () => {
    const sampler = samplerFor((await startServer()).baseURL)
    const completion = await sampler.sample(requestFor(3, { parameters: { maxTokens: 2 } }), NEVER)
    expect(completion).toMatchObject({ finishReason: 'length', completionTokens: 2 })
  })

  test('may answer with megabytes and with any script', async () => {
    const answer = '½ + ∑ = 你好 😀 \u2028 "quoted" \\frac{1}{2}'
    const { baseURL } = await startServer({
      problems: [{ question: 'Wie groß?', answer }],
      truncate: 1,
      maxModelLen: 1e7,
    })
    const sampler = samplerFor(baseURL)
    const request = requestFor(0, { content: 'Wie groß?', parameters: { maxTokens: 1_000_000 } })
    const completion = await sampler.sample(request, NEVER)
    expect(completion.text).toHaveLength(4_000_000)
    expect(completion.text).toContain(answer)
  })
})

describe('what is sent', () => {
  const answer = {
    model: 'm',
    choices: [{ index: 0, message: { role: 'assistant', content: 'x' }, finish_reason: 'stop' }],
  }

  test('is every parameter, and top_k only where it is set', async () => {
    const { baseURL, seen } = await startFixedServer(answer)
    const sampler = samplerFor(baseURL)
    await sampler.sample(requestFor(1), NEVER)
    await sampler.sample(requestFor(1, { parameters: { topK: 20, stop: ['\n\n'] } }), NEVER)
    const plain = { model: 'test-model', temperature: 1, top_p: 1, max_tokens: 512, seed: requestFor(1).seed, n: 1 }
    const messages = [{ role: 'user', content: 'What is 1 plus 3?' }]
    expect(seen.map(({ body }) => body)).toEqual([
      { ...plain, messages },
      { ...plain, messages, top_k: 20, stop: ['\n\n'] },
    ])
  })

  test('is no key, project or header of the environment', async () => {
    vi.stubEnv('OPENAI_API_KEY', 'ambient-secret')
    vi.stubEnv('OPENAI_ADMIN_KEY', 'ambient-secret')
    vi.stubEnv('OPENAI_ORG_ID', 'ambient-secret')
    vi.stubEnv('OPENAI_PROJECT_ID', 'ambient-secret')
    vi.stubEnv('OPENAI_BASE_URL', 'http://127.0.0.1:9/ambient')
    vi.stubEnv('OPENAI_CUSTOM_HEADERS', 'x-custom: ambient-secret')
    onTestFinished(() => void vi.unstubAllEnvs())
    const { baseURL, seen } = await startFixedServer(answer)
    await samplerFor(baseURL).sample(requestFor(1), NEVER)
    expect(JSON.stringify(seen)).not.toContain('ambient')
    expect(seen[0]?.headers.authorization).toBe('Bearer none')
  })

  test('to the completions API can only be one text', async () => {
    const sampler = samplerFor((await startServer()).baseURL, { api: 'completions' })
    const messages = [{ role: 'user', content: 'a' } as const, { role: 'user', content: 'b' } as const]
    await expect(sampler.sample({ ...requestFor(1), messages }, NEVER)).rejects.toThrow(/takes one text/)
  })
})

describe('finish reasons', () => {
  test.each([
    ['stop', 'stop'],
    ['eos', 'stop'],
    ['length', 'length'],
    ['content_filter', 'filtered'],
    ['tool_calls', 'filtered'],
    [null, 'filtered'],
  ])('%s becomes %s', async (finish_reason, finishReason) => {
    const { baseURL } = await startFixedServer({ choices: [{ message: { content: 'x' }, finish_reason }] })
    expect(await samplerFor(baseURL).sample(requestFor(1), NEVER)).toMatchObject({ text: 'x', finishReason })
  })

  test('abort is a generation that the server ended, so it is tried again', async () => {
    const { baseURL } = await startFixedServer({ choices: [{ message: { content: 'half' }, finish_reason: 'abort' }] })
    const completion = await samplerFor(baseURL, { attempts: 2 }).sample(requestFor(1), NEVER)
    expect(completion).toMatchObject({ text: '', finishReason: 'failed' })
    expect(outcomes(completion)).toEqual(['malformed', 'malformed'])
  })
})

describe('a fault', () => {
  const OUTCOME = {
    '5xx': 'server-error',
    '500': 'server-error',
    '503': 'server-error',
    reset: 'connection',
    '429': 'rate-limited',
    hang: 'timeout',
    cut: 'connection',
    malformed: 'malformed',
    'content-type': 'malformed',
    'empty-choices': 'malformed',
  } as const

  test.each(FAULT_KINDS)('of kind %s is tried again under the same key', async (kind) => {
    const { baseURL } = await startServer({ faults: { [kind]: 1 }, maxFaults: 2 })
    const completion = await samplerFor(baseURL, kind === 'hang' ? { timeoutMs: 1000 } : {}).sample(
      requestFor(7),
      NEVER,
    )
    expect(outcomes(completion)).toEqual([OUTCOME[kind], OUTCOME[kind], 'ok'])
    expect(completion.finishReason).toBe('stop')
  })

  test('that does not end makes a failed completion, not an error', async () => {
    const { baseURL } = await startServer({ faults: { '5xx': 1 } })
    const completion = await samplerFor(baseURL, { attempts: 3 }).sample(requestFor(7), NEVER)
    expect(completion).toMatchObject({ finishReason: 'failed', text: '', promptTokens: 0, completionTokens: 0 })
    expect(completion.attempts).toHaveLength(3)
    expect(completion.attempts[0]).toMatchObject({ outcome: 'server-error', message: 'the engine is unwell' })
  })

  test.each(['seconds', 'date'] as const)('with a Retry-After in %s is not tried again before', async (form) => {
    const seconds = form === 'seconds' ? 0.2 : 2
    const { baseURL } = await startServer({ faults: { '429': 1 }, maxFaults: 1, retryAfter: { form, seconds } })
    const { attempts } = await samplerFor(baseURL).sample(requestFor(7), NEVER)
    const [first, second] = attempts
    // A date knows whole seconds only, so up to one of the two is lost.
    expect((second?.startedAt ?? 0) - (first?.startedAt ?? 0)).toBeGreaterThanOrEqual(form === 'seconds' ? 195 : 950)
  })

  test('of all kinds at once leaves every key with exactly one completion', async () => {
    const faults = {
      '5xx': 0.03,
      '500': 0.01,
      '503': 0.01,
      '429': 0.05,
      reset: 0.01,
      hang: 0.01,
      cut: 0.02,
      malformed: 0.02,
      'content-type': 0.01,
      'empty-choices': 0.01,
    }
    const server = await startServer({ seed: 5, faults, reject: 0.01, truncate: 0.02 })
    const sampler = samplerFor(server.baseURL, { timeoutMs: 3000 })
    const requests = Array.from({ length: 1000 }, (_, i) => requestFor(i))
    const completions: Completion[] = []
    const queue = requests.values()
    await Promise.all(
      Array.from({ length: 64 }, async () => {
        for (const request of queue) completions.push(await sampler.sample(request, NEVER))
      }),
    )
    expect(completions.map(({ key }) => keyText(key)).sort()).toEqual(requests.map(({ key }) => keyText(key)).sort())
    for (const kind of FAULT_KINDS) expect(server.stats.faults[kind]).toBeGreaterThan(0)
    const failed = completions.filter(({ finishReason }) => finishReason === 'failed')
    expect(failed.length).toBeGreaterThan(3)
    // Turned down for good, or lost as often as a key may be.
    expect(failed.filter(({ attempts }) => attempts.at(-1)?.outcome !== 'rejected' && attempts.length < 6)).toEqual([])
    const attempts = completions.flatMap(({ attempts }) => attempts)
    // On a machine that is busy the time or the connection may be over before the server has read the request.
    const lost = attempts.filter(({ outcome }) => outcome === 'timeout' || outcome === 'connection').length
    const late = lost - ['hang', 'cut', 'reset'].reduce((sum, kind) => sum + (server.stats.faults[kind] ?? 0), 0)
    // Without the probes an endpoint that seemed to be away.
    const asked = server.stats.requests - server.stats.models
    expect(attempts.length).toBeGreaterThanOrEqual(asked)
    expect(attempts.length).toBeLessThanOrEqual(asked + late)
    const healthy = samplerFor((await startServer({ truncate: 0.02 })).baseURL)
    const kept = completions.filter(({ finishReason }) => finishReason !== 'failed').slice(0, 50)
    for (const { key, text } of kept) expect((await healthy.sample(requestFor(key.index), NEVER)).text).toBe(text)
  })
})

describe('a request that the server turns down', () => {
  test.each([
    ['400', { maxModelLen: 100 }, {}, 'maximum context length'],
    ['422', { strictFields: true }, { topK: 3 }, 'unexpected field: top_k'],
  ])('with %s fails alone and at once, with the server’s words', async (status, options, parameters, words) => {
    const { baseURL } = await startServer(options)
    const completion = await samplerFor(baseURL).sample(requestFor(1, { parameters }), NEVER)
    expect(completion.finishReason).toBe('failed')
    expect(completion.attempts).toMatchObject([{ outcome: 'rejected', status: Number(status) }])
    expect(completion.attempts[0]?.message).toContain(words)
  })

  test('is forgotten when others succeed', async () => {
    const sampler = samplerFor((await startServer({ reject: 0.5, seed: 2 })).baseURL, { fewestFailures: 12 })
    const drawn = []
    for (let i = 0; i < 60; i++) drawn.push(await sampler.sample(requestFor(i), NEVER))
    expect(drawn.filter(({ finishReason }) => finishReason === 'failed').length).toBeGreaterThan(12)
  })

  test('is the server’s fault when many in a row are', async () => {
    const sampler = samplerFor((await startServer({ reject: 1 })).baseURL)
    const failed: Completion[] = []
    const draw = async (): Promise<void> => {
      for (let i = 0; i < 30; i++) failed.push(await sampler.sample(requestFor(i), NEVER))
    }
    await expect(draw()).rejects.toThrow(/20 requests in a row, the last with: 422: this request is not to my taste/)
    expect(failed).toHaveLength(19)
  })
})

describe('a server that does not let us in', () => {
  test('names the variable that should hold the key', async () => {
    const { baseURL } = await startServer({ apiKey: 'right' })
    const with_ = (apiKey: string | undefined, apiKeyEnv: string | undefined) =>
      samplerFor(baseURL, { endpoint: { baseURL, apiKey, apiKeyEnv } }).sample(requestFor(1), NEVER)
    await expect(with_(undefined, 'VLLM_API_KEY')).rejects.toThrow(/set the environment variable VLLM_API_KEY/)
    await expect(with_('wrong', 'VLLM_API_KEY')).rejects.toThrow(
      /check the key in the environment variable VLLM_API_KEY/,
    )
    await expect(with_(undefined, undefined)).rejects.toThrow(/apiKeyEnv/)
    await expect(with_(undefined, undefined)).rejects.toBeInstanceOf(ServerError)
    expect((await with_('right', undefined)).finishReason).toBe('stop')
  })

  test('lists what it serves when it does not know the model', async () => {
    const sampler = samplerFor((await startServer({ modelNames: ['base', 'iter001'] })).baseURL)
    const drawn = sampler.sample(requestFor(1, { model: 'iter002' }), NEVER)
    await expect(drawn).rejects.toThrow(/does not serve "iter002" .* but base, iter001/)
  })
})

describe('nobody there', () => {
  async function freeBaseURL(): Promise<string> {
    const server = await createTestServer()
    await server.close()
    return server.baseURL
  }

  test('ends the run when it lasts', async () => {
    const baseURL = await freeBaseURL()
    const sampler = samplerFor(baseURL, { unreachableSeconds: 0.2 })
    const drawn = sampler.sample(requestFor(1), NEVER)
    await expect(drawn).rejects.toThrow(`Nobody answers at ${baseURL} for 0.2 s`)
    await expect(drawn).rejects.toMatchObject({ exitCode: 3 })
  })

  test('is waited for while the server starts, and those attempts do not count', async () => {
    const baseURL = await freeBaseURL()
    const sampler = samplerFor(baseURL, { firstContactSeconds: 30, attempts: 1 })
    const drawn = sampler.sample(requestFor(1), NEVER)
    await new Promise((resolve) => setTimeout(resolve, 100))
    await startServer({ port: Number(new URL(baseURL).port) })
    const completion = await drawn
    expect(completion.finishReason).toBe('stop')
    expect(
      outcomes(completion)
        .slice(0, -1)
        .every((outcome) => outcome === 'connection'),
    ).toBe(true)
    expect(completion.attempts.length).toBeGreaterThan(1)
  })

  test('and no URL at all is a mistake in the config', () => {
    expect(() => samplerFor('localhost')).toThrow(/is not a URL/)
  })
})

describe('abort', () => {
  let server: TestServer
  beforeEach(async () => {
    server = await startServer({ faults: { hang: 1 } })
  })

  test('ends requests in flight with the signal’s reason and leaves no socket behind', async () => {
    const sampler = samplerFor(server.baseURL)
    const abort = new AbortController()
    const drawn = Array.from({ length: 20 }, (_, i) => sampler.sample(requestFor(i), abort.signal))
    await vi.waitFor(() => expect(server.stats.inFlight).toBe(20))
    const reason = new Error('enough')
    abort.abort(reason)
    const results = await Promise.allSettled(drawn)
    expect(results.every((result) => result.status === 'rejected' && result.reason === reason)).toBe(true)
    await vi.waitFor(() => expect(server.stats.inFlight).toBe(0))
  })

  test('ends the wait between attempts', async () => {
    const broken = await startServer({ faults: { '5xx': 1 } })
    const abort = new AbortController()
    const drawn = samplerFor(broken.baseURL, { backoffMs: 1e9 }).sample(requestFor(1), abort.signal)
    await vi.waitFor(() => expect(broken.stats.requests).toBe(1))
    abort.abort(new Error('enough'))
    await expect(drawn).rejects.toThrow('enough')
  })

  test('before the start sends nothing', async () => {
    const signal = AbortSignal.abort(new Error('enough'))
    await expect(samplerFor(server.baseURL).sample(requestFor(1), signal)).rejects.toThrow('enough')
    expect(server.stats.requests).toBe(0)
  })

  test('leaves no listener on a signal that lives as long as the run', async () => {
    const sampler = samplerFor((await startServer()).baseURL)
    const { signal } = new AbortController()
    await Promise.all(Array.from({ length: 50 }, (_, i) => sampler.sample(requestFor(i), signal)))
    expect(getEventListeners(signal, 'abort')).toEqual([])
  })

  test('closing the sampler ends what is left', async () => {
    const sampler = samplerFor(server.baseURL)
    const drawn = sampler.sample(requestFor(1), NEVER)
    await vi.waitFor(() => expect(server.stats.inFlight).toBe(1))
    await Promise.all([sampler.close(), expect(drawn).rejects.toThrow(/closed/)])
  })
})
