/** The sampler against the real test server: every fault that it can meet, refusals, nobody there, and an end in its midst. */

import { getEventListeners } from 'node:events'
import { beforeEach, describe, expect, test, vi } from 'vitest'
import { type Completion, keyText } from '../../src/core/completion.ts'
import { ServerError } from '../../src/core/errors.ts'
import { FAULT_KINDS } from '../server/faults.ts'
import { createTestServer, type TestServer } from '../server/openai-server.ts'
import { NEVER, outcomes, requestFor, samplerFor, startServer } from './sampler-setting.ts'

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
