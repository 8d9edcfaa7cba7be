/** A limit on requests a second, as gateways keep it. */

export interface RateLimit {
  readonly perSecond: number
  /** `window`: so many in each second of the clock. `bucket`: evenly, with room for a tenth of a second. */
  readonly form: 'window' | 'bucket'
}

/** @returns whether one more request at this moment is too many */
export function createRateLimit(limit: RateLimit | undefined): () => boolean {
  if (limit === undefined) return () => false
  return limit.form === 'window' ? windowOf(limit.perSecond) : bucketOf(limit.perSecond)
}

function windowOf(perSecond: number): () => boolean {
  let [second, used] = [-1, 0]
  return () => {
    const at = Math.floor(performance.now() / 1000)
    if (at !== second) [second, used] = [at, 0]
    return used++ >= perSecond
  }
}

function bucketOf(perSecond: number): () => boolean {
  let [tokens, at] = [0, performance.now()]
  return () => {
    const now = performance.now()
    tokens = Math.min(Math.max(1, perSecond / 10), tokens + ((now - at) / 1000) * perSecond)
    at = now
    if (tokens < 1) return true
    tokens--
    return false
  }
}
