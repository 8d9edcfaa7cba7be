import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import OpenAI from 'openai'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { readCheckpoint, writeCheckpoint } from '../../../src/embedded/model/checkpoint.ts'
import { createEmbeddedServer, type EmbeddedServer } from '../../../src/embedded/server/server.ts'
import { writeBase } from '../train/program.ts'

interface Answer {
  status: number
  body: {
    id: string
    model: string
    choices: { index: number; text?: string; message?: { role: string; content: string }; finish_reason: string }[]
    usage: { prompt_tokens: number; completion_tokens: number; total_tokens: number }
    error?: { message: string; type: string; param: string | null; code: string | null }
  }
}

let folder: string
let server: EmbeddedServer
const base = (): string => join(folder, 'base')

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'server-'))
  writeBase(base())
  // Larger weights than a fresh model's, so that its choices are not all alike.
  const fresh = readCheckpoint(base())
  const rows = 32 * ((fresh.vocabulary.length + 7) & ~7)
  writeCheckpoint(base(), { ...fresh, parameters: fresh.parameters.map((x, i) => (i < rows ? 8 * x : x)) })
  server = await createEmbeddedServer({ checkpoint: base(), name: 'toy', threads: 2 })
})
afterAll(async () => {
  await server.close()
  rmSync(folder, { recursive: true })
})

async function post(path: string, body: unknown, to = server): Promise<Answer> {
  const text = typeof body === 'string' ? body : JSON.stringify(body)
  const response = await fetch(to.baseURL + path, { method: 'POST', body: text })
  return { status: response.status, body: (await response.json()) as Answer['body'] }
}

function chat(more: object = {}, to = server): Promise<Answer> {
  const messages = [{ role: 'user', content: '3 apples?' }]
  return post('/chat/completions', { model: 'toy', messages, max_tokens: 12, seed: 7, ...more }, to)
}

const textOf = ({ body }: Answer): string | undefined => body.choices[0]?.message?.content

test('a chat completion comes back in the words of the protocol', async () => {
  const { status, body } = await chat()
  expect(status).toBe(200)
  expect(body).toMatchObject({
    object: 'chat.completion',
    model: 'toy',
    choices: [{ index: 0, message: { role: 'assistant', content: expect.any(String) }, finish_reason: 'length' }],
    usage: { prompt_tokens: 4, completion_tokens: 12, total_tokens: 16 },
  })
})

test('the client of openai understands it, whole and streamed', async () => {
  const client = new OpenAI({ baseURL: server.baseURL, apiKey: 'none' })
  const request = { model: 'toy', messages: [{ role: 'user' as const, content: '3 apples?' }], max_tokens: 12, seed: 7 }
  const whole = await client.chat.completions.create(request)
  const stream = await client.chat.completions.create({
    ...request,
    stream: true,
    stream_options: { include_usage: true },
  })
  let text = ''
  let finish: string | null | undefined
  let usage: unknown
  let pieces = 0
  for await (const piece of stream) {
    text += piece.choices[0]?.delta.content ?? ''
    finish = piece.choices[0]?.finish_reason ?? finish
    usage = piece.usage ?? usage
    pieces++
  }
  expect(pieces).toBeGreaterThan(5)
  expect(text).toBe(whole.choices[0]?.message.content)
  expect(finish).toBe('length')
  expect(usage).toEqual(whole.usage)
})

test('a rendered chat sent as a raw prompt gives the same text', async () => {
  const raw = await post('/completions', { model: 'toy', prompt: '3 apples?\n', max_tokens: 12, seed: 7 })
  expect(raw.body.choices[0]).toMatchObject({ text: textOf(await chat()), finish_reason: 'length' })
})

test('texts depend on the seed alone, not on company, threads or server', async () => {
  const seeds = Array.from({ length: 150 }, (_, seed) => seed)
  const together = await Promise.all(seeds.map((seed) => chat({ seed })))
  const other = await createEmbeddedServer({ checkpoint: base(), name: 'toy', threads: 1 })
  try {
    for (const seed of seeds.slice(0, 20))
      expect(textOf(await chat({ seed }, other))).toBe(textOf(together[seed] as Answer))
  } finally {
    await other.close()
  }
  expect(new Set(together.map(textOf)).size).toBeGreaterThan(140)
  expect(textOf(await chat({ seed: undefined }))).not.toBe(textOf(await chat({ seed: undefined })))
})

test('n completions are different, and the first is that of a single one', async () => {
  const { body } = await chat({ n: 5 })
  const texts = body.choices.map((choice) => choice.message?.content)
  expect(body.choices.map((choice) => choice.index)).toEqual([0, 1, 2, 3, 4])
  expect(new Set(texts).size).toBe(5)
  expect(texts[0]).toBe(textOf(await chat()))
  const { prompt_tokens, completion_tokens, total_tokens } = body.usage
  expect(prompt_tokens).toBe(4)
  expect(completion_tokens).toBeGreaterThan(20)
  expect(completion_tokens).toBeLessThanOrEqual(60)
  expect(total_tokens).toBe(prompt_tokens + completion_tokens)
})

test('a stop text ends the completion and is left out', async () => {
  const whole = textOf(await chat()) ?? ''
  const stop = whole.slice(3, 5)
  const cut = await chat({ stop })
  expect(cut.body.choices[0]).toMatchObject({ finish_reason: 'stop' })
  expect(textOf(cut)).toBe(whole.slice(0, whole.indexOf(stop)))
  expect(textOf(await chat({ stop: ['never there', stop] }))).toBe(textOf(cut))
})

test('a limit beyond the context ends at the context', async () => {
  const { body } = await chat({ max_tokens: 4000, max_completion_tokens: undefined })
  expect(body.usage.total_tokens).toBeLessThanOrEqual(48)
})

test.each([
  ['an unknown model', 404, { model: 'other' }, 'this server serves toy'],
  ['a prompt beyond the context', 400, { messages: [{ role: 'user', content: '7'.repeat(60) }] }, 'has 61 tokens'],
  ['no messages', 400, { messages: [] }, 'messages must be'],
  ['a content that is no text', 400, { messages: [{ role: 'user', content: 5 }] }, 'must be text'],
  ['a temperature below 0', 400, { temperature: -1 }, 'temperature must be a number from 0 to 2'],
  ['an n of 0', 400, { n: 0 }, 'n must be a whole number'],
  ['an empty stop text', 400, { stop: [''] }, 'stop must be'],
  ['a seed that is no whole number', 400, { seed: 1.5 }, 'seed must be'],
])('%s is answered with %i and a sentence', async (_, status, more, message) => {
  const answer = await chat(more)
  expect(answer.status).toBe(status)
  expect(answer.body.error).toMatchObject({ type: 'invalid_request_error', message: expect.stringContaining(message) })
})

test('a body that is no JSON, and a path that is not there, are answered as errors', async () => {
  expect((await post('/chat/completions', '{')).body.error?.message).toBe('The body is not valid JSON.')
  expect((await post('/embeddings', {})).status).toBe(404)
})

test('health and the list of models tell what is served', async () => {
  expect((await fetch(server.baseURL.replace('/v1', '/health'))).status).toBe(200)
  const models = await (await fetch(`${server.baseURL}/models`)).json()
  expect(models).toMatchObject({ data: [{ id: 'toy', root: base(), max_model_len: 48 }] })
})

test('a client that hangs up frees its slots', async () => {
  const single = await createEmbeddedServer({ checkpoint: base(), name: 'toy', threads: 1 })
  try {
    for (let round = 0; round < 5; round++) {
      const controller = new AbortController()
      const messages = [{ role: 'user', content: '3?' }]
      const body = JSON.stringify({ model: 'toy', messages, n: 128, stream: true })
      const response = await fetch(`${single.baseURL}/chat/completions`, {
        method: 'POST',
        body,
        signal: controller.signal,
      })
      await response.body?.getReader().read()
      controller.abort()
    }
    expect(textOf(await chat({}, single))).toBe(textOf(await chat()))
  } finally {
    await single.close()
  }
})

test('other weights are served under a new name, and requests under way end with the old ones', async () => {
  const swapped = await createEmbeddedServer({ checkpoint: base(), name: 'toy', threads: 2 })
  const next = join(folder, 'next')
  const old = readCheckpoint(base())
  writeCheckpoint(next, { ...old, parameters: old.parameters.map((x) => 1.1 * x) })
  try {
    const client = new OpenAI({ baseURL: swapped.baseURL, apiKey: 'none' })
    const messages = [{ role: 'user' as const, content: '3 apples?' }]
    const stream = await client.chat.completions.create({ model: 'toy', messages, seed: 7, n: 60, stream: true })
    const texts: string[] = new Array(60).fill('')
    let load: Promise<void> | undefined
    for await (const { choices } of stream) {
      load ??= swapped.load(next, 'toy-1')
      for (const { index, delta } of choices) texts[index] += delta.content ?? ''
    }
    await load
    const undisturbed = await chat({ n: 60, max_tokens: undefined })
    expect(texts).toEqual(undisturbed.body.choices.map((choice) => choice.message?.content))
    expect((await chat({}, swapped)).status).toBe(404)
    const after = await chat({ model: 'toy-1' }, swapped)
    expect(after.body.model).toBe('toy-1')
    expect(textOf(after)).not.toBe(textOf(await chat()))
    await expect(swapped.load(join(folder, 'nowhere'), 'toy-2')).rejects.toThrow('cannot be read')
    expect((await chat({ model: 'toy-1' }, swapped)).status).toBe(200)
  } finally {
    await swapped.close()
  }
})

test('a server without weights knows no model until it is given one', async () => {
  const empty = await createEmbeddedServer({ threads: 1 })
  try {
    expect((await chat({}, empty)).body.error).toMatchObject({ code: 'model_not_found' })
    await empty.load(base(), 'toy')
    expect(textOf(await chat({}, empty))).toBe(textOf(await chat()))
  } finally {
    await empty.close()
  }
})

const PROGRAM = fileURLToPath(new URL('../../../src/embedded/server/main.ts', import.meta.url))

test('as its own program it says when it is ready, serves, and ends cleanly on TERM', async () => {
  const args = [PROGRAM, '--checkpoint', base(), '--served-model-name', 'toy', '--port', '0']
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  const ended = new Promise((resolve) => child.on('close', (code, signal) => resolve(code ?? signal)))
  const line = String(await new Promise((resolve) => child.stdout.once('data', resolve)))
  expect(line).toMatch(/^ready at http:\/\/127\.0\.0\.1:\d+\/v1\n$/)
  const baseURL = line.slice('ready at '.length).trim()
  expect(textOf(await chat({}, { ...server, baseURL }))).toBe(textOf(await chat()))
  child.kill('SIGTERM')
  expect(await ended).toBe(0)
})

test('the program refuses a directory that is no checkpoint', async () => {
  const child = spawn(process.execPath, [PROGRAM, '--checkpoint', folder], { stdio: ['ignore', 'ignore', 'pipe'] })
  let said = ''
  child.stderr.on('data', (chunk) => {
    said += chunk
  })
  expect(await new Promise((resolve) => child.on('close', resolve))).toBe(2)
  expect(said).toContain('config.json cannot be read')
})
