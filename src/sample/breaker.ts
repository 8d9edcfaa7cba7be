/**
 * A circuit breaker: keeps requests away from an endpoint in trouble, and lets one through now and then to see whether it is back.
 *
 *     closed --failures in a row, or nobody there--> open --time, probe--> half-open --an answer--> closed
 *                                                      ^--------------------- failure -----'
 *
 * Time is given from outside, in milliseconds of a clock that does not jump.
 */

export type BreakerState = 'closed' | 'open' | 'half-open'

export interface Breaker {
  readonly state: () => BreakerState
  /** When an open one may be probed. */
  readonly probeAt: () => number
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
  /** Failures without a success between them that open it. */
  readonly failuresInARow: number
  /** Milliseconds it stays open at first, doubled with each try that fails; and at most. */
  readonly baseMs: number
  readonly limitMs: number
  /** Uniform in [0, 1): spreads the probes of several clients. */
  readonly chance: () => number
}

export function createBreaker({ failuresInARow, baseMs, limitMs, chance }: BreakerOptions): Breaker {
  let state: BreakerState = 'closed'
  let failures = 0
  let strikes = 0
  let until = 0
  const open = (now: number): boolean => {
    const wasClosed = state === 'closed'
    state = 'open'
    failures = 0
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
      failures = 0
      strikes = 0
      return wasTried
    },
    failed(now) {
      if (state === 'open') return false
      failures++
      return state === 'half-open' || failures >= failuresInARow ? open(now) : false
    },
    absent: (now) => (state === 'open' ? false : open(now)),
    probed() {
      state = 'half-open'
    },
    probeFailed: (now) => void open(now),
  }
}
