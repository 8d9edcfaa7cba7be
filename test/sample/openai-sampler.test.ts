/** The sampler against the real test server: every fault it can meet, one by one, then all at once. */

import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { NEVER, outcomes, requestFor, samplerFor, startFixedServer, startServer } from './sampler-setting.ts'

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
