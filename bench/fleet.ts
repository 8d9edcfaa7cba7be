/**
 * How full a pool keeps a fleet whose servers are lost and replaced while it draws.
 *
 *     node bench/fleet.ts virtual [--servers 1000] [--slots 8] [--hours 0.5] [--lost 0.02]    in virtual time
 *     node bench/fleet.ts http [--servers 100] [--slots 8] [--seconds 120] [--lost 0.02]      small local servers over HTTP
 *
 * Used: the share of all slots, those of servers that are away too, in which a request was under way. Lost: share of the servers that
 * is lost in an hour; half of them close their connections, half go silent until that is noticed 15 s later, and another is there
 * after three minutes (in virtual time; over HTTP 1 s and 5 s, and at the given rate hardly any would fall into two minutes: give more).
 */

import { parseArgs } from 'node:util'
import { createEndpointPool } from '../src/sample/endpoint-pool.ts'
import { requestOf } from '../test/sample/requests.ts'
import { runVirtualFleet } from '../test/sample/virtual-fleet.ts'
import { createTestServer, type TestServer } from '../test/server/openai-server.ts'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    servers: { type: 'string' },
    slots: { type: 'string', default: '8' },
    hours: { type: 'string', default: '0.5' },
    seconds: { type: 'string', default: '120' },
    lost: { type: 'string', default: '0.02' },
  },
})
const [how] = positionals
const slots = Number(values.slots)
const lost = Number(values.lost)

if (how === 'virtual') {
  const result = await runVirtualFleet({
    servers: Number(values.servers ?? 1000),
    slots,
    meanMs: 30_000,
    lostPerHour: lost,
    silent: 0.5,
    noticedMs: 15_000,
    replacedMs: 180_000,
    settleMs: 60_000,
    measuredMs: Number(values.hours) * 3_600_000,
  })
  console.log(JSON.stringify(result))
} else if (how === 'http') {
  console.log(JSON.stringify(await overHttp(Number(values.servers ?? 100), Number(values.seconds))))
} else throw new Error('say virtual or http')

/** All servers are in this process: they answer after about two seconds and compute nothing. */
async function overHttp(count: number, seconds: number): Promise<object> {
  const start = (): Promise<TestServer> => createTestServer({ latencyMs: 2000, latencySigma: 0.5 })
  const servers = await Promise.all(Array.from({ length: count }, start))
  const pool = createEndpointPool({ endpoints: [], onExpelled: () => undefined })
  const join = (server: TestServer): void => {
    const endpoint = { baseURL: server.baseURL, apiKey: undefined, apiKeyEnv: undefined }
    pool.join({ endpoint, concurrency: slots, kind: 'fleet' })
  }
  servers.forEach(join)
  const end = new AbortController()
  let [open, next, completions, failed, lostServers, looks, used] = [0, 0, 0, 0, 0, 0, 0]
  const keys = new Set<number>()
  const fill = (): void => {
    while (open < pool.concurrency && !end.signal.aborted) {
      open++
      pool
        .sample(requestOf(next++), end.signal)
        .then(({ finishReason, issue }) => {
          keys.add(issue)
          completions++
          if (finishReason === 'failed') failed++
        })
        .catch((error: unknown) => {
          if (!end.signal.aborted) throw error
        })
        .finally(() => {
          open--
          fill()
        })
    }
  }
  fill()
  const lose = async (): Promise<void> => {
    const [server] = servers.splice(Math.floor(Math.random() * servers.length), 1)
    if (server === undefined) return
    lostServers++
    await server.close()
    setTimeout(() => {
      if (!servers.some(({ baseURL }) => baseURL === server.baseURL)) pool.lose(server.baseURL)
    }, 1000)
    setTimeout(async () => {
      const another = await start()
      // The system may give it the port of one whose loss has not been noticed yet.
      pool.lose(another.baseURL)
      if (end.signal.aborted) return await another.close()
      servers.push(another)
      join(another)
    }, 5000)
  }
  const plan = (): void => {
    const ms = (-Math.log(1 - Math.random()) * 3_600_000) / (lost * count)
    setTimeout(() => void lose().then(plan), ms).unref()
  }
  await new Promise((resolve) => setTimeout(resolve, 10_000))
  plan()
  const cpu = process.cpuUsage()
  const [before, startedAt] = [completions, performance.now()]
  while (performance.now() - startedAt < seconds * 1000) {
    await new Promise((resolve) => setTimeout(resolve, 50))
    looks++
    used += servers.reduce((sum, { stats }) => sum + Math.min(slots, stats.inFlight), 0) / (count * slots)
  }
  const { user, system } = process.cpuUsage(cpu)
  const drawn = completions - before
  end.abort(new Error('enough'))
  await pool.close()
  await Promise.all(servers.map((server) => server.close()))
  const isOnce = keys.size === completions
  return { used: used / looks, completions: drawn, lostServers, failed, isOnce, cpuMicros: (user + system) / drawn }
}
