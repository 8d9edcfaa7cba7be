/** Looks at a server next to its completions: where its API is, what it can do, whether it is still the same, and in which tokens it speaks. */

import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import type { SampleRequest } from '../../../src/core/sampler.ts'
import { PLAIN_DIALECT } from '../../../src/sample/protocol/dialect.ts'
import { createDispatcher } from '../../../src/sample/protocol/dispatcher.ts'
import { candidates, findWrongAddress } from '../../../src/sample/server/address.ts'
import { type Capabilities, probeCapabilities } from '../../../src/sample/server/capabilities.ts'
import { createIntroduction, type IntroductionOptions } from '../../../src/sample/server/introduction.ts'
import { createModelWatch } from '../../../src/sample/server/model-watch.ts'
import { recordsInMemory } from '../../../src/sample/server/records.ts'
import { sampleWithTokens, tokenizeWhole } from '../../../src/sample/server/token-ids.ts'
import { NEVER, requestOf } from '../requests.ts'
import { type Asked, type Route, serveRoutes } from './routes.ts'

test('where the API may be is asked once each, the likeliest first, and never where it was said to be', () => {
  const at = (baseURL: string, kind: 'other' | 'absent', location?: string) =>
    candidates(baseURL, kind === 'other' ? { kind, why: '', location } : { kind, why: '' })
  const other = at('http://host:8000/v1', 'other')
  expect(other).not.toContain('http://host:8000/v1')
  expect(new Set(other).size).toBe(other.length)
  expect(other.slice(0, 2)).toEqual(['http://host:8000/openai/v1', 'http://host:8000/api/v1'])
  expect(other).toContain('https://host:8000/v1')
  expect(at('http://host:8000', 'other')[0]).toBe('http://host:8000/v1')
  expect(at('http://host:8000/ui/', 'other')[0]).toBe('http://host:8000/ui/v1')
  expect(at('http://host/v1', 'other', 'https://else/llm/models')[0]).toBe('https://else/llm')
  expect(at('http://host/v1', 'other', '/x/v1/models')[0]).toBe('http://host/x/v1')
  expect(at('http://host/v1', 'other', 'http://[')[0]).toBe('http://host/openai/v1')
  // Nobody listens there: other paths of the same port are no better, and other ports are this machine's alone.
  expect(at('http://host:8000/v1', 'absent').every((one) => one.startsWith('https://host:8000'))).toBe(true)
  const here = at('http://127.0.0.1:8000/v1', 'absent')
  expect(here).toContain('http://127.0.0.1:11434/v1')
  expect(here).not.toContain('http://127.0.0.1:8000/v1')
})

/** What is said of an address without /v1 when the API below it lists this. */
async function saidOf(list: unknown): Promise<string | undefined> {
  const { endpoint } = await serveRoutes(({ path }) => (path === '/v1/models' ? (list as object) : 404))
  const baseURL = endpoint.baseURL.replace('/v1', '')
  return (await findWrongAddress({ ...endpoint, baseURL }, 'test-model', NEVER))?.message
}

test('the sentence names the models that are served there, as far as they have names', async () => {
  expect(await saidOf({ data: [{ id: 'one' }, null, { id: 7 }, { id: 'two' }] })).toMatch(
    /, which serves one, two: write/,
  )
  expect(await saidOf([{ id: 'one' }])).toMatch(/which serves one: write/)
  expect(await saidOf({ data: [] })).toMatch(/but at http:\/\/[\d.:]+\/v1: write baseURL/)
  expect(await saidOf(401)).toMatch(/but at http:\/\/[\d.:]+\/v1: write baseURL/)
})

test('looking leaves no connection behind', async () => {
  const server = createServer((_, response) => void response.writeHead(404).end('{}'))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())
  const baseURL = `http://127.0.0.1:${(server.address() as AddressInfo).port}/api`
  await findWrongAddress({ baseURL, apiKey: undefined, apiKeyEnv: undefined }, 'model', NEVER)
  const open = () => new Promise<number>((resolve) => server.getConnections((_, count) => resolve(count)))
  for (let i = 0; i < 40 && (await open()) > 0; i++) await new Promise((resolve) => setTimeout(resolve, 25))
  expect(await open()).toBe(0)
})

/** Answers as a plain server does; `choice` lies over the choice of each. */
const plain =
  (choice: (asked: Asked) => object = () => ({}), other: Route = () => undefined): Route =>
  (asked) => {
    if (!asked.path.endsWith('/completions')) return other(asked)
    const said = { message: { content: 'one two three four five' }, text: 'one two', finish_reason: 'stop' }
    return { model: 'm', choices: [{ index: 0, ...said, ...choice(asked) }], usage: { completion_tokens: 5 } }
  }

const PROBE = { api: 'chat', parameters: { temperature: 1, topP: 1 }, timeoutMs: 5_000 } as const

test('a probe counts the questions that it asks', async () => {
  const { endpoint, asked } = await serveRoutes(plain())
  const found = await probeCapabilities(endpoint, 'm', PROBE, NEVER)
  expect(found?.requests).toBe(asked.filter(({ path }) => path === '/v1/chat/completions').length)
  expect(found?.requests).toBeGreaterThan(8)
  expect(found).toMatchObject({ keepsThinking: false, thinkingOpens: null, limitField: 'max_tokens', usage: 'yes' })
  expect(found).toMatchObject({ tokenIds: 'no', n: 'no', logprobs: 'no', metrics: 'no', root: null, refused: [] })
})

test.each<[string, object, Partial<Capabilities>]>([
  ['with its tokens', { token_ids: [1, 2] }, { keepsThinking: true, thinkingOpens: '<think>' }],
  ['without tokens', {}, { keepsThinking: true, thinkingOpens: null }],
])('thinking that is kept apart is seen, %s', async (_, more, found) => {
  const choice = () => ({ message: { content: 'so', reasoning: 'hm' }, ...more })
  const { endpoint } = await serveRoutes(
    plain(choice, ({ path }) => (path === '/detokenize' ? { prompt: '<think>hm</think>so' } : 404)),
  )
  expect(await probeCapabilities(endpoint, 'm', PROBE, NEVER)).toMatchObject(found)
})

test('a server that refuses everything has still answered; one that stumbles has not', async () => {
  const refusing = await serveRoutes(() => 400)
  expect(await probeCapabilities(refusing.endpoint, 'm', PROBE, NEVER)).toMatchObject({
    limitField: null,
    usage: 'refused',
  })
  const stumbling = await serveRoutes(() => 500)
  expect(await probeCapabilities(stumbling.endpoint, 'm', PROBE, NEVER)).toBeUndefined()
  expect(stumbling.asked).toHaveLength(1)
})

async function introduce(route: Route, options: Partial<IntroductionOptions> = {}) {
  const { endpoint, asked } = await serveRoutes(route)
  const dispatcher = createDispatcher()
  const notes: string[] = []
  const introduction = createIntroduction({
    endpoint,
    kind: undefined,
    api: 'chat',
    timeoutMs: 5_000,
    dispatcher,
    dialect: PLAIN_DIALECT,
    records: recordsInMemory(),
    limiter: undefined,
    inFlight: () => 0,
    onNote: (text) => notes.push(text),
    ...options,
  })
  onTestFinished(async () => {
    introduction.close()
    await dispatcher.destroy()
  })
  return { introduction, asked, notes, endpoint }
}

test('the first requests wait for one probe, and later ones for none', async () => {
  const { introduction, asked } = await introduce(plain())
  const [one, two] = await Promise.all([0, 1].map((i) => introduction.made(requestOf(i), 'm', NEVER)))
  expect(one).toEqual(two)
  const before = asked.length
  expect(await introduction.made(requestOf(2), 'm', NEVER)).toEqual(one)
  expect(asked).toHaveLength(before)
})

test('who is told to stop while it waits is told so, and not sent on', async () => {
  const stop = new AbortController()
  const { introduction } = await introduce(
    plain(() => {
      stop.abort(new Error('stopped'))
      return {}
    }),
  )
  await expect(introduction.made(requestOf(0), 'm', stop.signal)).rejects.toThrow('stopped')
})

test('a server that does not answer is asked plainly, and met again with the next request', async () => {
  let isUp = false
  const records = recordsInMemory()
  const { introduction, endpoint } = await introduce((asked) => (isUp ? plain()(asked) : 503), { records })
  expect(await introduction.made(requestOf(0), 'm', NEVER)).toEqual(PLAIN_DIALECT)
  expect(records.read(endpoint.baseURL)).toBeUndefined()
  isUp = true
  await introduction.made(requestOf(1), 'm', NEVER)
  // The question that was not answered counts as one of its questions.
  const plainly = await introduce(plain(), { records: recordsInMemory(), kind: 'fleet' })
  await plainly.introduction.made(requestOf(1), 'm', NEVER)
  const asked = plainly.asked.filter(({ path }) => path.endsWith('/completions')).length
  expect(records.read(endpoint.baseURL)?.requests).toBe(asked + 1)
})

test('what it refuses is left out, and told once', async () => {
  const { introduction, notes, asked, endpoint } = await introduce((one) => ('seed' in one.body ? 400 : plain()(one)))
  const dialect = await introduction.made(requestOf(0), 'm', NEVER)
  expect(dialect.omits).toEqual(['seed'])
  await introduction.made(requestOf(1), 'm', NEVER)
  expect(notes).toEqual([
    `${endpoint.baseURL} refuses seed, so requests are sent without. Without a seed nothing can be sampled again as it was; what is stored counts.`,
  ])
  expect(asked.length).toBeGreaterThan(8)
})

test('without records nothing is probed', async () => {
  const { introduction, asked } = await introduce(plain(), { records: undefined })
  expect(await introduction.made(requestOf(0), 'm', NEVER)).toBe(PLAIN_DIALECT)
  expect(asked).toEqual([])
})

const BASE: SampleRequest = requestOf(0, { model: 'base' })

test('doubts that come one after the other are settled by few looks', async () => {
  const { endpoint, asked } = await serveRoutes(() => ({ data: [{ id: 'base', root: '/models/a' }] }))
  const watch = createModelWatch(endpoint, 3_600_000)
  expect(watch.settled(BASE, 'base', NEVER)).toBeUndefined()
  const began = performance.now()
  for (let i = 0; i < 3; i++) {
    watch.doubt()
    watch.doubt()
    await watch.settled(BASE, 'base', NEVER)
    expect(watch.settled(BASE, 'base', NEVER)).toBeUndefined()
  }
  // The first at once, each other a tenth of a second after the one before.
  expect(performance.now() - began).toBeGreaterThan(190)
  expect(asked).toHaveLength(3)
})

test('those who wait at the same time share a look', async () => {
  const { endpoint, asked } = await serveRoutes(() => ({ data: [{ id: 'base', root: '/models/a' }] }))
  const watch = createModelWatch(endpoint, 3_600_000)
  watch.doubt()
  await Promise.all([1, 2, 3].map(() => watch.settled(BASE, 'base', NEVER)))
  expect(asked).toHaveLength(1)
})

test('without looks there are no doubts', () => {
  const watch = createModelWatch(
    { baseURL: 'http://127.0.0.1:1/v1', apiKey: undefined, apiKeyEnv: undefined },
    undefined,
  )
  watch.doubt()
  expect(watch.settled(BASE, 'base', NEVER)).toBeUndefined()
})

const QUESTION = {
  api: 'chat',
  model: 'm',
  messages: [{ role: 'user', content: 'Hello' }],
  parameters: { temperature: 1, topP: 1, topK: null, maxTokens: 8, stop: [] },
  thinking: { handling: 'join', isOff: false },
} as const

test.each<[string, object, object]>([
  ['a stop string', { stop_reason: '###', token_ids: [1] }, { endedAt: 'stop-string', completionCount: 1 }],
  ['a stop token', { stop_reason: 151_645, token_ids: [1] }, { endedAt: 'end-of-text' }],
  ['the end of the text, as vLLM has it', { token_ids: [1, 2] }, { endedAt: 'end-of-text', completionIds: [1, 2] }],
  ['an end that nobody tells of', {}, { endedAt: undefined, completionIds: undefined, completionCount: 5 }],
  ['the limit', { finish_reason: 'length' }, { hasEnded: false }],
  ['itself', { finish_reason: 'stop' }, { hasEnded: true }],
])('a completion with its tokens says whether it was ended by %s', async (_, choice, told) => {
  const { endpoint } = await serveRoutes(plain(() => choice))
  expect(await sampleWithTokens(endpoint, QUESTION, NEVER)).toMatchObject({ text: 'one two three four five', ...told })
})

test('what opened the thinking is asked for only where there are tokens to tell it by', async () => {
  const message = { content: 'so', reasoning: 'hm' }
  const asking = async (more: object) => {
    const { endpoint, asked } = await serveRoutes(
      plain(
        () => ({ message, ...more }),
        ({ path }) => (path === '/detokenize' ? { prompt: '<t>hm</t>so' } : 404),
      ),
    )
    const { text } = await sampleWithTokens(endpoint, QUESTION, NEVER)
    return [text, asked.some(({ path }) => path === '/detokenize')]
  }
  expect(await asking({ token_ids: [1, 2] })).toEqual(['<t>hm</think>so', true])
  expect(await asking({ token_ids: [] })).toEqual(['hm</think>so', false])
  expect(await asking({})).toEqual(['hm</think>so', false])
})

test('the ids of the prompt come with the answer, or from its own route', async () => {
  const tokenize: Route = ({ path }) => (path === '/tokenize' ? { tokens: [7, 8, 9] } : 404)
  const beside = await serveRoutes(plain(undefined, tokenize))
  expect(await sampleWithTokens(beside.endpoint, QUESTION, NEVER)).toMatchObject({
    promptIds: [7, 8, 9],
    promptCount: 3,
  })
  const within = await serveRoutes(plain(() => ({ prompt_token_ids: [1] }), tokenize))
  expect(await sampleWithTokens(within.endpoint, QUESTION, NEVER)).toMatchObject({ promptIds: [1], promptCount: 1 })
  expect(await tokenizeWhole(within.endpoint, QUESTION, 'Hi', NEVER)).toEqual([7, 8, 9])
  expect(within.asked.at(-1)?.body).toMatchObject({
    messages: [{ role: 'user' }, { role: 'assistant', content: 'Hi' }],
    add_generation_prompt: false,
  })
  expect(await tokenizeWhole(within.endpoint, { ...QUESTION, api: 'completions' }, ' Hi', NEVER)).toEqual([7, 8, 9])
  expect(within.asked.at(-1)?.body).toEqual({ model: 'm', prompt: 'Hello Hi' })
})

test('a server that refuses the field for ids is asked without', async () => {
  const { endpoint, asked } = await serveRoutes((one) => ('return_token_ids' in one.body ? 400 : plain()(one)))
  expect(await sampleWithTokens(endpoint, QUESTION, NEVER)).toMatchObject({ text: 'one two three four five' })
  expect(asked.filter(({ path }) => path === '/v1/chat/completions')).toHaveLength(2)
})
