/** A server that changes its model under the run is noticed, by its list of models and by its answers. */

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import type { SampleRequest, Sampler } from '../../../src/core/sampler.ts'
import { createTestServer } from '../../server/openai-server.ts'
import { createOpenAiSampler } from '../one-endpoint.ts'
import { NEVER, poolOf, requestOf, startServer as startTestServer } from '../requests.ts'
import { type Route, serveRoutes } from './routes.ts'

const REQUEST: SampleRequest = {
  key: { purpose: 'train', iteration: 0, problem: 'p', index: 0 },
  issue: 0,
  messages: [{ role: 'user', content: 'What is 1 plus 1?' }],
  model: 'base',
  seed: 1,
  parameters: { temperature: 1, topP: 1, topK: null, maxTokens: 8, stop: [] },
}

interface Says {
  root: string | null
  answers: string
}

/** Says of itself what it is told to say. */
const saying =
  (says: Says): Route =>
  ({ path }) =>
    path.endsWith('/models')
      ? { data: [{ id: 'base', root: says.root }] }
      : { model: says.answers, choices: [{ message: { content: 'two' }, finish_reason: 'stop' }] }

async function startServer(says: Says): Promise<Sampler> {
  const { endpoint } = await serveRoutes(saying(says))
  const sampler = createOpenAiSampler({ endpoint, lookMs: 0 })
  onTestFinished(() => sampler.close())
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

describe('a server that restarts between two requests breaks none', () => {
  const seldom = { lookMs: 3_600_000 }

  test('its closed connection is looked into, and other weights end the run before they count', async () => {
    const first = await createTestServer({ modelNames: ['base'] })
    const { port } = new URL(first.baseURL)
    const pool = poolOf([first.baseURL], seldom)
    const ask = (index: number) => pool.sample(requestOf(index, { model: 'base' }), NEVER)
    await ask(0)
    await first.close()
    const same = await createTestServer({ modelNames: ['base'], port: Number(port) })
    await ask(1)
    expect(same.stats.models).toBe(1)
    await ask(2)
    expect(same.stats.models).toBe(1)
    await same.close()
    const checkpoint = mkdtempSync(join(tmpdir(), 'spendwise-other-weights-'))
    onTestFinished(() => rmSync(checkpoint, { recursive: true }))
    writeFileSync(join(checkpoint, 'skill.json'), '{"skill":2}')
    const other = await startTestServer({ modelNames: ['base'], port: Number(port), checkpoint })
    await expect(ask(3)).rejects.toThrow(`it served base for base, and now ${checkpoint}`)
    expect(other.stats.answered).toBe(1)
  })

  test.each([
    ['for a while is asked again before its answer counts', 3, /it served \/models\/a for base, and now \/models\/b/],
    ['for good counts as one that does not tell', Number.POSITIVE_INFINITY, undefined],
  ])('one that cannot say what it serves %s', async (_, refusals, sentence) => {
    const first = await serveRoutes(saying({ root: '/models/a', answers: 'base' }))
    const pool = poolOf([first.endpoint.baseURL], seldom)
    await pool.sample(requestOf(0, { model: 'base' }), NEVER)
    await first.close()
    const other = saying({ root: '/models/b', answers: 'base' })
    let left = refusals
    await serveRoutes((asked) => (asked.path.endsWith('/models') && left-- > 0 ? 503 : other(asked)), {
      port: first.port,
    })
    const asked = pool.sample(requestOf(1, { model: 'base' }), NEVER)
    await (sentence === undefined
      ? expect(asked).resolves.toMatchObject({ text: 'two' })
      : expect(asked).rejects.toThrow(sentence))
  })

  test('one that ends every connection with its answer, as it says, is not asked each time', async () => {
    const says = saying({ root: '/models/a', answers: 'base' })
    const { endpoint, asked } = await serveRoutes(says, { headers: { connection: 'close' } })
    const pool = poolOf([endpoint.baseURL], seldom)
    for (let i = 0; i < 10; i++) await pool.sample(requestOf(i), NEVER)
    expect(asked.filter(({ path }) => path.endsWith('/models'))).toHaveLength(1)
  })
})
