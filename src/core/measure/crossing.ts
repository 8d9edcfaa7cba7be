/** Where a noisy accuracy that rises with the cost reaches a target: a curve through measurements, not the first lucky one. */

export interface ComparedPoint {
  readonly cost: number
  readonly accuracy: number
  /** true where nothing was measured and the checkpoint before still stands. */
  readonly carried?: true
}

/**
 * The cost at which the accuracy reaches the target; null where it stays below. The first crossing of the measurements themselves
 * comes the earlier the more often one looks, so their isotonic regression is crossed, along the monotone cubic through it:
 * a straight line would cut the corner of a curve that is measured seldom.
 * @param points costs rise
 * @param target accuracy in [0, 1]
 */
export function costToReach(points: readonly ComparedPoint[], target: number): number | null {
  // What is carried on is no second measurement.
  const measured = points.filter(({ carried }) => !carried)
  const costs = measured.map(({ cost }) => cost)
  const levels = isotonic(measured.map(({ accuracy }) => accuracy))
  const at = levels.findIndex((level) => level >= target)
  if (at <= 0) return costs[at] ?? null
  const curve = cubicBefore(costs, levels, at)
  let [low, high] = [0, 1]
  for (let halving = 0; halving < HALVINGS; halving++) {
    const middle = (low + high) / 2
    if (curve(middle) < target) low = middle
    else high = middle
  }
  const [from = Number.NaN, to = Number.NaN] = [costs[at - 1], costs[at]]
  return from + high * (to - from)
}

/** To the precision of a double. */
const HALVINGS = 52

/** The non-decreasing values nearest to these by least squares (pool adjacent violators; Ayer and others 1955). */
export function isotonic(values: readonly number[]): number[] {
  const blocks: { sum: number; count: number }[] = []
  const meanOf = ({ sum, count }: { sum: number; count: number }): number => sum / count
  for (const value of values) {
    let last = { sum: value, count: 1 }
    for (let before = blocks.at(-1); before && meanOf(before) >= meanOf(last); before = blocks.at(-1)) {
      last = { sum: before.sum + last.sum, count: before.count + last.count }
      blocks.pop()
    }
    blocks.push(last)
  }
  return blocks.flatMap((block) => Array.from({ length: block.count }, () => meanOf(block)))
}

/** The monotone cubic of Fritsch and Butland (1984) between points at - 1 and at, as a function of the share of the way. */
function cubicBefore(xs: readonly number[], ys: readonly number[], at: number): (share: number) => number {
  const x = (i: number): number => xs[i] ?? Number.NaN
  const y = (i: number): number => ys[i] ?? Number.NaN
  const slope = (i: number): number => (y(i) - y(i - 1)) / (x(i) - x(i - 1))
  const tangent = (i: number): number => {
    if (i === 0) return endTangent(slope(1), slope(2), x(1) - x(0), x(2) - x(1))
    const last = xs.length - 1
    if (i === last) return endTangent(slope(i), slope(i - 1), x(i) - x(i - 1), x(i - 1) - x(i - 2))
    const [left, right] = [slope(i), slope(i + 1)]
    if (left <= 0 || right <= 0) return 0
    const [before, after] = [x(i) - x(i - 1), x(i + 1) - x(i)]
    const [a, b] = [2 * after + before, after + 2 * before]
    return (a + b) / (a / left + b / right)
  }
  const width = x(at) - x(at - 1)
  const [from, to] = [width * tangent(at - 1), width * tangent(at)]
  return (t) =>
    (1 + 2 * t) * (1 - t) ** 2 * y(at - 1) +
    t * (1 - t) ** 2 * from +
    t * t * (3 - 2 * t) * y(at) +
    t * t * (t - 1) * to
}

/** Of the parabola through the three points at an end, kept between level and three times the first slope. */
function endTangent(first: number, second: number, near: number, far: number): number {
  if (Number.isNaN(second)) return first
  const parabola = ((2 * near + far) * first - near * second) / (near + far)
  return Math.min(3 * first, Math.max(0, parabola))
}
