/** How fast a phase goes, and so how long it still takes: nothing is said before there is something to tell it by. */

/** A reading of counters that only grow; `elapsedMs` is the phase's own clock. */
export interface Reading {
  readonly elapsedMs: number
  /** What is counted: completions, or optimizer steps. */
  readonly done: number
  readonly tokens: number
}

export interface Rates {
  /** Per second; undefined until there is a rate. */
  readonly done: number | undefined
  readonly tokens: number | undefined
}

/** Speed of the last half minute: old speed says little after a server has warmed up or slowed down. */
const WINDOW_MS = 30_000
/** Shorter stretches are bursts. */
const LEAST_MS = 1000

export interface RateMeter {
  add(reading: Reading): void
  rates(): Rates
}

/** The first reading is the zero: what earlier processes have done is not this one's speed. */
export function createRateMeter(): RateMeter {
  let readings: Reading[] = []
  return {
    add(reading) {
      const from = reading.elapsedMs - WINDOW_MS
      // One reading older than the window stays, so that the window is full.
      const firstInside = readings.findIndex((it) => it.elapsedMs > from)
      if (firstInside > 1) readings = readings.slice(firstInside - 1)
      readings.push(reading)
    },
    rates() {
      const first = readings[0]
      const last = readings.at(-1)
      if (!first || !last || !(last.elapsedMs - first.elapsedMs >= LEAST_MS))
        return { done: undefined, tokens: undefined }
      const seconds = (last.elapsedMs - first.elapsedMs) / 1000
      return {
        done: positive((last.done - first.done) / seconds),
        tokens: positive((last.tokens - first.tokens) / seconds),
      }
    },
  }
}

/** Seconds until `left` more are done; undefined without a rate. */
export function secondsLeft(left: number, perSecond: number | undefined): number | undefined {
  if (perSecond === undefined || !Number.isFinite(left)) return undefined
  return Math.max(0, left) / perSecond
}

function positive(value: number): number | undefined {
  return Number.isFinite(value) && value > 0 ? value : undefined
}

/** An iteration that was watched from its beginning to its end. */
export interface Finished {
  /** n_t. */
  readonly target: number
  readonly seconds: number
}

/**
 * Seconds that iterations with these targets will take, by a straight line (fixed + per trace) through the finished ones;
 * their mean where all had the same target. undefined before two are finished: one cannot tell fixed time from growing time.
 */
export function estimateSeconds(finished: readonly Finished[], targets: readonly number[]): number | undefined {
  if (finished.length < 2) return undefined
  const n = finished.length
  const meanTarget = finished.reduce((sum, it) => sum + it.target, 0) / n
  const meanSeconds = finished.reduce((sum, it) => sum + it.seconds, 0) / n
  const spread = finished.reduce((sum, it) => sum + (it.target - meanTarget) ** 2, 0)
  const together = finished.reduce((sum, it) => sum + (it.target - meanTarget) * (it.seconds - meanSeconds), 0)
  const slope = spread > 0 ? Math.max(0, together / spread) : 0
  return targets.reduce((sum, target) => sum + Math.max(0, meanSeconds + slope * (target - meanTarget)), 0)
}
