/** What doctor says of an engine that is to be given weights while it runs. */

import { expect, onTestFinished, test } from 'vitest'
import { lookAtEngine } from '../../src/loop/serve/reload-look.ts'
import type { DevelopmentOptions } from '../server/development.ts'
import { createTestServer } from '../server/openai-server.ts'

const NEVER = new AbortController().signal

test.each<[string, DevelopmentOptions, string, RegExp]>([
  ['two engines behind one address', { engines: 2 }, 'ok', /2 engines behind it/],
  ['no development routes', { isThere: false }, 'problem', /VLLM_SERVER_DEV_MODE=1/],
])('%s', async (_, development, level, text) => {
  const server = await createTestServer({ development })
  onTestFinished(() => server.close())
  const endpoint = { baseURL: server.baseURL, apiKey: undefined, apiKeyEnv: undefined }
  expect(await lookAtEngine(endpoint, 'test-model', NEVER)).toEqual([
    { level, subject: 'reload', text: expect.stringMatching(text) },
  ])
})
