/** The limit of one endpoint, kept by the laws of concurrency.ts from what its answers and its metrics show. */

import { type ConcurrencyLimit, climb, type EngineLoad, restart, startingLimit, steer } from './concurrency.ts'

export interface Limiter {
  limit(): number
  /** A completion came back; `inFlight` counted it still. */
  answered(inFlight: number): void
  /** A look at the engine's metrics; answers no longer decide. */
  looked(load: EngineLoad, inFlight: number): void
  /** The endpoint is back after trouble. */
  cameBack(): void
}

/** Keeps a small vLLM busy while the right number is being found. */
const AUTO_START = 64
const AUTO_CEILING = 4096

/** A window lasts at least so long, or a burst of answers would look like throughput. */
const SHORTEST_WINDOW_MS = 200

/**
 * @param concurrency `auto`, or a fixed number, which only absence lowers for a while
 * @param start where `auto` begins
 */
export function createLimiter(concurrency: number | 'auto', start: number = AUTO_START): Limiter {
  const isAuto = concurrency === 'auto'
  let state: ConcurrencyLimit = isAuto ? startingLimit(start, AUTO_CEILING) : startingLimit(concurrency, concurrency)
  let hasMetrics = false
  let window = { since: performance.now(), completions: 0, inFlight: 0 }
  // The first turnover at a new limit still shows the old one.
  let settling = false

  const change = (next: ConcurrencyLimit): void => {
    settling = next.limit !== state.limit
    state = next
    window = { since: performance.now(), completions: 0, inFlight: 0 }
  }
  const closeWindow = (seconds: number): void => {
    const { completions, inFlight } = window
    if (settling) change(state)
    else if (state.recoverTo !== undefined || (isAuto && !hasMetrics)) {
      change(climb(state, { throughput: completions / seconds, inFlight: inFlight / completions }))
    } else change(state)
  }
  return {
    limit: () => state.limit,
    answered(inFlight) {
      window.completions++
      window.inFlight += inFlight
      if (window.completions < state.limit) return
      const ms = performance.now() - window.since
      if (ms >= SHORTEST_WINDOW_MS) closeWindow(ms / 1000)
    },
    looked(load, inFlight) {
      hasMetrics = true
      if (isAuto) change(steer(state, load, inFlight))
    },
    cameBack: () => change(restart(state)),
  }
}
