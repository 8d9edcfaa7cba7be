/** Addresses that are not the API's: the sentence names the right one, whoever notices. */

import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer, type RequestListener } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo, Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { candidates, findWrongAddress } from '../../../src/sample/server/address.ts'
import { recordsInMemory } from '../../../src/sample/server/records.ts'
import { atOnce, NEVER, poolOf, requestOf } from '../requests.ts'

const MODELS = JSON.stringify({ data: [{ id: 'test-model' }] })
const ANSWER = JSON.stringify({ model: 'm', choices: [{ message: { content: 'fine' }, finish_reason: 'stop' }] })

/** An API below this path; everything else is the other one's. */
function apiAt(root: string, other: RequestListener): RequestListener {
  return (request, response) => {
    response.setHeader('content-type', 'application/json')
    if (request.url === `${root}/models`) return void response.end(MODELS)
    if (request.url === `${root}/chat/completions`) return void response.end(ANSWER)
    other(request, response)
  }
}

const notFound: RequestListener = (_, response) => void response.writeHead(404).end('{"detail":"Not Found"}')
const page: RequestListener = (_, response) => {
  response.setHeader('content-type', 'text/html')
  response.end('<!doctype html><html><head><title>Open WebUI</title></head></html>')
}

/** @returns its origin */
async function listen(server: Server, scheme = 'http'): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())
  return `${scheme}://127.0.0.1:${(server.address() as AddressInfo).port}`
}

/** What a run says of it: the first requests, as many at once as a run sends. */
async function saidByPool(baseURL: string): Promise<string> {
  const pool = poolOf([baseURL], { records: recordsInMemory(), attempts: 8, firstContactSeconds: 0.5 })
  const drawn = await Promise.allSettled(Array.from({ length: 16 }, (_, i) => pool.sample(requestOf(i), NEVER)))
  const said = new Set(drawn.map((one) => (one.status === 'rejected' ? String(one.reason.message) : 'answered')))
  expect(said.size).toBe(1)
  return [...said].join()
}

const endpointOf = (baseURL: string) => ({ baseURL, apiKey: undefined, apiKeyEnv: undefined })

async function saidByLook(baseURL: string): Promise<string | undefined> {
  return (await findWrongAddress(endpointOf(baseURL), 'test-model', NEVER))?.message
}

test.each<[string, string, string, RequestListener, RegExp]>([
  ['without /v1', '', '/v1', notFound, /404: Not Found/],
  ['of ollama before its protocol', '/api', '/v1', notFound, /404/],
  ['with /v1 where a prefix is needed', '/v1', '/openai/v1', notFound, /404/],
  ['of a page next to the API', '/ui', '/v1', page, /a web page, "Open WebUI"/],
  ['where the method is not allowed', '/x', '/v1', (_, response) => void response.writeHead(405).end(), /405/],
])('an address %s', async (_, wrong, right, other, why) => {
  const origin = await listen(createServer(apiAt(right, other)))
  const said = await saidByPool(origin + wrong)
  expect(said).toBe(await saidByLook(origin + wrong))
  expect(said).toMatch(why)
  expect(said).toContain(`but at ${origin}${right}, which serves test-model: write baseURL: "${origin}${right}".`)
})

test('an address that sends on to another server', async () => {
  const target = await listen(createServer(apiAt('/llm/v1', notFound)))
  const moved: RequestListener = ({ url }, response) =>
    void response.writeHead(307, { location: `${target}/llm${url}` }).end()
  const said = await saidByPool(`${await listen(createServer(moved))}/v1`)
  expect(said).toContain(`write baseURL: "${target}/llm/v1".`)
})

test('a page and nothing else is said to be one, at once', async () => {
  const origin = await listen(createServer(page))
  const said = await saidByPool(`${origin}/v1`)
  expect(said).toBe(
    `The API is not at ${origin}/v1 (a web page, "Open WebUI"); write its root as baseURL, such as http://127.0.0.1:8000/v1: it ends in /v1 with vLLM, SGLang, llama.cpp, TGI and ollama.`,
  )
})

test('https where http is spoken', async () => {
  const origin = await listen(createServer(apiAt('/v1', notFound)))
  const said = await saidByPool(`${origin.replace('http:', 'https:')}/v1`)
  expect(said).toMatch(/what answers there is not TLS/)
  expect(said).toContain(`write baseURL: "${origin}/v1".`)
})

test('http where https is spoken', async ({ skip }) => {
  const folder = mkdtempSync(join(tmpdir(), 'spendwise-tls-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')]
  const made = spawnSync('openssl', [
    ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '1'],
    ...['-subj', '/CN=127.0.0.1', '-keyout', key, '-out', cert],
  ])
  if (made.status !== 0) skip('openssl is not installed')
  const options = { key: readFileSync(key), cert: readFileSync(cert) }
  const origin = await listen(createTlsServer(options, apiAt('/v1', notFound)), 'https')
  // Who signed it nobody knows here, which is a matter of its own.
  const said = await saidByPool(`${origin.replace('https:', 'http:')}/v1`)
  expect(said).toContain(`: write baseURL: "${origin}/v1".`)
})

test('of two endpoints the one with a wrong address is left out, with the address', async () => {
  const origin = await listen(createServer(apiAt('/v1', notFound)))
  const notes: string[] = []
  const pool = poolOf([origin, `${origin}/v1`], { onNote: (text) => notes.push(text) })
  const drawn = await atOnce(20, 8, (i) => pool.sample(requestOf(i), NEVER))
  expect(drawn.every(({ finishReason }) => finishReason === 'stop')).toBe(true)
  expect(notes.join('\n')).toContain(`write baseURL: "${origin}/v1". The run continues with the other endpoints.`)
})

test('where somebody asks for a key, or is busy, the address is right', async () => {
  for (const status of [401, 403, 429, 500, 503]) {
    const origin = await listen(createServer((_, response) => void response.writeHead(status).end('{}')))
    expect(await saidByLook(`${origin}/v1`)).toBeUndefined()
  }
})

test('a key goes to no other server than its own', async () => {
  const seen: (string | undefined)[] = []
  const listener: RequestListener = ({ headers }, response) => {
    seen.push(headers.authorization)
    response.writeHead(404).end()
  }
  const target = await listen(createServer(listener))
  const moved: RequestListener = (_, response) => void response.writeHead(302, { location: `${target}/v1` }).end()
  const origin = await listen(createServer(moved))
  const endpoint = { ...endpointOf(`${origin}/v1`), apiKey: 'secret' }
  expect((await findWrongAddress(endpoint, 'test-model', NEVER))?.message).toMatch(/redirect to/)
  expect(seen.length).toBeGreaterThan(0)
  expect(seen.join()).not.toContain('secret')
})

test('ports are tried on this machine alone', () => {
  const absent = { kind: 'absent', why: 'refused' } as const
  expect(candidates('http://127.0.0.1:8001/v1', absent)).toContain('http://127.0.0.1:8000/v1')
  expect(candidates('http://gpu-7:8001/v1', absent).every((one) => new URL(one).port === '8001')).toBe(true)
})
