/** A pool whose endpoints come and go: nothing is lost, nothing counted twice, and what is accepted does not depend on who was lost. */

import { expect, test } from 'vitest'
import { type Completion, keyText } from '../../src/core/completion.ts'
import { ServerError } from '../../src/core/errors.ts'
import { createEndpointPool } from '../../src/sample/endpoint-pool.ts'
import { NEVER, requestOf, startServer } from './requests.ts'
import { runVirtualFleet, type VirtualFleetOptions } from './virtual-fleet.ts'

const endpointAt = (baseURL: string) => ({ endpoint: { baseURL, apiKey: undefined, apiKeyEnv: undefined } })
const emptyPool = () => createEndpointPool({ endpoints: [], onExpelled: () => undefined, backoffMs: 5 })

const FLEET: VirtualFleetOptions = {
  servers: 1000,
  slots: 8,
  meanMs: 30_000,
  lostPerHour: 0.02,
  silent: 0.5,
  noticedMs: 15_000,
  replacedMs: 180_000,
  settleMs: 40_000,
  measuredMs: 40_000,
}

test.each([
  [1000, 0.02, 0.95],
  // One in twenty is away for its three minutes.
  [100, 1, 0.9],
])('%i servers, of which a share of %d is lost in an hour, are kept at work', async (servers, lostPerHour, least) => {
  const { used, failed, completions } = await runVirtualFleet({ ...FLEET, servers, lostPerHour })
  expect(used).toBeGreaterThan(least)
  expect(failed).toBe(0)
  expect(completions).toBeGreaterThan(9 * servers)
})

test('the first n_t by index are the same, whoever was lost on the way', async () => {
  const firstAccepted = async (lostPerHour: number) => {
    const accepted = new Map<number, string>()
    const keys: string[] = []
    const { taken } = await runVirtualFleet({
      ...FLEET,
      servers: 50,
      lostPerHour,
      settleMs: 0,
      measuredMs: 400_000,
      onCompletion({ key, issue, text }: Completion) {
        keys.push(keyText(key))
        if (text === 'right') accepted.set(issue, text)
      },
    })
    expect(new Set(keys).size).toBe(keys.length)
    return { first: [...accepted.keys()].sort((a, b) => a - b).slice(0, 1024), taken }
  }
  const [calm, stormy] = [await firstAccepted(0), await firstAccepted(6)]
  expect(stormy.taken).toBeGreaterThan(100)
  expect(stormy.first).toEqual(calm.first)
})

test('requests wait for the first endpoint, and continue when the only one is lost and another comes', async () => {
  const [first, second] = await Promise.all([startServer({ latencyMs: 100_000 }), startServer()])
  const pool = emptyPool()
  const drawn = Promise.all(Array.from({ length: 20 }, (_, i) => pool.sample(requestOf(i), NEVER)))
  pool.join(endpointAt(first.baseURL))
  while (first.stats.inFlight < 20) await new Promise((resolve) => setTimeout(resolve, 10))
  pool.lose(first.baseURL)
  expect(pool.concurrency).toBe(0)
  pool.join(endpointAt(second.baseURL))
  const completions = await drawn
  expect(completions.map(({ finishReason }) => finishReason)).toEqual(Array(20).fill('stop'))
  expect(completions.map(({ attempts }) => attempts.map(({ endpoint, outcome }) => [endpoint, outcome]))).toEqual(
    Array(20).fill([
      [first.baseURL, 'connection'],
      [second.baseURL, 'ok'],
    ]),
  )
  await pool.close()
})

test('one that drains ends what it has and gets nothing more', async () => {
  const [old, next] = await Promise.all([startServer({ latencyMs: 200 }), startServer()])
  const pool = emptyPool()
  pool.join(endpointAt(old.baseURL))
  const before = Array.from({ length: 8 }, (_, i) => pool.sample(requestOf(i), NEVER))
  while (old.stats.inFlight < 8) await new Promise((resolve) => setTimeout(resolve, 5))
  pool.join(endpointAt(next.baseURL))
  const drained = pool.drain(old.baseURL)
  const after = Array.from({ length: 8 }, (_, i) => pool.sample(requestOf(8 + i), NEVER))
  await drained
  expect(old.stats.inFlight).toBe(0)
  await Promise.all([...before, ...after])
  expect([old.stats.answered, next.stats.answered]).toEqual([8, 8])
  await pool.drain('http://nobody.invalid/v1')
  await pool.close()
})

test('where nobody is to come any more, those who wait and those who come are told why, until somebody joins', async () => {
  const pool = emptyPool()
  const waiting = pool.sample(requestOf(0), NEVER)
  pool.giveUp(new ServerError('The fleet cannot be started.'))
  await expect(waiting).rejects.toThrow('The fleet cannot be started.')
  await expect(pool.sample(requestOf(1), NEVER)).rejects.toThrow('The fleet cannot be started.')
  const server = await startServer()
  pool.join(endpointAt(server.baseURL))
  expect((await pool.sample(requestOf(2), NEVER)).finishReason).toBe('stop')
  await pool.close()
})

test('one that does not have the model is left out, and whoever keeps the fleet is told', async () => {
  const [wrong, right] = await Promise.all([startServer({ modelNames: ['other'] }), startServer()])
  const expelled: string[] = []
  const pool = createEndpointPool({ endpoints: [], onExpelled: (baseURL) => expelled.push(baseURL), backoffMs: 5 })
  pool.join(endpointAt(wrong.baseURL))
  const drawn = pool.sample(requestOf(0), NEVER)
  while (expelled.length === 0) await new Promise((resolve) => setTimeout(resolve, 5))
  pool.join(endpointAt(right.baseURL))
  expect((await drawn).finishReason).toBe('stop')
  expect(expelled).toEqual([wrong.baseURL])
  await pool.close()
})
