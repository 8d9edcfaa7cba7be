/** The OpenAI client as we give it to others: nothing of the environment's, our sentences, bounded answers. */

import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, expect, test, vi } from 'vitest'
import { askCompletion, postCompletion } from '../../src/client/completions.ts'
import { listedModels } from '../../src/client/models.ts'
import type { Endpoint } from '../../src/core/endpoint.ts'
import { ServerError } from '../../src/core/errors.ts'
import { freePort } from '../loop/workplace.ts'
import { createTestServer } from '../server/openai-server.ts'

afterEach(() => vi.unstubAllEnvs())

const closing: (() => unknown)[] = []
afterEach(async () => {
  for (const close of closing.splice(0)) await close()
})

async function serve(answer: (request: IncomingMessage, response: ServerResponse) => void): Promise<Endpoint> {
  const server = createServer(answer)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  closing.push(() => {
    server.closeAllConnections()
    server.close()
  })
  const { port } = server.address() as AddressInfo
  return { baseURL: `http://127.0.0.1:${port}/v1`, apiKey: 'ours-1', apiKeyEnv: 'OUR_KEY' }
}

const QUESTION = {
  api: 'chat',
  body: { model: 'm', messages: [{ role: 'user', content: 'hi' }] },
  timeoutMs: 5000,
} as const

test('lists and completes as the server that speaks the protocol has it', async () => {
  const server = await createTestServer({ modelNames: ['base'] })
  closing.push(() => server.close())
  const endpoint = { baseURL: server.baseURL, apiKey: undefined, apiKeyEnv: undefined }
  expect(await listedModels(endpoint)).toMatchObject([{ id: 'base' }])
  const body = { model: 'base', messages: [{ role: 'user', content: 'What is 1 + 1?' }], seed: 3, max_tokens: 20 }
  const answer = JSON.parse(await askCompletion(endpoint, { api: 'chat', body, timeoutMs: 5000 })) as {
    choices: { message: { content: string } }[]
  }
  expect(answer.choices[0]?.message.content).toMatch(/./)
})

test('sends the key of the endpoint and nothing that the environment holds for another server', async () => {
  vi.stubEnv('OPENAI_API_KEY', 'ambient-key')
  vi.stubEnv('OPENAI_ADMIN_KEY', 'ambient-admin')
  vi.stubEnv('OPENAI_ORG_ID', 'ambient-org')
  vi.stubEnv('OPENAI_PROJECT_ID', 'ambient-project')
  vi.stubEnv('OPENAI_BASE_URL', 'http://127.0.0.1:9/v1')
  vi.stubEnv('OPENAI_CUSTOM_HEADERS', 'x-ambient: ambient-header\nAuthorization: Bearer ambient-custom')
  const seen: IncomingMessage['headers'][] = []
  const endpoint = await serve((request, response) => {
    seen.push(request.headers)
    response.end('{"data":[{"id":"m"}]}')
  })
  expect(await listedModels(endpoint)).toMatchObject([{ id: 'm' }])
  expect(seen[0]?.authorization).toBe('Bearer ours-1')
  expect(JSON.stringify(seen)).not.toContain('ambient')
})

test.each([
  [
    401,
    '{"error":{"message":"no such key"}}',
    /refuses the key \(401 no such key\); check the key in the environment variable OUR_KEY/,
  ],
  [
    422,
    '{"detail":[{"loc":["body","seed"],"msg":"too large"}]}',
    /\/chat\/completions answered 422 body\.seed: too large/,
  ],
  [404, '{"error":"ours-1 knows no such model"}', /answered 404 \[key\] knows no such model/],
  [500, '<html>bad gateway</html>', /answered 500 <html>bad gateway<\/html>/],
])('says what a server said with %i', async (status, body, sentence) => {
  const endpoint = await serve((_, response) => response.writeHead(status).end(body))
  const error = await askCompletion(endpoint, QUESTION).catch((thrown: unknown) => thrown)
  expect(error).toBeInstanceOf(ServerError)
  expect((error as Error).message).toMatch(sentence)
})

test('says that no server is listening, and what is no protocol at all', async () => {
  const gone = { baseURL: `http://127.0.0.1:${await freePort()}/v1`, apiKey: undefined, apiKeyEnv: undefined }
  await expect(listedModels(gone)).rejects.toThrow(
    /Nobody answers at http:\/\/127\.0\.0\.1:\d+\/v1 \(connect ECONNREFUSED/,
  )
  const page = await serve((_, response) => response.end('<html>hello</html>'))
  await expect(listedModels(page)).rejects.toThrow(/\/models does not speak the OpenAI protocol/)
})

test('asks once unless it is told to ask again', async () => {
  let asked = 0
  const endpoint = await serve((_, response) => {
    asked++
    response.writeHead(asked < 3 ? 503 : 200).end(asked < 3 ? '{}' : '{"choices":[{}]}')
  })
  await expect(askCompletion(endpoint, QUESTION)).rejects.toThrow(ServerError)
  expect(asked).toBe(1)
  expect(await askCompletion(endpoint, { ...QUESTION, retries: 2 })).toBe('{"choices":[{}]}')
  expect(asked).toBe(3)
})

test('gives a refusal with its status to whoever wants to understand it', async () => {
  const endpoint = await serve((_, response) => response.writeHead(400).end('{"detail":"no"}'))
  expect(await postCompletion(endpoint, QUESTION)).toEqual({ kind: 'refused', status: 400, said: 'no' })
  const gone = { ...endpoint, baseURL: `http://127.0.0.1:${await freePort()}/v1` }
  await expect(postCompletion(gone, QUESTION)).rejects.toMatchObject({ code: 'ECONNREFUSED' })
})

test('refuses an answer without end, and ends at the signal', async () => {
  const endpoint = await serve((request, response) => {
    if (request.url?.endsWith('models')) {
      response.writeHead(200, { 'content-type': 'application/json' })
      const more = (): void => void response.write(' '.repeat(1 << 20), () => setImmediate(more))
      more()
    }
  })
  await expect(listedModels(endpoint)).rejects.toThrow(/longer than 8 MB/)
  const abort = new AbortController()
  setTimeout(() => abort.abort(new Error('enough')), 50)
  await expect(askCompletion(endpoint, { ...QUESTION, signal: abort.signal })).rejects.toThrow('enough')
})
