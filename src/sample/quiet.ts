/**
 * Endpoints from which nothing comes: what to say of them while the run waits, and when waiting is over. Pure; times in milliseconds
 * of a clock that does not jump.
 *
 * - `stalled`: requests are under way, and none has ended. A long answer looks the same, so the first word comes after minutes, and
 *   never before four times what an answer has taken so far.
 * - `refusing`: every request is refused (429, 503), and none has been answered since.
 */

export interface Quiet {
  readonly kind: 'stalled' | 'refusing'
  readonly forMs: number
}

/** What is known of an endpoint. */
export interface Signs {
  /** When requests were last begun with none under way, or one ended, whichever is later. */
  readonly lastSignAt: number
  readonly inFlight: number
  /** Since when it has only refused; undefined while it does not. */
  readonly refusingSince: number | undefined
  /** Mean milliseconds of its answers lately. */
  readonly latencyMs: number | undefined
}

const FIRST_WORD_MS = 180_000
const TIMES_AN_ANSWER = 4
const MINUTE_MS = 60_000

/** @returns undefined while there is nothing to say */
export function quietOf(signs: Signs, now: number): Quiet | undefined {
  const { refusingSince, lastSignAt, inFlight, latencyMs = 0 } = signs
  if (refusingSince !== undefined && now - refusingSince >= FIRST_WORD_MS)
    return { kind: 'refusing', forMs: now - refusingSince }
  const patience = Math.max(FIRST_WORD_MS, TIMES_AN_ANSWER * latencyMs)
  if (inFlight === 0 || now - lastSignAt < patience) return undefined
  return { kind: 'stalled', forMs: now - lastSignAt }
}

/** When the next word is due, after one: twice as late each time. */
export function nextWordMs(forMs: number): number {
  return 2 * forMs
}

/** Whether all have refused everybody for so long that the run ends. @param refusingSince of each endpoint that is left */
export function isRefusedByAll(refusingSince: readonly (number | undefined)[], now: number, limitMs: number): boolean {
  return refusingSince.length > 0 && refusingSince.every((since) => since !== undefined && now - since >= limitMs)
}

/** In the unit that people would use. */
export function duration(ms: number): string {
  const minutes = Math.round(ms / MINUTE_MS)
  if (minutes < 1) return `${Math.round(ms / 1000)} s`
  return minutes < 120 ? `${minutes} min` : `${(minutes / 60).toFixed(1)} hours`
}
