/** A pool over many servers that are functions, in virtual time: they are lost and replaced while it draws. */

import type { Completion } from '../../src/core/completion.ts'
import { createRandom } from '../../src/core/seed.ts'
import { createEndpointPool } from '../../src/sample/endpoint-pool.ts'
import type { Send } from '../../src/sample/protocol/attempt.ts'
import { BrokenExchange } from '../../src/sample/protocol/http.ts'
import { requestOf } from './requests.ts'
import { installVirtualClock } from './virtual-clock.ts'

export interface VirtualFleetOptions {
  readonly servers: number
  /** Requests that each works on at once. */
  readonly slots: number
  /** Mean of an answer's time, which is anything between none and twice as much. */
  readonly meanMs: number
  /** Share of the servers that is lost in an hour. */
  readonly lostPerHour: number
  /** Of the losses, how many are machines that go silent; the others close their connections. */
  readonly silent: number
  /** Until it is noticed that a server is gone, and until another is there in its place. */
  readonly noticedMs: number
  readonly replacedMs: number
  /** Time before the measurement, and of it. */
  readonly settleMs: number
  readonly measuredMs: number
  readonly concurrency?: 'auto'
  readonly onCompletion?: (completion: Completion) => void
}

export interface VirtualFleetResult {
  /** Share of all slots, those of servers that are away too, in which a request was under way at a server that is there. */
  readonly used: number
  readonly completions: number
  readonly lostServers: number
  /** Requests that were given up for good. */
  readonly failed: number
  /** Requests that were under way at a server when it was lost. */
  readonly taken: number
  /** Processor time of this process for a completion, in microseconds, that of the simulation included. */
  readonly cpuMicros: number
}

interface VirtualServer {
  readonly baseURL: string
  isThere: boolean
  inFlight: number
  /** Breaks every connection. */
  end(): void
}

const broken = (code: string): Error => new BrokenExchange(Object.assign(new Error(code), { code }))
const lostConnection = (): Error => broken('UND_ERR_SOCKET')
const nobody = (): Error => broken('ECONNREFUSED')

export async function runVirtualFleet(options: VirtualFleetOptions): Promise<VirtualFleetResult> {
  const { servers: count, slots, meanMs, lostPerHour, silent, onCompletion = () => undefined } = options
  const clock = installVirtualClock()
  const random = createRandom(11)
  const ownRandom = Math.random
  Math.random = createRandom(12)
  const fleet: VirtualServer[] = []
  let [made, completions, failed, taken, lostServers, usedMs, lastAt, working] = [0, 0, 0, 0, 0, 0, 0, 0]
  let isMeasured = false
  let mistake: unknown
  const tick = (): void => {
    usedMs += isMeasured ? working * (clock.now() - lastAt) : 0
    lastAt = clock.now()
  }

  function start(): { server: VirtualServer; send: Send } {
    const breaks = new Set<() => void>()
    const server: VirtualServer = {
      baseURL: `http://127.0.0.1:1/server-${made++}/v1`,
      isThere: true,
      inFlight: 0,
      end() {
        for (const breakOff of breaks) breakOff()
      },
    }
    const work = (by: 1 | -1): void => {
      tick()
      working += by
      server.inFlight += by
    }
    const send: Send = (asked, _, signal) =>
      new Promise((resolve, reject) => {
        if (!server.isThere) return reject(nobody())
        work(1)
        const seed = Number(JSON.parse(asked.body).seed)
        const leave = (): void => {
          clearTimeout(timer)
          breaks.delete(breakOff)
          signal.removeEventListener('abort', onAbort)
          if (server.isThere) work(-1)
        }
        const breakOff = (): void => {
          leave()
          reject(lostConnection())
        }
        const onAbort = (): void => {
          leave()
          reject(signal.reason)
        }
        // What is drawn depends on the seed alone, and so does the time that it takes.
        const draw = createRandom(seed)
        const timer = setTimeout(
          () => {
            // A machine that has gone silent never answers.
            if (!server.isThere) return
            leave()
            resolve(answerOf(draw()))
          },
          meanMs * 2 * draw(),
        )
        breaks.add(breakOff)
        signal.addEventListener('abort', onAbort)
      })
    fleet.push(server)
    return { server, send }
  }

  const pool = createEndpointPool({ endpoints: [], onExpelled: () => undefined, attempts: 6 })
  const join = (): void => {
    const { server, send } = start()
    const endpoint = { baseURL: server.baseURL, apiKey: undefined, apiKeyEnv: undefined }
    pool.join({ endpoint, send, kind: 'fleet', concurrency: options.concurrency ?? slots })
  }
  const lose = (): void => {
    const server = fleet[Math.floor(random() * fleet.length)]
    if (server === undefined) return
    fleet.splice(fleet.indexOf(server), 1)
    lostServers++
    taken += server.inFlight
    tick()
    working -= server.inFlight
    server.isThere = false
    if (random() >= silent) server.end()
    setTimeout(() => pool.lose(server.baseURL), options.noticedMs)
    setTimeout(join, options.replacedMs)
  }
  for (let i = 0; i < count; i++) join()

  const end = new AbortController()
  let [open, next] = [0, 0]
  const fill = (): void => {
    while (open < pool.concurrency && !end.signal.aborted) {
      open++
      pool
        .sample(requestOf(next++), end.signal)
        .then((completion) => {
          if (completion.finishReason === 'failed') failed++
          completions++
          onCompletion(completion)
        })
        .catch((error: unknown) => {
          if (!end.signal.aborted) mistake ??= error
          end.abort()
        })
        .finally(() => {
          open--
          fill()
        })
    }
  }
  const lossEveryMs = lostPerHour > 0 ? 3_600_000 / (lostPerHour * count) : Number.POSITIVE_INFINITY
  const plan = (): void => {
    if (lossEveryMs === Number.POSITIVE_INFINITY) return
    // Losses come as they come: a Poisson process.
    setTimeout(
      () => {
        lose()
        plan()
      },
      -Math.log(1 - random()) * lossEveryMs,
    )
  }
  try {
    fill()
    const filler = setInterval(fill, 500)
    plan()
    await clock.advance(options.settleMs)
    tick()
    isMeasured = true
    const [before, cpu] = [completions, process.cpuUsage()]
    await clock.advance(options.measuredMs)
    tick()
    isMeasured = false
    const { user, system } = process.cpuUsage(cpu)
    clearInterval(filler)
    end.abort(new Error('enough'))
    await pool.close()
    if (mistake !== undefined) throw mistake
    return {
      used: usedMs / (options.measuredMs * count * slots),
      completions: completions - before,
      lostServers,
      failed,
      taken,
      cpuMicros: (user + system) / Math.max(1, completions - before),
    }
  } finally {
    Math.random = ownRandom
    clock.restore()
  }
}

function answerOf(chance: number): string {
  const choice = { message: { content: chance < 0.5 ? 'right' : 'wrong' }, finish_reason: 'stop' }
  return JSON.stringify({ model: 'm', choices: [choice] })
}
