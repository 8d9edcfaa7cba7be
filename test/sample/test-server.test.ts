/** The test server itself: other rooms build on what is promised here. */

import { afterEach, expect, test } from 'vitest'
import { createTestServer, type TestServer, type TestServerOptions } from '../server/openai-server.ts'

const PROBLEMS = Array.from({ length: 200 }, (_, i) => ({
  question: `What is ${i} plus ${i * 3}?`,
  answer: String(i * 4),
}))

let server: TestServer | undefined

afterEach(async () => {
  await server?.close()
  server = undefined
})

async function start(options: TestServerOptions = {}): Promise<TestServer> {
  server = await createTestServer({ problems: PROBLEMS, ...options })
  return server
}

async function post(path: string, body: object): Promise<{ status: number; text: string }> {
  const response = await fetch(`${server?.baseURL}${path}`, { method: 'POST', body: JSON.stringify(body) })
  return { status: response.status, text: await response.text() }
}

function ask(question: string, fields: object = {}): object {
  return { model: 'test-model', messages: [{ role: 'user', content: `${question}\n` }], max_tokens: 512, ...fields }
}

async function texts(fields: object): Promise<string[]> {
  const asked = PROBLEMS.map((problem) => post('/chat/completions', ask(problem.question, fields)))
  return (await Promise.all(asked)).map(({ text }) => JSON.parse(text).choices[0].message.content)
}

function share(answers: readonly string[]): number {
  return answers.filter((text, i) => text.endsWith(`#### ${PROBLEMS[i]?.answer}`)).length / answers.length
}

test('the text depends on prompt, seed, temperature and skill, and on nothing else', async () => {
  await start()
  const first = await texts({ seed: 7 })
  expect(await texts({ seed: 7 })).toEqual(first)
  expect(await texts({ seed: 8 })).not.toEqual(first)
  expect(await texts({ seed: 7, temperature: 0.5 })).not.toEqual(first)
  await server?.close()
  await start({ seed: 99 })
  expect(await texts({ seed: 7 })).toEqual(first)
  await server?.close()
  await start({ skill: -0.4 })
  expect(await texts({ seed: 7 })).not.toEqual(first)
})

test('greedy answers do not depend on the seed', async () => {
  await start()
  expect(await texts({ seed: 1, temperature: 0 })).toEqual(await texts({ seed: 2, temperature: 0 }))
})

test('a more skilful checkpoint solves more', async () => {
  const shares: number[] = []
  for (const skill of [-2, 0, 2]) {
    await start({ skill, noAnswer: 0 })
    shares.push(share(await texts({ seed: 3 })))
    await server?.close()
  }
  expect(shares[0]).toBeLessThan(0.35)
  expect(shares[1]).toBeGreaterThan(0.35)
  expect(shares[1]).toBeLessThan(0.65)
  expect(shares[2]).toBeGreaterThan(0.65)
})

test('with examples before it, the last question of the prompt is the one that is answered', async () => {
  await start({ skill: 20, noAnswer: 0 })
  const prompt = `Question: ${PROBLEMS[1]?.question}\n#### 4\nQuestion: ${PROBLEMS[2]?.question}\nAnswer:`
  const { text } = await post('/completions', { model: 'test-model', prompt, max_tokens: 512, stop: ['\nQuestion:'] })
  const [choice] = JSON.parse(text).choices
  expect(choice.text.trim()).toMatch(/#### 8$/)
  expect(choice.finish_reason).toBe('stop')
})

test('a base model continues with another example until a stop string or the limit', async () => {
  await start()
  const body = { model: 'test-model', prompt: PROBLEMS[3]?.question, max_tokens: 512 }
  const [choice] = JSON.parse((await post('/completions', body)).text).choices
  expect(choice.text).toContain('\nQuestion:')
  const [short] = JSON.parse((await post('/completions', { ...body, max_tokens: 5 })).text).choices
  expect(short.finish_reason).toBe('length')
  expect(short.text).toHaveLength(20)
})

test('a truncated text is as long as its limit', async () => {
  await start({ truncate: 1 })
  const answer = JSON.parse((await post('/chat/completions', ask('What is 1 plus 3?', { max_tokens: 300 }))).text)
  expect(answer.choices[0].finish_reason).toBe('length')
  expect(answer.choices[0].message.content).toHaveLength(1200)
  expect(answer.usage.completion_tokens).toBe(300)
})

test('a stream says the same as a plain answer', async () => {
  await start()
  const plain = JSON.parse((await post('/chat/completions', ask('What is 5 plus 15?', { seed: 1 }))).text)
  const fields = { seed: 1, stream: true, stream_options: { include_usage: true } }
  const { text } = await post('/chat/completions', ask('What is 5 plus 15?', fields))
  const events = text.split('\n\n').filter((line) => line.startsWith('data: {'))
  const chunks = events.map((line) => JSON.parse(line.slice(6)))
  const said = chunks.map((chunk) => chunk.choices[0]?.delta.content ?? '').join('')
  expect(said).toBe(plain.choices[0].message.content)
  expect(chunks.at(-1).usage).toEqual(plain.usage)
  expect(text.endsWith('data: [DONE]\n\n')).toBe(true)
})

test.each([
  ['openai', '{"error":{"message":'],
  ['text', '{"error":"'],
  ['detail', '{"detail":"'],
  ['detail-list', '{"detail":[{'],
] as const)('errors come in the shape %s', async (errorShape, start_) => {
  await start({ errorShape })
  const { status, text } = await post('/chat/completions', ask('?', { model: 'nobody' }))
  expect(status).toBe(404)
  expect(text.startsWith(start_)).toBe(true)
})

test('faults belong to attempts: the next attempt of the same request can succeed', async () => {
  await start({ faults: { '5xx': 0.5 }, maxFaults: 1 })
  const statuses: number[][] = [[], []]
  for (const seen of statuses) {
    for (let seed = 0; seed < 40; seed++)
      seen.push((await post('/chat/completions', ask('What is 5 plus 15?', { seed }))).status)
  }
  expect(statuses[0]?.filter((status) => status >= 500).length).toBeGreaterThan(5)
  expect(statuses[0]?.filter((status) => status === 200).length).toBeGreaterThan(5)
  expect(new Set(statuses[1])).toEqual(new Set([200]))
})

test('what does not fit the context is refused with 400, unknown fields with 422 where the server is strict', async () => {
  await start({ maxModelLen: 100, strictFields: true })
  expect((await post('/chat/completions', ask('What is 5 plus 15?', { max_tokens: 200 }))).status).toBe(400)
  const { status, text } = await post('/chat/completions', ask('?', { max_tokens: 9, top_k: 5 }))
  expect([status, text]).toEqual([422, '{"detail":"unexpected field: top_k"}'])
})

test('a service rate keeps requests waiting', async () => {
  await start({ serviceRate: 100 })
  const startedAt = performance.now()
  await Promise.all(
    Array.from({ length: 30 }, (_, seed) => post('/chat/completions', ask('What is 5 plus 15?', { seed }))),
  )
  expect(performance.now() - startedAt).toBeGreaterThan(290)
  expect(server?.stats.maxInFlight).toBeGreaterThan(15)
})
