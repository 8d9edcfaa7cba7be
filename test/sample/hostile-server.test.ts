/** What no well-meaning test server does: bodies that never end, are too large, hold too much or nothing, and clocks that jump. */

import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, onTestFinished, test, vi } from 'vitest'
import { atOnce, NEVER, poolOf, requestOf, startServer } from './requests.ts'

type Answer = (response: ServerResponse) => void

/** Answers the first requests as told, and every other one well. */
async function startScript(...answers: readonly Answer[]): Promise<string> {
  let next = 0
  const server = createServer((request, response) => {
    request.resume()
    const answer = request.method === 'POST' ? answers[next++] : undefined
    if (answer) return answer(response)
    send(response, { choices: [{ message: { content: 'fine' }, finish_reason: 'stop' }] })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`
}

function send(response: ServerResponse, body: object, status = 200): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
}

const choice = (content: unknown): object => ({ message: { content }, finish_reason: 'stop' })

const FAULTS: [string, string, Answer][] = [
  ['that hangs before its answer', 'timeout', () => undefined],
  [
    'that hangs inside the body',
    'timeout',
    (response) => void response.writeHead(200, { 'content-length': 1000 }).write('{"choices": ['),
  ],
  [
    'that never stops sending',
    'malformed',
    (response) => {
      const more = (): void => {
        if (response.destroyed) return
        response.write('x'.repeat(1_000_000), () => setImmediate(more))
      }
      response.writeHead(200)
      more()
    },
  ],
  ['that sends a list', 'malformed', (response) => send(response, [])],
  ['that sends choices that are none', 'malformed', (response) => send(response, { choices: 'two' })],
  [
    'that fails with a page',
    'server-error',
    (response) => void response.writeHead(502).end('<html>bad gateway</html>'),
  ],
  ['that is full', 'server-error', (response) => send(response, { detail: 'queue is full' }, 503)],
]

test.each(FAULTS)('a server %s is asked again (%s)', async (_, outcome, answer) => {
  const baseURL = await startScript(answer, answer)
  const drawn = await poolOf([baseURL], { timeoutMs: 1000 }).sample(requestOf(1), NEVER)
  expect(drawn.text).toBe('fine')
  expect(drawn.attempts.map((attempt) => attempt.outcome)).toEqual([outcome, outcome, 'ok'])
})

test.each([
  ['nothing', null],
  ['an empty text', ''],
])('a completion of %s is a completion', async (_, content) => {
  const baseURL = await startScript((response) => send(response, { choices: [choice(content)] }))
  expect(await poolOf([baseURL]).sample(requestOf(1), NEVER)).toMatchObject({ text: '', finishReason: 'stop' })
})

test('of more choices than were asked for the first one counts', async () => {
  const baseURL = await startScript((response) => send(response, { choices: [choice('first'), choice('second')] }))
  expect((await poolOf([baseURL]).sample(requestOf(1), NEVER)).text).toBe('first')
})

test('a name that nobody knows is nobody there', async () => {
  const drawn = poolOf(['http://nobody.invalid:8000/v1'], { firstContactSeconds: 0.5 }).sample(requestOf(1), NEVER)
  await expect(drawn).rejects.toMatchObject({ exitCode: 3 })
  await expect(drawn).rejects.toThrow(/nobody.invalid/)
})

test('a name that nobody knows takes nothing from the endpoints next to it', async () => {
  const { baseURL } = await startServer()
  const pool = poolOf(['http://nobody.invalid:8000/v1', baseURL])
  const drawn = await atOnce(40, 8, (i) => pool.sample(requestOf(i), NEVER))
  expect(drawn.map(({ finishReason }) => finishReason)).toEqual(Array(40).fill('stop'))
})

test.each([
  ['forwards by a day', 86_400_000],
  ['back by a day', -86_400_000],
])('a clock that jumps %s changes neither waits nor durations', async (_, jumpMs) => {
  const server = await startServer({ faults: { '5xx': 0.1, cut: 0.05 }, maxFaults: 3, latencyMs: 2 })
  const pool = poolOf([server.baseURL])
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() })
  onTestFinished(() => void vi.useRealTimers())
  const drawn = await atOnce(200, 16, (i) => {
    if (i === 100) vi.setSystemTime(Date.now() + jumpMs)
    return pool.sample(requestOf(i), NEVER)
  })
  expect(drawn.every(({ finishReason }) => finishReason === 'stop')).toBe(true)
  const durations = drawn.flatMap(({ attempts }) => attempts.map(({ durationMs }) => durationMs))
  expect(Math.min(...durations)).toBeGreaterThanOrEqual(0)
  expect(Math.max(...durations)).toBeLessThan(60_000)
})
