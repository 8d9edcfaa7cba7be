/** Canary prompts: greedy answers that tell two sets of weights apart. */

import { expect, test } from 'vitest'
import { askCanaries, differInAnswers, isEqual } from '../../../src/sample/server/canary.ts'
import { probeCapabilities } from '../../../src/sample/server/capabilities.ts'
import { chatTemplateThere } from '../../../src/sample/server/tokenizer.ts'
import { NEVER } from '../requests.ts'
import { type Route, serveRoutes } from './routes.ts'

/** A server whose models say a text, with log-probabilities of their own. */
const speaking = (
  of: (model: string, nth: number) => { text: string; logprobs?: readonly (number | null)[] | null },
): Route => {
  const times = new Map<string, number>()
  return ({ path, body }) => {
    const model = String(body.model)
    const nth = times.get(model) ?? 0
    times.set(model, nth + 1)
    const { text, logprobs } = of(model, Math.floor(nth / 3))
    if (path === '/v1/completions')
      return { model, choices: [{ text, logprobs: logprobs && { token_logprobs: logprobs } }] }
    const content = logprobs?.map((logprob) => ({ logprob }))
    return { model, choices: [{ message: { content: text }, logprobs: content && { content } }] }
  }
}

test('three questions are asked greedily, and their answers and log-probabilities are told', async () => {
  const { endpoint, asked } = await serveRoutes(speaking(() => ({ text: 'forty-two', logprobs: [-0.5, -0.25] })))
  expect(await askCanaries(endpoint, 'chat', 'base', NEVER)).toEqual({
    texts: ['forty-two', 'forty-two', 'forty-two'],
    logprobs: [-0.5, -0.25, -0.5, -0.25, -0.5, -0.25],
    answered: 'base',
  })
  expect(asked.map(({ path }) => path)).toEqual(Array(3).fill('/v1/chat/completions'))
  for (const { body } of asked) expect(body).toMatchObject({ model: 'base', temperature: 0, logprobs: true })
  expect(new Set(asked.map(({ body }) => JSON.stringify(body.messages))).size).toBe(3)
})

test('over the completions API a first token has no log-probability, and that is left out', async () => {
  const { endpoint, asked } = await serveRoutes(speaking(() => ({ text: 'forty-two', logprobs: [null, -0.25] })))
  expect(await askCanaries(endpoint, 'completions', 'base', NEVER)).toEqual({
    texts: ['forty-two', 'forty-two', 'forty-two'],
    logprobs: [-0.25, -0.25, -0.25],
    answered: 'base',
  })
  expect(asked[0]?.body).toMatchObject({ prompt: 'What is 17 + 25?', logprobs: 1 })
})

test('a server that tells no log-probabilities, of one question or of any, tells none', async () => {
  const none = await serveRoutes(speaking(() => ({ text: 'x' })))
  expect((await askCanaries(none.endpoint, 'chat', 'base', NEVER)).logprobs).toBeUndefined()
  let nth = 0
  const some = await serveRoutes(speaking(() => ({ text: 'x', logprobs: nth++ === 1 ? null : [-1] })))
  expect((await askCanaries(some.endpoint, 'chat', 'base', NEVER)).logprobs).toBeUndefined()
})

test('a text that does not come is empty, and no name is no name', async () => {
  const { endpoint } = await serveRoutes(() => ({ choices: [{ message: null }] }))
  expect(await askCanaries(endpoint, 'chat', 'base', NEVER)).toMatchObject({ texts: ['', '', ''], answered: undefined })
})

test.each<[string, Parameters<typeof speaking>[0], boolean | undefined]>([
  ['texts that repeat and differ', (model) => ({ text: model }), true],
  ['equal texts without log-probabilities', () => ({ text: 'x' }), undefined],
  ['texts that do not repeat', (model, nth) => ({ text: `${model} ${nth}`, logprobs: [-1] }), undefined],
  ['equal texts with equal log-probabilities', () => ({ text: 'x', logprobs: [-1] }), false],
  [
    'log-probabilities beyond their own noise',
    (model, nth) => ({ text: 'x', logprobs: [model === 'a' ? -1 - nth * 0.01 : -1.03] }),
    true,
  ],
  [
    'log-probabilities within their own noise',
    (model, nth) => ({ text: 'x', logprobs: [model === 'a' ? -1 - nth * 0.01 : -1.015] }),
    false,
  ],
])('%s', async (_, of, differs) => {
  const { endpoint } = await serveRoutes(speaking(of))
  expect(await differInAnswers(endpoint, 'chat', 'a', 'b', NEVER)).toBe(differs)
})

test('answers are the same when all of them are', () => {
  expect(isEqual(['a', 'b'], ['a', 'b'])).toBe(true)
  expect(isEqual(['a', 'b'], ['a'])).toBe(false)
  expect(isEqual(['a'], ['a', 'b'])).toBe(false)
  expect(isEqual(['a', 'b'], ['a', 'c'])).toBe(false)
})

test('a chat template is told by servers that have a route for it', async () => {
  const told = await serveRoutes(({ path }) => (path === '/tokenizer_info' ? { chat_template: '{{ x }}' } : 404))
  expect(await chatTemplateThere(told.endpoint, NEVER)).toBe('{{ x }}')
  const none = await serveRoutes(() => 404)
  expect(await chatTemplateThere(none.endpoint, NEVER)).toBeUndefined()
  const silent = await serveRoutes(() => ({ chat_template: null }))
  expect(await chatTemplateThere(silent.endpoint, NEVER)).toBeUndefined()
})

test('a probe that is told to stop ends with the reason', async () => {
  const stop = new AbortController()
  const { endpoint } = await serveRoutes(() => {
    stop.abort(new Error('stopped'))
    return 500
  })
  const options = { api: 'chat', parameters: { temperature: 1, topP: 1 }, timeoutMs: 5_000 } as const
  await expect(probeCapabilities(endpoint, 'm', options, stop.signal)).rejects.toThrow('stopped')
})
