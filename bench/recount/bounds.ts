/** Bounds of accuracies and differences by another way than the program's: densities summed up, roots found by halving. */

/** Where a function that is positive at `low` and negative at `high` is 0. */
export function zero(of: (x: number) => number, low: number, high: number): number {
  let [from, to] = [low, high]
  for (let halving = 0; halving < 60; halving++) {
    const middle = (from + to) / 2
    if (of(middle) > 0) from = middle
    else to = middle
  }
  return (from + to) / 2
}

/** Student's density without its constant, at t = sqrt(degrees) tan(angle): cos(angle)^(degrees - 1). Summed by Simpson's rule. */
function angleShare(from: number, to: number, degrees: number): number {
  const pieces = 4000
  const width = (to - from) / pieces
  let sum = 0
  for (let i = 0; i <= pieces; i++) {
    const weight = i === 0 || i === pieces ? 1 : i % 2 === 1 ? 4 : 2
    sum += weight * Math.cos(from + i * width) ** (degrees - 1)
  }
  return (sum * width) / 3
}

const reaches = new Map<string, number>()

/** Two-sided quantile: so much of the distribution lies within it on either side. Worked out once for each pair of arguments. */
export function studentReach(within: number, degrees: number): number {
  const key = `${within}/${degrees}`
  const reach = reaches.get(key) ?? reachOf(within, degrees)
  reaches.set(key, reach)
  return reach
}

function reachOf(within: number, degrees: number): number {
  if (degrees === Number.POSITIVE_INFINITY) return normalReach(within)
  const whole = angleShare(0, Math.PI / 2, degrees)
  const angle = zero((x) => within * whole - angleShare(0, x, degrees), 0, Math.PI / 2)
  return Math.sqrt(degrees) * Math.tan(angle)
}

function normalReach(within: number): number {
  const share = (z: number): number => {
    const pieces = 2000
    let sum = 0
    for (let i = 0; i <= pieces; i++) {
      const weight = i === 0 || i === pieces ? 1 : i % 2 === 1 ? 4 : 2
      sum += weight * Math.exp(-(((i * z) / pieces) ** 2) / 2)
    }
    return ((sum * z) / pieces / 3) * Math.sqrt(2 / Math.PI)
  }
  return zero((z) => within - share(z), 0, 10)
}

/** The two solutions of (p - x)^2 = z^2 x (1 - x) / n (Wilson 1927). */
export function scoreBounds(p: number, n: number, z: number): { low: number; high: number } {
  const excess = (x: number): number => (p - x) ** 2 - (z * z * x * (1 - x)) / n
  return { low: p === 0 ? 0 : zero(excess, 0, p), high: p === 1 ? 1 : zero((x) => -excess(x), p, 1) }
}

/** Of an accuracy from the shares of its problems. */
export function accuracyBounds(shares: readonly number[], samples: number): { low: number; high: number } {
  const n = shares.length
  const p = shares.reduce((a, b) => a + b, 0) / n
  if (samples === 1 || n < 2) return scoreBounds(p, n, studentReach(0.95, Number.POSITIVE_INFINITY))
  if (p === 0 || p === 1) return scoreBounds(p, n, studentReach(0.95, Number.POSITIVE_INFINITY))
  const ratio = shares.reduce((sum, share) => sum + (share - p) ** 2, 0) / (p * (1 - p))
  const share = (ratio + 0.1) / (n - 1 + 0.1)
  if (share >= 1) return scoreBounds(p, n, studentReach(0.95, Number.POSITIVE_INFINITY))
  if (share <= 1 / samples) return scoreBounds(p, n * samples, studentReach(0.95, Number.POSITIVE_INFINITY))
  return scoreBounds(p, n / share, studentReach(0.95, degrees(p, share, samples, n)))
}

/** 2 / (relative variance of s^2 / (p (1 - p))), by the probabilities of 0 to k right answers of a beta-binomial. */
function degrees(p: number, share: number, k: number, n: number): number {
  const correlation = (share * k - 1) / (k - 1)
  const size = 1 / correlation - 1
  const chances = Array.from({ length: k + 1 }, (_, right) => {
    let chance = 1
    for (let i = 0; i < right; i++) chance *= ((k - i) / (i + 1)) * (p * size + i)
    for (let i = 0; i < k - right; i++) chance *= (1 - p) * size + i
    for (let i = 0; i < k; i++) chance /= size + i
    return chance
  })
  const moment = (power: number): number =>
    chances.reduce((sum, chance, right) => sum + chance * (right / k - p) ** power, 0)
  const [second, third, fourth] = [moment(2), moment(3), moment(4)]
  // d log(s^2 / (m (1 - m))) = d s^2 / s^2 - (1 - 2 m) / (m (1 - m)) d m
  const slope = (1 - 2 * p) / (p * (1 - p))
  const ofSpread = (fourth / second ** 2 - 3) / n + 2 / (n - 1)
  const relative = ofSpread - (2 * slope * third) / second / n + (slope ** 2 * second) / n
  return relative <= 0 ? Number.POSITIVE_INFINITY : Math.max(3, 2 / relative)
}

/** Student's, of a mean. */
export function meanBounds(values: readonly number[], within: number): { mean: number; low: number; high: number } {
  const n = values.length
  const mean = values.reduce((a, b) => a + b, 0) / n
  const deviation = Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (n - 1))
  const half = (studentReach(within, n - 1) * deviation) / Math.sqrt(n)
  return { mean, low: mean - half, high: mean + half }
}

/** 1 - Var(after - before) / (Var(before) + Var(after)); null where nothing varies. */
export function savedByPairs(before: readonly number[], after: readonly number[]): number | null {
  const variance = (values: readonly number[]): number => {
    const mean = values.reduce((a, b) => a + b, 0) / values.length
    return values.reduce((sum, value) => sum + (value - mean) ** 2, 0)
  }
  const apart = variance(before) + variance(after)
  return apart === 0 ? null : 1 - variance(after.map((value, i) => value - (before[i] ?? Number.NaN))) / apart
}
