/**
 * How many requests an endpoint is given at once, as a law from what was seen to the next limit.
 *
 * Two laws: `climb` where only answers are seen (hill climbing on throughput: a batching server's latency rises long before its
 * throughput stops to, so latency alone would leave it half empty), and `steer` where the engine tells its load (after prime-rl's
 * controller for vLLM). Both share `recover`, for what follows trouble; refusals are the pace's (pace.ts).
 */

export interface ConcurrencyLimit {
  /** Requests that may be in flight. */
  readonly limit: number
  /** Never more. */
  readonly ceiling: number
  /** Factor of the next step up. */
  readonly step: number
  /** Windows to stay before the next step up is tried. */
  readonly hold: number
  /** Where the last step up came from, until it has been judged. */
  readonly before: { readonly limit: number; readonly throughput: number } | undefined
  /** After trouble: the limit to come back to, doubling. */
  readonly recoverTo: number | undefined
}

/** What answers showed over one window, which is about one turnover of what was in flight. */
export interface TurnoverWindow {
  /** Completions a second. */
  readonly throughput: number
  /** Mean number in flight. */
  readonly inFlight: number
}

/** What the engines behind an endpoint say, summed over them. */
export interface EngineLoad {
  readonly running: number
  readonly waiting: number
  /** Share of the cache in use, 0 to 1: of the fullest engine. */
  readonly kvCacheUse: number
  /** Requests thrown out of the cache since the last look. */
  readonly newPreemptions: number
  /** Looks in a row that found the queue longer than half of what runs. */
  readonly queuedFor: number
}

const FIRST_STEP = 2
const LATER_STEP = 1.25
/** A step up by the factor g stays when it brings this share of g - 1 more throughput. */
const WORTHWHILE = 0.3
/** Turnovers between tries, once a step has brought nothing. */
const HOLD = 10
/** Below this share of the limit in flight, the limit is not what holds the throughput down. */
const BINDING = 0.8

export function startingLimit(limit: number, ceiling: number): ConcurrencyLimit {
  const start = Math.max(1, Math.min(limit, ceiling))
  return { limit: start, ceiling, step: FIRST_STEP, hold: 0, before: undefined, recoverTo: undefined }
}

/** Hill climbing: doubles while throughput follows, then tries a quarter more now and then. */
export function climb(state: ConcurrencyLimit, seen: TurnoverWindow): ConcurrencyLimit {
  if (state.recoverTo !== undefined) return recover(state)
  if (seen.inFlight < BINDING * state.limit) return { ...state, before: undefined }
  if (state.before !== undefined) {
    const growth = state.limit / state.before.limit
    const gain = seen.throughput / state.before.throughput
    if (gain < 1 + WORTHWHILE * (growth - 1)) {
      return { ...state, limit: state.before.limit, before: undefined, step: LATER_STEP, hold: HOLD }
    }
  } else if (state.hold > 0) {
    return { ...state, hold: state.hold - 1 }
  }
  const limit = grown(state, state.step)
  if (limit === state.limit) return { ...state, before: undefined, hold: HOLD }
  return { ...state, limit, before: { limit: state.limit, throughput: seen.throughput } }
}

/**
 * By the engine's own word: a quarter more while the limit binds, the cache is under 60% full and nothing queues; less above 80%,
 * much less above 90%, on preemptions, and when the queue has been longer than half of what runs for six looks.
 */
export function steer(state: ConcurrencyLimit, load: EngineLoad, inFlight: number): ConcurrencyLimit {
  if (state.recoverTo !== undefined) return recover(state)
  if (load.kvCacheUse > 0.9 || load.newPreemptions > 0) return shrunk(state, 0.75)
  if (load.kvCacheUse > 0.8 || load.queuedFor >= 6) return shrunk(state, 0.9)
  const isBinding = inFlight >= BINDING * state.limit
  if (isBinding && load.kvCacheUse < 0.6 && load.waiting === 0) return { ...state, limit: grown(state, LATER_STEP) }
  return state
}

/** The endpoint was away: an eighth of what it had, doubled with every turnover. */
export function restart(state: ConcurrencyLimit): ConcurrencyLimit {
  const recoverTo = state.recoverTo ?? state.limit
  return { ...state, limit: Math.max(1, Math.ceil(recoverTo / 8)), recoverTo, before: undefined }
}

function recover(state: ConcurrencyLimit): ConcurrencyLimit {
  const goal = state.recoverTo ?? state.limit
  const limit = Math.min(goal, state.limit * 2)
  return { ...state, limit, recoverTo: limit < goal ? goal : undefined }
}

function grown({ limit, ceiling }: ConcurrencyLimit, factor: number): number {
  return Math.min(ceiling, Math.max(limit + 1, Math.round(limit * factor)))
}

function shrunk(state: ConcurrencyLimit, factor: number): ConcurrencyLimit {
  const limit = Math.max(1, Math.floor(state.limit * factor))
  return { ...state, limit, step: LATER_STEP, hold: HOLD, before: undefined }
}
