/**
 * A budget on retries, after gRPC's retry throttling: two for each answer, so that they are held back only where the rate of
 * answers has fallen. Nothing is given up for want of budget, it only waits: a lost index would bend what is accepted.
 */

export interface RetryBudget {
  /** A request has succeeded: two retries are earned. */
  earn(): void
  /** Takes one retry. @returns milliseconds until it may be sent */
  take(now: number): number
}

/** Retries that may come at once, as when a server dies with all that is in flight. */
const CAPACITY = 512
const EARNED = 2
/** Retries a second that are always there. */
const PER_SECOND = 20

export function createRetryBudget(): RetryBudget {
  let left = CAPACITY
  let at = Number.NEGATIVE_INFINITY
  return {
    earn() {
      left = Math.min(CAPACITY, left + EARNED)
    },
    take(now) {
      if (at > Number.NEGATIVE_INFINITY) left = Math.min(CAPACITY, left + ((now - at) / 1000) * PER_SECOND)
      at = now
      left--
      return left >= 0 ? 0 : (-left / PER_SECOND) * 1000
    },
  }
}
