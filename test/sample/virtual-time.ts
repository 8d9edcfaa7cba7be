/** A pool in front of a server that is a function, in virtual time: minutes of faults in a second, and every figure the same each time. */

import { onTestFinished, vi } from 'vitest'
import { createRandom } from '../../src/core/seed.ts'
import { createEndpointPool } from '../../src/sample/endpoint-pool.ts'
import type { Send } from '../../src/sample/protocol/attempt.ts'
import { BrokenExchange, HttpFailure } from '../../src/sample/protocol/http.ts'
import { requestOf } from './requests.ts'

/** What the server does with a request, by its number and the time in milliseconds; undefined: it is answered. */
export type Fault = (chance: () => number, now: number) => Error | undefined

export interface VirtualLoad {
  readonly inFlight: number
  readonly latencyMs: number
  /** Seconds before the measurement, and of it. */
  readonly settle: number
  readonly seconds: number
  readonly fault: Fault
}

export interface Goodput {
  /** Answers a second. */
  readonly answered: number
  /** Share of attempts that were refused or failed. */
  readonly failed: number
  /** Requests given up for good, in all. */
  readonly lost: number
}

export const refusal = (status: number, seconds?: number): HttpFailure =>
  new HttpFailure(status, 'no', seconds === undefined ? undefined : seconds * 1000)

export const reset = (): BrokenExchange =>
  new BrokenExchange(Object.assign(new Error('other side closed'), { code: 'UND_ERR_SOCKET' }))

/** Timers and chance of this test's own, until it ends. */
export function enterVirtualTime(): void {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'performance', 'Date'] })
  onTestFinished(() => void vi.useRealTimers())
  vi.spyOn(Math, 'random').mockImplementation(createRandom(8))
  onTestFinished(() => void vi.restoreAllMocks())
}

/**
 * A server that is a function: a refusal comes back at once, an answer takes its time.
 * @param onEnd told of each attempt whether it was answered
 */
export function virtualSend(fault: Fault, latencyMs: number, onEnd: (isAnswered: boolean) => void): Send {
  const random = createRandom(7)
  return async (_, __, signal) => {
    const error = fault(random, performance.now())
    const ms = error === undefined ? latencyMs * (0.5 + random()) : 5
    await new Promise<void>((resolve, reject) => {
      const timer = setTimeout(resolve, ms)
      signal.addEventListener('abort', () => {
        clearTimeout(timer)
        reject(signal.reason)
      })
    })
    onEnd(error === undefined)
    if (error !== undefined) throw error
    return ANSWER
  }
}

/** Keeps as many requests in flight as the pool wants. */
export async function goodputOf({ inFlight, latencyMs, settle, seconds, fault }: VirtualLoad): Promise<Goodput> {
  enterVirtualTime()
  let [answered, failed, lost, isMeasured] = [0, 0, 0, false]
  const send = virtualSend(fault, latencyMs, (isAnswered) => {
    if (isMeasured) isAnswered ? answered++ : failed++
  })
  const endpoint = { baseURL: 'http://virtual.invalid/v1', apiKey: undefined, apiKeyEnv: undefined }
  const pool = createEndpointPool({ endpoints: [{ endpoint, send, concurrency: inFlight }], attempts: 8 })
  const end = new AbortController()
  let [open, next] = [0, 0]
  const fill = (): void => {
    while (open < pool.concurrency && !end.signal.aborted) {
      open++
      pool
        .sample(requestOf(next++), end.signal)
        .then(({ finishReason }) => {
          if (finishReason === 'failed') lost++
        })
        .catch(() => undefined)
        .finally(() => {
          open--
          fill()
        })
    }
  }
  fill()
  const filler = setInterval(fill, 100)
  await vi.advanceTimersByTimeAsync(settle * 1000)
  isMeasured = true
  await vi.advanceTimersByTimeAsync(seconds * 1000)
  isMeasured = false
  clearInterval(filler)
  end.abort(new Error('enough'))
  await pool.close()
  return { answered: answered / seconds, failed: failed / (answered + failed), lost }
}

const ANSWER = JSON.stringify({ model: 'm', choices: [{ message: { content: 'x' }, finish_reason: 'stop' }] })

/** A limit of so many requests in each span of time, as gateways count them: the rest is told to wait for the next span. */
export function limitOf(count: number, spanSeconds: number, form: 'next' | number | undefined): Fault {
  let [span, used] = [-1, 0]
  return (_, now) => {
    const at = Math.floor(now / 1000 / spanSeconds)
    if (at !== span) [span, used] = [at, 0]
    if (used++ < count) return undefined
    return refusal(429, form === 'next' ? (at + 1) * spanSeconds - now / 1000 : form)
  }
}

/** A token bucket with room for a tenth of a second. */
export function bucketOf(perSecond: number, retryAfter: number | undefined): Fault {
  let [tokens, at] = [0, 0]
  return (_, now) => {
    tokens = Math.min(Math.max(1, perSecond / 10), tokens + ((now - at) / 1000) * perSecond)
    at = now
    if (tokens < 1) return refusal(429, retryAfter)
    tokens--
    return undefined
  }
}
