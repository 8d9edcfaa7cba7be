/** Keeps an endpoint's pace: counts what it takes and refuses, window by window, and lets requests out of a token bucket. */

import { FREE, isStruck, type Pace, pace } from './pace.ts'

export interface Pacer {
  /** Whether one more request may be sent now. */
  isDue(now: number): boolean
  /** Milliseconds until then; asked while somebody waits. */
  waitMs(now: number): number
  begun(now: number): void
  answered(now: number): void
  refused(now: number): void
  readonly state: () => Pace
}

/** A window lasts so long at least, and until so much was asked in it, or so long at most. */
const WINDOW_MS = 1_000
const FEWEST_ASKED = 20
const LONGEST_WINDOW_MS = 10_000
/** Requests that may leave at once: what comes due in this time. */
const BURST_SECONDS = 0.05

/** @param limit requests that may be in flight */
export function createPacer(startedAt: number, limit: () => number): Pacer {
  let state: Pace = FREE
  const newWindow = (since: number) => ({ since, begun: 0, answered: 0, refused: 0, isBinding: false })
  let window = newWindow(startedAt)
  /** Of the last thing that happened. */
  let lastAt = startedAt
  let tokens = 0
  let filledAt = startedAt

  const roll = (now: number): void => {
    const ms = now - window.since
    if (ms < WINDOW_MS) return
    const { begun, answered, refused, isBinding } = window
    const mayBeShort = state.isShut || state.isStarting
    if (begun + refused < FEWEST_ASKED && ms < LONGEST_WINDOW_MS && !mayBeShort) return
    const isFree = state.rate === undefined
    // While everybody waits by a clock of their own nothing is shown.
    const seconds = state.isShut ? ms / 1000 : Math.max(WINDOW_MS, lastAt - window.since) / 1000
    state = pace(state, { seconds, begun, answered, refused, isBinding })
    window = newWindow(now)
    if (isFree && state.rate !== undefined) {
      tokens = 0
      filledAt = now
    }
  }
  const fill = (now: number, rate: number): void => {
    tokens = Math.min(Math.max(1, rate * BURST_SECONDS), tokens + ((now - filledAt) / 1000) * rate)
    filledAt = now
  }
  const isDue = (now: number): boolean => {
    roll(now)
    if (state.rate === undefined) return !isStruck(window, limit())
    fill(now, state.rate)
    return tokens >= 1
  }
  return {
    isDue,
    waitMs(now) {
      if (isDue(now)) return 0
      if (state.rate === undefined) return Math.max(1, window.since + WINDOW_MS - now)
      window.isBinding = true
      return (1000 * (1 - tokens)) / state.rate
    },
    begun(now) {
      roll(now)
      lastAt = now
      window.begun++
      if (state.rate === undefined) return
      fill(now, state.rate)
      tokens--
    },
    answered(now) {
      lastAt = now
      window.answered++
      // A shut endpoint that answers is open at once.
      if (state.isShut) window.since = Math.min(window.since, now - WINDOW_MS)
      roll(now)
    },
    refused(now) {
      lastAt = now
      window.refused++
      roll(now)
    },
    state: () => state,
  }
}
