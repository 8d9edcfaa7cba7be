/** Routes of the same name that mean another thing are no word on the tokens. */

import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { listedModels } from '../../../src/client/models.ts'
import { listModels } from '../../../src/sample/server/questions.ts'
import { sampleWithTokens, tokenizeWhole } from '../../../src/sample/server/token-ids.ts'
import { tokenizeThere } from '../../../src/sample/server/tokenizer.ts'

const NEVER = new AbortController().signal

test.each([
  ['vLLM’s', 200, '{"count":2,"max_model_len":512,"tokens":[3,4],"token_strs":null}', [3, 4]],
  ['llama.cpp’s, which looks for `content`', 200, '{"tokens":[]}', undefined],
  ['one that is not there', 404, '{"detail":"Not Found"}', undefined],
  ['a page', 200, '<html></html>', undefined],
])('%s', async (_, status, body, tokens) => {
  const server = createServer((_request, response) => response.writeHead(status).end(body))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())
  const { port } = server.address() as AddressInfo
  const endpoint = { baseURL: `http://127.0.0.1:${port}/v1`, apiKey: undefined, apiKeyEnv: undefined }
  const asked = { kind: 'text', text: 'What is 2 + 3?' } as const
  expect(await tokenizeThere(endpoint, 'model', asked, NEVER)).toEqual(tokens)
})

/** Keeps what was posted and answers each route with its body. */
async function startRoutes(bodies: Readonly<Record<string, string>>) {
  const posted: Record<string, unknown>[] = []
  const server = createServer(async (request, response) => {
    let text = ''
    for await (const chunk of request) text += chunk
    if (text !== '') posted.push(JSON.parse(text))
    response.end(bodies[request.url ?? ''] ?? '{}')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())
  const { port } = server.address() as AddressInfo
  return { posted, endpoint: { baseURL: `http://127.0.0.1:${port}/v1`, apiKey: undefined, apiKeyEnv: undefined } }
}

const JOINED = { handling: 'join', isOff: false } as const

test('a template is told for the tokens what it is told for the completion', async () => {
  const answer = { model: 'm', choices: [{ message: { content: 'x' }, finish_reason: 'stop' }] }
  const { posted, endpoint } = await startRoutes({
    '/v1/chat/completions': JSON.stringify(answer),
    '/tokenize': '{"tokens":[3,4]}',
  })
  const templateKwargs = { enable_thinking: false }
  const parameters = {
    temperature: 1,
    topP: 1,
    topK: null,
    maxTokens: 8,
    stop: [],
    templateKwargs,
    extraBody: { min_p: 0.1 },
  }
  const messages = [{ role: 'user', content: 'What is 2 + 3?' }] as const
  const question = { api: 'chat', model: 'm', messages, parameters, thinking: JOINED } as const
  expect((await sampleWithTokens(endpoint, question, NEVER)).promptIds).toEqual([3, 4])
  expect(await tokenizeWhole(endpoint, question, 'x', NEVER)).toEqual([3, 4])
  expect(posted.map((body) => body.chat_template_kwargs)).toEqual([templateKwargs, templateKwargs, templateKwargs])
  expect(posted[0]?.min_p).toBe(0.1)
})

test('the context of llama.cpp’s server is read where it has it', async () => {
  const listed = (model: object): string => JSON.stringify({ data: [{ id: 'm', ...model }] })
  for (const [model, length] of [
    [{ meta: { n_ctx: 4096, n_params: 1 } }, 4096],
    [{ meta: 'other' }, undefined],
    [{ max_model_len: 512, meta: { n_ctx: 1 } }, 512],
  ] as const) {
    const { endpoint } = await startRoutes({ '/v1/models': listed(model) })
    expect((await listModels(endpoint))[0]?.maxModelLen).toBe(length)
    expect((await listedModels(endpoint))[0]?.maxModelLen).toBe(length)
  }
})

const PARAMETERS = { temperature: 1, topP: 1, topK: null, maxTokens: 8, stop: [] }
const THOUGHT = {
  model: 'm',
  choices: [{ message: { content: '\n\n5', reasoning: '2+3=5.\n' }, finish_reason: 'stop', token_ids: [1, 2, 3] }],
}

test.each([
  ['joined', JOINED, { text: '<think>2+3=5.\n</think>\n\n5', hidesThinking: false }],
  ['dropped', { handling: 'drop', isOff: false }, { text: '\n\n5', hidesThinking: true }],
] as const)('thinking that is kept apart is %s as a run does it', async (_, thinking, expected) => {
  const { endpoint } = await startRoutes({
    '/v1/chat/completions': JSON.stringify(THOUGHT),
    '/detokenize': JSON.stringify({ prompt: '<think>2+3=5.\n</think>\n\n5' }),
    '/tokenize': '{"tokens":[3,4]}',
  })
  const messages = [{ role: 'user', content: 'What is 2 + 3?' }] as const
  const question = { api: 'chat', model: 'm', messages, parameters: PARAMETERS, thinking } as const
  expect(await sampleWithTokens(endpoint, question, NEVER)).toMatchObject(expected)
})
