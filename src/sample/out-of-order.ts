/**
 * An endpoint is out of order when time has passed in which it failed at everything and answered nothing. Pure: times in
 * milliseconds of a clock that does not jump.
 */

/** What an endpoint did since its last answer. */
export interface Silence {
  /** Time of the first failure; undefined before it. */
  readonly since: number | undefined
  /** Attempts begun since then, and attempts failed. */
  readonly begun: number
  readonly failed: number
}

export const NO_SILENCE: Silence = { since: undefined, begun: 0, failed: 0 }

/** Failures that one bad moment may bring. */
const FAILURES_BY_CHANCE = 10
/** Attempts still under way, for each that failed: with more the endpoint is at work, and its answers take their time. */
const STILL_AT_WORK = 0.25

export function begunIn(silence: Silence): Silence {
  return silence.since === undefined ? silence : { ...silence, begun: silence.begun + 1 }
}

export function failedIn(silence: Silence, now: number): Silence {
  return {
    since: silence.since ?? now,
    // The one that failed first began before.
    begun: silence.since === undefined ? 1 : silence.begun,
    failed: silence.failed + 1,
  }
}

/** @param ms time without an answer that makes it so */
export function isSick({ since, begun, failed }: Silence, now: number, ms: number): boolean {
  if (since === undefined || failed < FAILURES_BY_CHANCE || now - since < ms) return false
  return begun - failed <= STILL_AT_WORK * failed
}
