/**
 * How often and after how long a request that failed is sent again. Pure: chance comes from outside.
 *
 * It waits by its own clock (`waitMs`), and meanwhile its place is another's (`placesGivenBack`).
 */

import type { Reaction } from './classify-failure.ts'

/** Upper bound of the first wait in milliseconds. */
export const BACKOFF_MS = 500

/** Refusals of an endpoint that has too much to do, of which that many count as one try. */
const OVERLOADS_AN_ATTEMPT = 4

/** What a failure costs of a request's tries. */
export function triesSpent(reaction: Reaction): number {
  return reaction === 'overloaded' ? 1 / OVERLOADS_AN_ATTEMPT : 1
}

/** A wait between attempts is never longer, unless the server asks for it: a request that can never succeed costs seconds. */
const LONGEST_WAIT_MS = 2_000

/**
 * Milliseconds until a request may be sent again, after so many failures (from 1).
 *
 * Exponential with full jitter (Brooker, "Exponential Backoff and Jitter", AWS 2015). Where the server names a time, that time and
 * the jitter of a first failure on top, so that those sent away together do not come back together.
 *
 * @param baseMs upper bound of the first wait
 * @param chance uniform in [0, 1)
 */
export function waitMs(failures: number, retryAfterMs: number | undefined, baseMs: number, chance: number): number {
  if (retryAfterMs !== undefined) return retryAfterMs + chance * baseMs
  return chance * Math.min(Math.max(LONGEST_WAIT_MS, baseMs), baseMs * 2 ** (failures - 1))
}

/** Waiting requests may add so many times the limit to what is under way; more would be work piled up in front of a broken server. */
const WAITING_FOR_EACH = 4

/** Places that waiting requests leave to others. */
export function placesGivenBack(waiting: number, limit: number): number {
  return Math.min(waiting, WAITING_FOR_EACH * limit)
}
