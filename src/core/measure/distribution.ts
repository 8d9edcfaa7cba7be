/** How values lie: ends, middle, and a coarse histogram. */

export interface Distribution {
  readonly least: number
  readonly median: number
  readonly p95: number
  readonly most: number
  /** Ten equal ranges from least to most, both ends included. */
  readonly histogram: readonly { readonly from: number; readonly to: number; readonly count: number }[]
}

const BINS = 10

/** Of whole numbers; all zeros where there is none. */
export function distributionOf(values: ArrayLike<number>): Distribution {
  const sorted = Float64Array.from(values).sort()
  const at = (share: number): number => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0
  const [least, most] = [sorted[0] ?? 0, sorted.at(-1) ?? 0]
  const width = Math.max(1, Math.ceil((most - least + 1) / BINS))
  const counts = Array.from({ length: Math.ceil((most - least + 1) / width) }, () => 0)
  for (const value of sorted) {
    const bin = Math.floor((value - least) / width)
    counts[bin] = (counts[bin] ?? 0) + 1
  }
  const histogram = counts.map((count, bin) => {
    const from = least + bin * width
    return { from, to: from + width - 1, count }
  })
  return { least, median: at(0.5), p95: at(0.95), most, histogram }
}
