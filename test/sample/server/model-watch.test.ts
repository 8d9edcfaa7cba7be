/** A server that changes its model under the run is noticed, by its list of models and by its answers. */

import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import type { SampleRequest, Sampler } from '../../../src/core/sampler.ts'
import { createOpenAiSampler } from '../one-endpoint.ts'

const NEVER = new AbortController().signal
const REQUEST: SampleRequest = {
  key: { purpose: 'train', iteration: 0, problem: 'p', index: 0 },
  issue: 0,
  messages: [{ role: 'user', content: 'What is 1 plus 1?' }],
  model: 'base',
  seed: 1,
  parameters: { temperature: 1, topP: 1, topK: null, maxTokens: 8, stop: [] },
}

/** Says of itself what it is told to say. */
async function startServer(says: { root: string | null; answers: string }): Promise<Sampler> {
  const server: Server = createServer((request, response) => {
    const body = request.url?.endsWith('/models')
      ? { data: [{ id: 'base', root: says.root }] }
      : { model: says.answers, choices: [{ message: { content: 'two' }, finish_reason: 'stop' }] }
    request.resume()
    response.setHeader('content-type', 'application/json')
    response.end(JSON.stringify(body))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const endpoint = { baseURL: `http://127.0.0.1:${port}/v1`, apiKey: undefined, apiKeyEnv: undefined }
  const sampler = createOpenAiSampler({ endpoint, lookMs: 0 })
  onTestFinished(async () => {
    await sampler.close()
    server.closeAllConnections()
    server.close()
  })
  return sampler
}

test('a name that stays the same model is let through, however the server writes it', async () => {
  const sampler = await startServer({ root: '/models/a', answers: 'base@main' })
  for (let i = 0; i < 3; i++) expect((await sampler.sample(REQUEST, NEVER)).text).toBe('two')
})

test.each([
  ['says that other weights lie behind it', { root: '/models/b' }, 'it served /models/a for base, and now /models/b'],
  ['answers under another name', { answers: 'other' }, 'it answered as base for base, and now other'],
])('a server that %s ends the run', async (_, change, sentence) => {
  const says = { root: '/models/a', answers: 'base' }
  const sampler = await startServer(says)
  await sampler.sample(REQUEST, NEVER)
  Object.assign(says, change)
  await expect(sampler.sample(REQUEST, NEVER)).rejects.toThrow(sentence)
})

test('a server that tells nothing of its models is taken at its word', async () => {
  const says: { root: string | null; answers: string } = { root: null, answers: '' }
  const sampler = await startServer(says)
  await sampler.sample(REQUEST, NEVER)
  says.root = '/models/b'
  expect((await sampler.sample(REQUEST, NEVER)).text).toBe('two')
})
