/** Tells one bad request from a bad server: what all requests to an endpoint have met lately. */

export interface ServerWatch {
  /** The server answered, whatever it said: somebody is there. */
  answered(): void
  /** A completion came back. */
  succeeded(): void
  /** Nobody was there. @returns milliseconds of patience left; 0 where it has ended */
  unreachable(): number
  /** Milliseconds of patience in all, as things stand. */
  patienceMs(): number
  /** A key has used up its attempts or was turned down. @returns true where this has happened to so many in a row that it is the server */
  keyFailed(): boolean
}

/**
 * Knocks that find nobody are never further apart while the server is gone; longer apart, they are two different absences.
 * A knock lasts up to 10 s (undici's limit for connecting), and the wait before the next one 2 s.
 */
const SAME_ABSENCE_MS = 20_000

export interface WatchLimits {
  /** Milliseconds that a server which has answered before may be unreachable without a break, as while it restarts. */
  readonly patienceMs: number
  /** The same for one that has never answered: a wrong address is to be told at once, not after the time of a restart. */
  readonly firstContactMs: number
  /** Keys that may fail one after the other before the server is at fault. */
  readonly failuresInARow: number
}

export function createServerWatch({ patienceMs, firstContactMs, failuresInARow }: WatchLimits): ServerWatch {
  let isKnown = false
  let unreachableSince: number | undefined
  let lastKnock = 0
  let failed = 0
  const patience = (): number => (isKnown ? patienceMs : firstContactMs)
  return {
    answered() {
      isKnown = true
      unreachableSince = undefined
    },
    succeeded() {
      isKnown = true
      unreachableSince = undefined
      failed = 0
    },
    unreachable() {
      const now = performance.now()
      if (unreachableSince === undefined || now - lastKnock > SAME_ABSENCE_MS) unreachableSince = now
      lastKnock = now
      return Math.max(0, patience() - (now - unreachableSince))
    },
    patienceMs: patience,
    keyFailed() {
      failed++
      return failed >= failuresInARow
    },
  }
}
