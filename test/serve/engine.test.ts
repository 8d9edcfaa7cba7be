/** Calls of an engine's admin routes: where they go, what is kept of the answer, and how none is told. */

import { createServer, type IncomingMessage, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { ServerError } from '../../src/core/errors.ts'
import { type AdminCall, callEngine } from '../../src/serve/engine.ts'

let server: Server | undefined
afterEach(() => {
  server?.closeAllConnections()
  server?.close()
})

async function listen(answer: (request: IncomingMessage) => string | undefined): Promise<string> {
  server = createServer((request, response) => {
    const text = answer(request)
    if (text !== undefined) response.writeHead(request.url?.includes('refused') ? 409 : 200).end(text)
  })
  await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve))
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`
}

const call = (changes: Partial<AdminCall> = {}): AdminCall => ({
  method: 'POST',
  path: '/pause',
  place: 'beside',
  seconds: 20,
  ...changes,
})

test('a route beside the API loses its version, one below it does not, and the key goes with both', async () => {
  const seen: string[] = []
  const baseURL = await listen(({ method, url, headers }) => {
    seen.push(`${method} ${url} ${headers.authorization}`)
    return 'ok'
  })
  const engine = { baseURL, authorization: 'Bearer key' }
  expect(await callEngine(engine, call())).toEqual({ ok: true, status: 200, said: 'ok' })
  await callEngine(engine, call({ method: 'GET', path: '/models', place: 'api' }))
  expect(await callEngine(engine, call({ path: '/refused' }))).toMatchObject({ ok: false, status: 409 })
  expect(seen).toEqual(['POST /pause Bearer key', 'GET /v1/models Bearer key', 'POST /refused Bearer key'])
})

test('of a long answer the first thousand characters are kept', async () => {
  const baseURL = await listen(() => 'x'.repeat(5000))
  const { said } = await callEngine({ baseURL, authorization: '' }, call())
  expect(said).toBe('x'.repeat(1000))
})

test('no answer in time is a sentence with the address; an interrupt is its own reason', async () => {
  const baseURL = await listen(() => undefined)
  const engine = { baseURL, authorization: '' }
  const late = callEngine(engine, call({ seconds: 0.05 }))
  await expect(late).rejects.toThrow(/127\.0\.0\.1:\d+\/pause cannot be asked \(no answer within 0\.05 s\)/)
  await expect(late).rejects.toBeInstanceOf(ServerError)
  const leaving = new AbortController()
  const interrupted = callEngine(engine, call({ signal: leaving.signal }))
  leaving.abort(new Error('Ctrl-C'))
  await expect(interrupted).rejects.toThrow('Ctrl-C')
})
