/** Whatever a checkpoint is called, a server as strict as vLLM takes the salt that is made of it. */

import fc from 'fast-check'
import { expect, test } from 'vitest'
import { cacheSalt } from '../../../src/sample/protocol/cache-salt.ts'
import { recordsInMemory } from '../../../src/sample/server/records.ts'
import { refusalOf } from '../../server/strict.ts'
import { NEVER, poolOf, requestOf, startServer } from '../requests.ts'

const NAMES = [
  'name:/data/models/Qwen3-0.6B@main',
  'name:Qwen/Qwen3-0.6B',
  'name:C:\\models\\base',
  'name:a\0b',
  `name:${'x'.repeat(300)}`,
]

test.each(NAMES)('a run from the checkpoint %j is answered', async (checkpoint) => {
  const server = await startServer()
  const pool = poolOf([server.baseURL], { records: recordsInMemory() })
  const drawn = await pool.sample(requestOf(1, { checkpoint }), NEVER)
  expect(drawn.attempts.map(({ outcome }) => outcome)).toEqual(['ok'])
  expect(server.stats.salts).toEqual(expect.arrayContaining([cacheSalt(checkpoint)]))
})

test('every identity has a salt of its own that vLLM takes', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), (one, other) => {
      const fields = { model: 'm', messages: [], cache_salt: cacheSalt(one) }
      expect(refusalOf('chat', fields)).toBeUndefined()
      expect(cacheSalt(one) === cacheSalt(other)).toBe(one === other)
    }),
    { numRuns: 50 },
  )
})

test.each([
  ['cache_salt', 'name:/a/path'],
  ['cache_salt', 'x'.repeat(129)],
  ['cache_salt', 'a\0'],
  ['cache_salt', ''],
  ['max_tokens', 0],
  ['max_tokens', '512'],
  ['temperature', -1],
  ['temperature', '1'],
  ['top_p', 0],
  ['top_k', -2],
  ['min_p', 2],
  ['repetition_penalty', 0],
  ['seed', 1.5],
  ['stop', ['']],
  ['stop', 3],
  ['n', 0],
  ['stream_options', { include_usage: true }],
  ['logprobs', 5],
  ['messages', 'hello'],
  ['chat_template_kwargs', { chat_template: 'x' }],
])('the test server refuses %s %j in the words of vLLM', async (param, value) => {
  const { baseURL } = await startServer()
  const body = { model: 'test-model', messages: [{ role: 'user', content: 'hi' }], [param]: value }
  const response = await fetch(`${baseURL}/chat/completions`, { method: 'POST', body: JSON.stringify(body) })
  expect(response.status).toBe(400)
  const { error } = (await response.json()) as { error: Record<string, unknown> }
  expect(error).toMatchObject({ type: 'BadRequestError', param, code: 400, message: expect.any(String) })
})
