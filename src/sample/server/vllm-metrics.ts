/** vLLM's /metrics, as far as the controller of concurrency needs them. Names are matched whole: some are prefixes of others. */

export interface VllmMetrics {
  /** Behind the one address: data parallelism gives each series an `engine` label. */
  readonly engines: number
  readonly running: number
  readonly waiting: number
  /** 0 to 1: of the fullest engine. */
  readonly kvCacheUse: number
  /** Since the engines started. */
  readonly preemptions: number
}

const KV_CACHE = ['vllm:kv_cache_usage_perc', 'vllm:gpu_cache_usage_perc'] as const
const PREEMPTIONS = ['vllm:num_preemptions_total', 'vllm:num_preemptions'] as const

/**
 * Sums over the engines behind an endpoint.
 * @param text Prometheus' text format
 * @returns undefined where these are not vLLM's
 */
export function readVllmMetrics(text: string): VllmMetrics | undefined {
  const series = readSeries(text)
  const sum = (...names: readonly string[]): number =>
    (names.map((name) => series.get(name)).find((values) => values !== undefined) ?? []).reduce((a, b) => a + b, 0)
  const running = series.get('vllm:num_requests_running')
  if (running === undefined) return undefined
  const uses = KV_CACHE.flatMap((name) => series.get(name) ?? [])
  return {
    engines: running.length,
    running: sum('vllm:num_requests_running'),
    waiting: sum('vllm:num_requests_waiting'),
    kvCacheUse: uses.reduce((most, use) => Math.max(most, use), 0),
    preemptions: sum(...PREEMPTIONS),
  }
}

/** Values by exact name, whatever the labels. */
function readSeries(text: string): Map<string, number[]> {
  const series = new Map<string, number[]>()
  for (const line of text.split('\n')) {
    const found = /^([a-zA-Z_:][\w:]*)(?:\{.*\})?\s+(\S+)/.exec(line)
    const [, name, value] = found ?? []
    if (name === undefined || !Number.isFinite(Number(value))) continue
    const values = series.get(name)
    if (values) values.push(Number(value))
    else series.set(name, [Number(value)])
  }
  return series
}
