/** Whatever comes over the wire is an attempt with its outcome: broken HTTP and odd answers, as the first answer of all and as a later one. */

import { expect, test } from 'vitest'
import { type CapabilityRecords, recordsInMemory } from '../../src/sample/server/records.ts'
import { endless, GOOD, http, type Odd, startRaw } from './raw-server.ts'
import { atOnce, NEVER, poolOf, requestOf } from './requests.ts'

const BROKEN: readonly [string, Odd][] = [
  ['a Content-Length that is not a number', 'HTTP/1.1 200 OK\r\nContent-Length: many\r\n\r\n{}'],
  ['two Content-Lengths', 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{}'],
  ['a chunk size that is not one', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n'],
  ['a chunk that is too long', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}{}{}\r\n0\r\n\r\n'],
  ['a header with a line break in it', 'HTTP/1.1 200 OK\r\nX-A: a\nb\r\nContent-Length: 2\r\n\r\n{}'],
  ['a header without a colon', 'HTTP/1.1 200 OK\r\nnonsense\r\n\r\n{}'],
  ['a status that is not one', 'HTTP/1.1 abc OK\r\n\r\n{}'],
  ['an older protocol', 'ICY 200 OK\r\n\r\nmusic'],
  ['the bytes of TLS', '\x15\x03\x01\x00\x02\x02\x46'],
  ['headers without end', endless('HTTP/1.1 200 OK\r\n', 'X-Filler: aaaaaaaaaaaaaaaa\r\n')],
  ['a body shorter than it says', 'HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n{"choices": ['],
  ['nothing at all', (socket) => void socket.end()],
]

const choice = (fields: object): string => http(JSON.stringify({ choices: [fields] }))
const said = (content: unknown, finish_reason: unknown): string => choice({ message: { content }, finish_reason })

const ODD: readonly [string, Odd][] = [
  ['an empty body', http('')],
  ['null', http('null')],
  ['a number', http('7')],
  ['a list', http('[]')],
  ['half a document', http(GOOD.slice(0, 40))],
  ['a page', http('<html><title>Sign in</title></html>')],
  ['a page with 200 KB', http(`<html>${'x'.repeat(200_000)}`)],
  ['8 MB', http(`"${'x'.repeat(8_100_000)}"`)],
  ['a body without end', endless('HTTP/1.1 200 OK\r\n\r\n', 'xxxxxxxxxxxxxxxxxxxx')],
  ['no choices', http('{"choices":[]}')],
  ['choices that are text', http('{"choices":"two"}')],
  ['a choice that is null', http('{"choices":[null]}')],
  ['a message that is null', choice({ message: null, finish_reason: 'stop' })],
  ['a content that is a number', said(7, 'stop')],
  ['a reason that is null', said('x', null)],
  ['a reason that is a number', said('x', 3)],
  ['an error with a good status', http('{"error":{"message":"upstream is down","code":502}}')],
  ['an error without a number', http('{"error":"upstream is down"}')],
  ['an error of older servers', http('{"object":"error","message":"no","code":50001}')],
  ['an error inside the choice', choice({ error: { message: 'gone', code: 500 }, finish_reason: 'error' })],
  ['a generation that was ended', said('half', 'abort')],
  ['a redirect', http('', ['Location: https://login.invalid/'], '307 Temporary Redirect')],
  ['an answer with no status text and odd code', http('{}', [], '599 ')],
  ['a body that is not UTF-8', 'HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n\xff\xfe\xfd\xfc'],
]

const CASES = [...BROKEN, ...ODD]

test('there are twelve broken payloads and twenty-four odd answers', () => {
  expect([BROKEN.length, ODD.length]).toEqual([12, 24])
})

async function draw(baseURL: string, count: number, stream: boolean, records?: CapabilityRecords) {
  const options = { stream, timeoutMs: 5_000, ...(records && { records }) }
  const pool = poolOf([baseURL], options)
  return await atOnce(count, 4, (i) => pool.sample(requestOf(i), NEVER))
}

test.each(CASES)('%s as the first answers, to questions and to requests', async (_, odd) => {
  const { baseURL } = await startRaw((posts) => (posts < 3 ? odd : undefined))
  const drawn = await draw(baseURL, 4, false, recordsInMemory())
  expect(drawn).toHaveLength(4)
  expect(drawn.every(({ attempts }) => attempts.length > 0)).toBe(true)
})

test.each(CASES)('%s as a later answer', async (_, odd) => {
  const { baseURL } = await startRaw((posts) => (posts === 5 || posts === 7 ? odd : undefined))
  for (const stream of [false, true]) {
    const drawn = await draw(baseURL, 10, stream)
    const attempts = drawn.flatMap((one) => one.attempts)
    expect(drawn).toHaveLength(10)
    for (const { outcome, message } of attempts) if (outcome !== 'ok') expect(message).not.toBe('')
  }
})
