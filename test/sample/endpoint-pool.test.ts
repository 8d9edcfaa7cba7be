/** Many endpoints as one sampler, against real test servers: who is asked, who is left out, who comes back. */

import { expect, test, vi } from 'vitest'
import { type Completion, keyText } from '../../src/core/completion.ts'
import { createTestServer, type TestServer } from '../server/openai-server.ts'
import { atOnce, NEVER, poolOf, requestOf, startServer } from './requests.ts'

const urls = (servers: readonly TestServer[]): string[] => servers.map(({ baseURL }) => baseURL)

function expectEachOnce(completions: readonly Completion[], count: number): void {
  expect(new Set(completions.map(({ key }) => keyText(key))).size).toBe(count)
  expect(completions).toHaveLength(count)
  expect(completions.filter(({ finishReason }) => finishReason === 'failed')).toEqual([])
}

test('work is shared in the ratio of the weights', async () => {
  const servers = await Promise.all([1, 2].map(() => startServer({ latencyMs: 30 })))
  const [light, heavy] = servers
  const pool = poolOf([
    { baseURL: light?.baseURL ?? '', weight: 1, concurrency: 64 },
    { baseURL: heavy?.baseURL ?? '', weight: 3, concurrency: 64 },
  ])
  expect(pool.concurrency).toBe(128)
  expectEachOnce(await atOnce(400, 40, (i) => pool.sample(requestOf(i), NEVER)), 400)
  const share = (heavy?.stats.answered ?? 0) / 400
  expect(share).toBeGreaterThan(0.55)
  expect(share).toBeLessThan(0.9)
})

test('no endpoint is given more at once than its own limit', async () => {
  const servers = await Promise.all([1, 2].map(() => startServer({ latencyMs: 20 })))
  const limits = [3, 7]
  const pool = poolOf(servers.map(({ baseURL }, i) => ({ baseURL, concurrency: limits[i] ?? 1 })))
  expectEachOnce(await atOnce(100, 40, (i) => pool.sample(requestOf(i), NEVER)), 100)
  expect(servers.map(({ stats }) => stats.maxInFlight)).toEqual(limits)
})

test('the samples of a problem go to the same endpoint while it has room', async () => {
  const pool = poolOf(urls(await Promise.all([1, 2, 3].map(() => startServer()))))
  const askedFor = new Map<string, Set<string>>()
  for (let i = 0; i < 120; i++) {
    const { key, attempts } = await pool.sample(requestOf((i % 30) + 100 * Math.floor(i / 30)), NEVER)
    const asked = askedFor.get(key.problem) ?? new Set()
    askedFor.set(key.problem, asked.add(attempts[0]?.endpoint ?? ''))
  }
  expect([...askedFor.values()].every((asked) => asked.size === 1)).toBe(true)
  expect(new Set([...askedFor.values()].flatMap((asked) => [...asked])).size).toBe(3)
})

test('each endpoint is asked with its own key and its own name for the model', async () => {
  const servers = await Promise.all(
    ['a', 'b'].map((name) => startServer({ apiKey: `key-${name}`, modelNames: [name] })),
  )
  const pool = poolOf(
    servers.map(({ baseURL }, i) => {
      const name = 'ab'[i] ?? ''
      return { baseURL, endpoint: { baseURL, apiKey: `key-${name}`, apiKeyEnv: undefined }, model: () => name }
    }),
  )
  expectEachOnce(await atOnce(40, 8, (i) => pool.sample(requestOf(i), NEVER)), 40)
  expect(servers.every(({ stats }) => stats.answered > 0 && stats.rejected === 0)).toBe(true)
})

test('a request that fails at one endpoint is tried at another, and every attempt is told', async () => {
  const [sick, well] = await Promise.all([startServer({ faults: { '5xx': 1 } }), startServer()])
  const pool = poolOf([sick.baseURL, well.baseURL])
  const completions = await atOnce(100, 10, (i) => pool.sample(requestOf(i), NEVER))
  expectEachOnce(completions, 100)
  const attempts = completions.flatMap((completion) => completion.attempts)
  expect(attempts.filter(({ endpoint }) => endpoint === sick.baseURL).every(({ status }) => status >= 500)).toBe(true)
  expect(attempts).toHaveLength(sick.stats.requests - sick.stats.models + well.stats.requests)
})

test('a request that waits for its next try gives its place back, and says so', async () => {
  const { baseURL } = await startServer({ faults: { '500': 1 } })
  const pool = poolOf([{ baseURL, concurrency: 4 }], { attempts: 2 })
  const room: number[] = []
  const stopListening = pool.onRoom(() => room.push(pool.concurrency))
  await pool.sample(requestOf(0), NEVER)
  expect(room).toEqual([5])
  stopListening()
  await pool.sample(requestOf(1), NEVER)
  expect(room).toEqual([5])
})

test('an endpoint that goes away is left out, and given work again once it is back', async () => {
  const [first, second] = await Promise.all([startServer({ latencyMs: 5 }), createTestServer({ latencyMs: 5 })])
  const notes: string[] = []
  const pool = poolOf([first.baseURL, second.baseURL], { onNote: (text) => notes.push(text) })
  expectEachOnce(await atOnce(50, 8, (i) => pool.sample(requestOf(i), NEVER)), 50)
  expect(second.stats.answered).toBeGreaterThan(0)
  await second.close()
  expectEachOnce(await atOnce(100, 8, (i) => pool.sample(requestOf(i), NEVER)), 100)
  const again = await startServer({ port: second.port })
  await vi.waitFor(
    async () => {
      await atOnce(8, 8, (i) => pool.sample(requestOf(i), NEVER))
      expect(again.stats.answered).toBeGreaterThan(5)
    },
    { timeout: 20_000 },
  )
  expect(notes[0]).toContain(`${second.baseURL} is left out until it answers again`)
  expect(notes).toContain(`${second.baseURL} answers again.`)
})

test('all endpoints down for a while are waited for, and nothing is lost', async () => {
  const servers = await Promise.all([1, 2].map(() => createTestServer({ latencyMs: 5 })))
  const pool = poolOf(urls(servers), { unreachableSeconds: 60 })
  await pool.sample(requestOf(0), NEVER)
  const drawn = atOnce(200, 20, (i) => pool.sample(requestOf(i), NEVER))
  await Promise.all(servers.map((server) => server.close()))
  await new Promise((resolve) => setTimeout(resolve, 1500))
  await Promise.all(servers.map(({ port }) => startServer({ port })))
  expectEachOnce(await drawn, 200)
})

test('all endpoints down for longer than the patience end the run with exit code 3', async () => {
  const servers = await Promise.all([1, 2].map(() => createTestServer()))
  const pool = poolOf(urls(servers), { unreachableSeconds: 1 })
  await atOnce(4, 4, (i) => pool.sample(requestOf(i), NEVER))
  await Promise.all(servers.map((server) => server.close()))
  const drawn = await Promise.allSettled(Array.from({ length: 20 }, (_, i) => pool.sample(requestOf(i), NEVER)))
  for (const one of drawn) {
    expect(one).toMatchObject({ status: 'rejected', reason: { exitCode: 3 } })
    expect(String(one.status === 'rejected' && one.reason)).toMatch(/Nobody answers at .* for 1 s/)
  }
})

test('a server that is started again after the patience has ended is asked, also where somebody came too late to be sent away', async () => {
  const server = await createTestServer()
  const pool = poolOf([server.baseURL], { unreachableSeconds: 0.3 })
  await pool.sample(requestOf(0), NEVER)
  await server.close()
  const late = new AbortController()
  let tooLate: Promise<unknown> | undefined
  const drawn = [1, 2].map((i) =>
    pool.sample(requestOf(i), NEVER).finally(() => {
      tooLate ??= pool.sample(requestOf(3), late.signal)
      tooLate.catch(() => late.abort())
      setTimeout(() => late.abort())
    }),
  )
  expect((await Promise.allSettled(drawn)).map(({ status }) => status)).toEqual(['rejected', 'rejected'])
  await expect(tooLate).rejects.toThrow(/abort/)
  await new Promise((resolve) => setTimeout(resolve, 400))
  await startServer({ port: server.port })
  expect((await pool.sample(requestOf(4), NEVER)).finishReason).toBe('stop')
})

test('endpoints that answer nothing but errors are waited for and named too', async () => {
  const servers = await Promise.all([1, 2].map(() => startServer({ faults: { '5xx': 1 } })))
  const pool = poolOf(urls(servers), { unreachableSeconds: 1, attempts: 1000 })
  const drawn = await Promise.allSettled(Array.from({ length: 30 }, (_, i) => pool.sample(requestOf(i), NEVER)))
  for (const one of drawn) {
    expect(String(one.status === 'rejected' && one.reason)).toMatch(
      /All 2 endpoints have been out of order for 1 s .*unwell/,
    )
  }
})

test('an endpoint that refuses the key is left out, and the last one ends the run', async () => {
  const [closed, open] = await Promise.all([startServer({ apiKey: 'secret' }), startServer()])
  const notes: string[] = []
  const pool = poolOf([closed.baseURL, open.baseURL], { onNote: (text) => notes.push(text) })
  expectEachOnce(await atOnce(40, 8, (i) => pool.sample(requestOf(i), NEVER)), 40)
  expect(notes).toHaveLength(1)
  expect(notes[0]).toMatch(/refuses the key .* The run continues with the other endpoints/)
  await expect(poolOf([closed.baseURL]).sample(requestOf(1), NEVER)).rejects.toThrow(/refuses the key/)
})

test('one endpoint of three that is twenty times slower hardly holds up the others', async () => {
  const servers = await Promise.all([50, 50, 1000].map((latencyMs) => startServer({ latencyMs })))
  const pool = poolOf(servers.map(({ baseURL }) => ({ baseURL, concurrency: 32 })))
  expectEachOnce(await atOnce(600, 32, (i) => pool.sample(requestOf(i), NEVER)), 600)
  const [first = 0, second = 0, slow = 0] = servers.map(({ stats }) => stats.answered)
  // Even shares of what is in flight would leave it a third of the places and a fortieth of the work.
  expect(slow).toBeLessThan(100)
  expect(Math.min(first, second)).toBeGreaterThan(150)
})

test('a server that answers as another model than before ends the run with the reason', async () => {
  const { createServer } = await import('node:http')
  let model = 'first-weights'
  const server = createServer((_, response) => {
    response.setHeader('content-type', 'application/json')
    response.end(JSON.stringify({ model, choices: [{ message: { content: 'x' }, finish_reason: 'stop' }] }))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('a TCP server has a port')
  const pool = poolOf([`http://127.0.0.1:${address.port}/v1`])
  const ask = (checkpoint: string) => pool.sample(requestOf(1, { checkpoint }), NEVER)
  expect((await ask('sha256:1')).text).toBe('x')
  model = 'second-weights'
  await expect(ask('sha256:1')).rejects.toThrow(
    /changed its model under the run: it answered as first-weights .* and now second-weights/,
  )
  await expect(ask('sha256:1')).rejects.toMatchObject({ exitCode: 3 })
  // Another checkpoint is meant to be another model.
  expect((await ask('sha256:2')).text).toBe('x')
  server.closeAllConnections()
  await new Promise((resolve) => server.close(resolve))
})
