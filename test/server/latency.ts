/** How long the test server takes for an answer. */

export interface LatencyOptions {
  /** Median milliseconds until the answer, and the spread of its logarithm (0: fixed). */
  readonly latencyMs?: number
  readonly latencySigma?: number
  /** Milliseconds more for each generated token. */
  readonly msPerToken?: number
  /** Requests served per second, one after the other. Default: as they come. */
  readonly serviceRate?: number
}

/** @returns the milliseconds that an answer of so many tokens takes from now on */
export function createLatency(options: LatencyOptions): (chance: () => number, tokens: number) => number {
  const { latencyMs = 0, latencySigma = 0, msPerToken = 0, serviceRate } = options
  let nextFreeAt = 0
  return (chance, tokens) => {
    const spread = latencySigma * Math.sqrt(-2 * Math.log(1 - chance())) * Math.cos(2 * Math.PI * chance())
    const latency = latencyMs * Math.exp(spread) + msPerToken * tokens
    if (serviceRate === undefined) return latency
    const now = performance.now()
    nextFreeAt = Math.max(now, nextFreeAt) + 1000 / serviceRate
    return latency + nextFreeAt - now
  }
}

export function delay(ms: number): Promise<void> | undefined {
  return ms > 0 ? new Promise((resolve) => setTimeout(resolve, ms)) : undefined
}
