/** Servers that hold a connection by a byte now and then, and answers that are told apart by ids that are not their own. */

import { expect, test } from 'vitest'
import { recordsInMemory } from '../../src/sample/server/records.ts'
import { dripping, GOOD, http, type Odd, startRaw } from './raw-server.ts'
import { atOnce, NEVER, poolOf, requestOf } from './requests.ts'

const EVERY_MS = 20
const TIMEOUT_MS = 500
const STREAM = 'HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n'

const SLOW: readonly [string, Odd][] = [
  ['its status', dripping('', 'HTTP/1.1 200 OK\r\nX-A: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa', EVERY_MS)],
  ['headers', dripping('HTTP/1.1 200 OK\r\n', 'X-A: b\r\n', EVERY_MS)],
  ['a body of blanks', dripping('HTTP/1.1 200 OK\r\n\r\n', ' ', EVERY_MS)],
  ['a body of the length it told', dripping('HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n', '{"a":', EVERY_MS)],
  ['chunks of one byte', dripping('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n', '1\r\n \r\n', EVERY_MS)],
  ['comments of a stream', dripping(STREAM, ': still here\n\n', EVERY_MS)],
  ['events that hold nothing', dripping(STREAM, 'data: {"choices":[]}\n\n', EVERY_MS)],
  ['an error', dripping('HTTP/1.1 503 Busy\r\n\r\n', '<p>', EVERY_MS)],
]

/** Draws six, of which a quarter meets the odd answer first. */
async function drawBeside(name: string, odd: Odd, stream: boolean): Promise<void> {
  const { baseURL } = await startRaw((posts) => (posts % 4 === 1 ? odd : undefined))
  const pool = poolOf([baseURL], { stream, timeoutMs: TIMEOUT_MS })
  const drawn = await atOnce(6, 3, (i) => pool.sample(requestOf(i), NEVER))
  expect(
    drawn.map(({ finishReason }) => finishReason),
    name,
  ).toEqual(Array(6).fill('stop'))
  const failed = drawn.flatMap(({ attempts }) => attempts).filter(({ outcome }) => outcome !== 'ok')
  expect(failed.length, name).toBeGreaterThan(0)
  for (const { outcome, message } of failed)
    expect([outcome, message], name).toEqual(['timeout', 'no answer within 0.5 s'])
}

test.each([false, true])('a server that drips is given up in time, and asked again (stream: %s)', async (stream) => {
  await Promise.all(SLOW.map(([name, odd]) => drawBeside(name, odd, stream)))
})

test('a server that drips at every question is asked for completions all the same', async () => {
  const odd = dripping('HTTP/1.1 200 OK\r\n\r\n', ' ', EVERY_MS)
  // Its first answers are to the questions of what it can do.
  const { baseURL } = await startRaw((posts) => (posts < 4 ? odd : undefined))
  const pool = poolOf([baseURL], { timeoutMs: 200, records: recordsInMemory() })
  expect(await pool.sample(requestOf(0), NEVER)).toMatchObject({ text: 'fine', finishReason: 'stop' })
})

test('an answer that comes slowly and comes whole is an answer', async () => {
  const body = http(GOOD)
  const { baseURL } = await startRaw(() => dripping(body.slice(0, -20), body.slice(-20), EVERY_MS))
  const { text, attempts } = await poolOf([baseURL], { timeoutMs: 60_000 }).sample(requestOf(0), NEVER)
  expect([text, attempts.map(({ outcome }) => outcome)]).toEqual(['fine', ['ok']])
})

const said = (content: string, fields: object = {}) => ({
  index: 0,
  message: { content },
  finish_reason: 'stop',
  ...fields,
})
const events = (...parts: readonly object[]): string =>
  STREAM.replace('OK\r\n', 'OK\r\nConnection: close\r\n') +
  [...parts.map((part) => JSON.stringify(part)), '[DONE]'].map((data) => `id: 1\ndata: ${data}\n\n`).join('')
const delta = (content: string, finish_reason: string | null = null) => ({
  index: 0,
  delta: { content },
  finish_reason,
})

const REPEATED: readonly [string, string][] = [
  ['one id for every answer', http(JSON.stringify({ id: 'chatcmpl-1', choices: [said('fine')] }))],
  ['an id that is null', http(JSON.stringify({ id: null, choices: [said('fine')] }))],
  ['two choices that both are the first', http(JSON.stringify({ choices: [said('fine'), said('other')] }))],
  ['one id for every event', events({ id: 'a', choices: [delta('fi')] }, { id: 'a', choices: [delta('ne', 'stop')] })],
  [
    'another id in every event',
    events({ id: 'a', choices: [delta('fi')] }, { id: 'b', choices: [delta('ne', 'stop')] }),
  ],
  [
    'events with two choices that both are the first',
    events({ choices: [delta('fi'), delta('ot')] }, { choices: [delta('ne', 'stop'), delta('her', 'stop')] }),
  ],
  ['an ending that comes twice', events({ choices: [delta('fine', 'stop')] }, { choices: [delta('', 'stop')] })],
]

test.each(REPEATED)('%s leaves every request with its own answer', async (_, answer) => {
  const { baseURL } = await startRaw(() => answer)
  for (const stream of [false, true]) {
    const pool = poolOf([baseURL], { stream, timeoutMs: 20_000 })
    const drawn = await atOnce(8, 4, (i) => pool.sample(requestOf(i), NEVER))
    expect(new Set(drawn.map(({ key }) => key.index)).size).toBe(8)
    expect(drawn.map(({ text, finishReason }) => [text, finishReason])).toEqual(Array(8).fill(['fine', 'stop']))
  }
})
