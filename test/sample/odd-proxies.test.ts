/** Servers and proxies at the edge of the protocol: what is still an answer is read, what is none is an attempt with its reason. */

import type { Socket } from 'node:net'
import { brotliCompressSync, deflateSync, gzipSync, zstdCompressSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { refuseToldError } from '../../src/sample/protocol/told-error.ts'
import { listModels } from '../../src/sample/server/questions.ts'
import { readVllmMetrics } from '../../src/sample/server/vllm-metrics.ts'
import { endless, GOOD, http, type Odd, startRaw } from './raw-server.ts'
import { atOnce, NEVER, poolOf, requestOf } from './requests.ts'

const OK = 'HTTP/1.1 200 OK\r\n'
const later = (ms: number, act: () => void): void => void setTimeout(act, ms)
/** Bytes behind a head that gives their number. */
const bytes = (body: Buffer, headers: string): Odd => {
  return (socket) => {
    socket.write(`${OK}${headers}\r\nContent-Length: ${body.length}\r\n\r\n`)
    socket.write(body)
  }
}
/** The pieces one after the other. */
const slowly = (pieces: readonly string[], ms: number): Odd => {
  return (socket) => {
    const next = (i: number): void => {
      if (socket.destroyed || i === pieces.length) return
      socket.write(pieces[i] ?? '')
      later(ms, () => next(i + 1))
    }
    next(0)
  }
}
const write =
  (text: string): Odd =>
  (socket: Socket) =>
    void socket.write(text)
const choices = (...all: object[]): Odd => write(http(JSON.stringify({ choices: all })))
const said = (content: unknown, more: object = {}): object => ({ message: { content }, finish_reason: 'stop', ...more })
const events = (...data: string[]): Odd => `${OK}Content-Type: text/event-stream\r\n\r\n${data.join('')}`

const ANSWERS: readonly [string, Odd][] = [
  ['HTTP/1.0, ended by the connection', `HTTP/1.0 200 OK\r\nContent-Type: application/json\r\n\r\n${GOOD}`],
  ['no length and no chunks', `${OK}\r\n${GOOD}`],
  ['early hints before it', write(`HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n${http(GOOD)}`)],
  ['its head and its body in single bytes', slowly([...http(GOOD)], 0)],
  ['a connection closed behind it without a word', (socket) => void socket.end(http(GOOD))],
  ['a connection closed a moment later', (socket) => void socket.write(http(GOOD), () => later(1, () => socket.end()))],
  ['a byte order mark in front', write(http(`\uFEFF${GOOD}`))],
  ['white space in front, as some keep a connection alive', write(http(`${' \n'.repeat(5_000)}${GOOD}`))],
  ['gzip', bytes(gzipSync(GOOD), 'Content-Encoding: gzip')],
  ['gzip in capitals, in chunks', chunkedGzip()],
  ['deflate', bytes(deflateSync(GOOD), 'Content-Encoding: deflate')],
  ['brotli', bytes(brotliCompressSync(GOOD), 'Content-Encoding: br')],
  ['zstd', bytes(zstdCompressSync(GOOD), 'Content-Encoding: zstd')],
  ['an encoding that changes nothing', write(http(GOOD, ['Content-Encoding: identity']))],
  ['the wrong type of content', write(http(GOOD, ['Content-Type: text/html']))],
  ['the same choice twice', choices(said('fine'), said('fine'))],
  ['usage that is null, and fields nobody knows', choices(said('fine', { matched_stop: 0, logprobs: null }))],
  ['trailers behind its chunks', write(`${OK}Transfer-Encoding: chunked\r\n\r\n${chunk(GOOD)}0\r\nX-Sum: 1\r\n\r\n`)],
  ['events in place of a document', events(`data: ${GOOD.replace('message', 'delta')}\n\n`, 'data: [DONE]\n\n')],
]

function chunk(text: string | Buffer): string {
  return `${text.length.toString(16)}\r\n${text.toString('latin1')}\r\n`
}

function chunkedGzip(): Odd {
  const body = gzipSync(GOOD)
  const halves = [body.subarray(0, 10), body.subarray(10)].map(chunk).join('')
  const text = `${OK}Content-Encoding: GZIP\r\nTransfer-Encoding: chunked\r\n\r\n${halves}0\r\n\r\n`
  return (socket) => void socket.write(text, 'latin1')
}

test.each(ANSWERS)('an answer with %s is an answer, asked for whole and as a stream', async (_, odd) => {
  for (const stream of [false, true]) {
    const { baseURL } = await startRaw(() => odd)
    const drawn = await poolOf([baseURL], { stream }).sample(requestOf(1), NEVER)
    expect(drawn).toMatchObject({ text: 'fine', finishReason: 'stop' })
  }
})

const deep = (depth: number, open: string, close: string): string => open.repeat(depth) + close.repeat(depth)
const nested = deep(200_000, '[', ']')
const message = (content: string, reason = '"stop"'): string =>
  `{"choices":[{"message":{"content":${content}},"finish_reason":${reason}}]}`

const FAULTS: readonly [string, Odd][] = [
  ['gzip that is 2 GB when it is open', bytes(bomb(), 'Content-Encoding: gzip')],
  ['gzip that is none', bytes(Buffer.from(GOOD), 'Content-Encoding: gzip')],
  ['half of a gzip', bytes(gzipSync(GOOD).subarray(0, 30), 'Content-Encoding: gzip')],
  ['an encoding that nobody knows', bytes(gzipSync(GOOD), 'Content-Encoding: x-secret')],
  ['a header of many megabytes', endless(`${OK}X-Filler: `, 'a')],
  ['a reason nested without end', write(http(message('"x"', nested)))],
  ['a content nested without end', write(http(message(deep(50_000, '[{"text":', '}]').replace(':}', ':1}'))))],
  ['an error nested without end', write(http(`{"error":${deep(200_000, '{"error":', '}').replace(':}', ':1}')}}`))],
  ['a failure nested without end', write(http(nested, [], '500 No'))],
  ['a go-ahead nobody asked for', write(`HTTP/1.1 100 Continue\r\n\r\n${http(GOOD)}`)],
  ['no content', write('HTTP/1.1 204 No Content\r\n\r\n')],
  ['a switch of protocols', write('HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n')],
  ['a chunk that is cut', `${OK}Transfer-Encoding: chunked\r\n\r\n${chunk(GOOD.slice(0, 20))}ff\r\n{"cho`],
  ['a stream that never ends its event', endless(`${OK}Content-Type: text/event-stream\r\n\r\ndata: `, 'x')],
]

function bomb(): Buffer {
  // Members one after the other are one gzip.
  const member = gzipSync(Buffer.alloc(16 << 20), { level: 9 })
  return Buffer.concat(Array.from({ length: 128 }, () => member))
}

test.each(FAULTS)('an answer with %s is an attempt that failed, and the next one counts', async (_, odd) => {
  for (const stream of [false, true]) {
    const { baseURL } = await startRaw((posts) => (posts === 1 ? odd : undefined))
    const pool = poolOf([baseURL], { stream, timeoutMs: 20_000 })
    const drawn = await atOnce(3, 1, (i) => pool.sample(requestOf(i), NEVER))
    expect(drawn.map(({ text }) => text)).toEqual(['fine', 'fine', 'fine'])
    const [first, ...others] = drawn[1]?.attempts ?? []
    expect(first?.outcome).toMatch(/malformed|connection|server-error/)
    expect(first?.message.length).toBeGreaterThan(0)
    expect(first?.message.length).toBeLessThan(400)
    expect(others.length).toBeGreaterThan(0)
  }
})

test('an answer that nobody asked for is given to nobody', async () => {
  const answerOf = (text: string): string => http(GOOD.replace('fine', text))
  const { baseURL } = await startRaw((posts) => write(answerOf(`answer ${posts}`) + answerOf('nobody asked')))
  const pool = poolOf([baseURL])
  const drawn = await atOnce(10, 1, (i) => pool.sample(requestOf(i), NEVER))
  expect(drawn.filter(({ text }) => text === 'nobody asked')).toEqual([])
})

test('a list of models that is packed, or has a mark in front, is read', async () => {
  const list = JSON.stringify({ data: [{ id: 'm' }, { id: 'm', max_model_len: null }] })
  for (const answer of [bytes(gzipSync(list), 'Content-Encoding: gzip'), write(http(`\uFEFF${list}`))]) {
    const { baseURL } = await startRaw(
      () => undefined,
      () => answer,
    )
    const models = await listModels({ baseURL, apiKey: undefined, apiKeyEnv: undefined })
    expect(models.map(({ id }) => id)).toEqual(['m', 'm'])
  }
})

test.each([
  ['alone', [{ id: 'm' }]],
  ['with fields of other types than elsewhere', { data: [{ id: 'm', root: 7, max_model_len: '4096', meta: 'none' }] }],
])('a list of models %s is read', async (_, list) => {
  const { baseURL } = await startRaw(
    () => undefined,
    () => write(http(JSON.stringify(list))),
  )
  const [model] = await listModels({ baseURL, apiKey: undefined, apiKeyEnv: undefined })
  expect(model).toEqual({ id: 'm', root: undefined, parent: undefined, maxModelLen: undefined })
})

test('metrics of very many engines are read in one pass', () => {
  const line = 'vllm:num_requests_running{engine="0"} 1\nvllm:kv_cache_usage_perc{engine="0"} 0.5\n'
  expect(readVllmMetrics(line.repeat(50_000))).toMatchObject({ engines: 50_000, running: 50_000, kvCacheUse: 0.5 })
})

test('an error that is nested without end is an error', () => {
  expect(() => refuseToldError({ error: { error: { message: 'no' } } })).toThrow('no')
})
