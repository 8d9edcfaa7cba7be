/**
 * A circuit breaker: keeps requests away from an endpoint in trouble, and lets one through now and then to see whether it is back.
 *
 *     closed --time without an answer, or nobody there--> open --time, probe--> half-open --an answer--> closed
 *                                                           ^--------------------- failure -----'
 *
 * Time is given from outside, in milliseconds of a clock that does not jump.
 */

import { begunIn, failedIn, isSick, NO_SILENCE } from './out-of-order.ts'

export type BreakerState = 'closed' | 'open' | 'half-open'

export interface Breaker {
  readonly state: () => BreakerState
  /** When an open one may be probed. */
  readonly probeAt: () => number
  /** An attempt goes out. */
  begun(): void
  /** A completion came back. @returns whether this closed it */
  succeeded(): boolean
  /** The endpoint failed at its work. @returns whether this opened it */
  failed(now: number): boolean
  /** Nobody was there. @returns whether this opened it */
  absent(now: number): boolean
  /** The probe found somebody: one request may try. */
  probed(): void
  /** The probe failed: longer until the next. */
  probeFailed(now: number): void
}

export interface BreakerOptions {
  /** Milliseconds of failures without an answer that open it. */
  readonly silenceMs: number
  /** Milliseconds it stays open at first, doubled with each try that fails; and at most. */
  readonly baseMs: number
  readonly limitMs: number
  /** Uniform in [0, 1): spreads the probes of several clients. */
  readonly chance: () => number
}

export function createBreaker({ silenceMs, baseMs, limitMs, chance }: BreakerOptions): Breaker {
  let state: BreakerState = 'closed'
  let silence = NO_SILENCE
  let strikes = 0
  let until = 0
  const open = (now: number): boolean => {
    const wasClosed = state === 'closed'
    state = 'open'
    silence = NO_SILENCE
    until = now + Math.min(limitMs, baseMs * 2 ** strikes) * (0.5 + chance() / 2)
    strikes++
    return wasClosed
  }
  return {
    state: () => state,
    probeAt: () => until,
    succeeded() {
      const wasTried = state !== 'closed'
      // What was under way before the trouble proves nothing about the time after it.
      if (state === 'open') return false
      state = 'closed'
      silence = NO_SILENCE
      strikes = 0
      return wasTried
    },
    begun() {
      silence = begunIn(silence)
    },
    failed(now) {
      if (state === 'open') return false
      silence = failedIn(silence, now)
      return state === 'half-open' || isSick(silence, now, silenceMs) ? open(now) : false
    },
    absent: (now) => (state === 'open' ? false : open(now)),
    probed() {
      state = 'half-open'
    },
    probeFailed: (now) => void open(now),
  }
}
