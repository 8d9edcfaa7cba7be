/** Routes of the same name that mean another thing are no word on the tokens. */

import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
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
