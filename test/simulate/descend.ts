/** A generic minimiser for tests: it knows nothing of what it minimises. */

/** Pattern search along the axes (Hooke and Jeeves, 1961) from a start, until no step of 1e-6 makes it smaller. */
export function descend(of: (x: readonly number[]) => number, start: readonly number[]): number[] {
  let best = [...start]
  let value = of(best)
  for (let step = 1; step > 1e-6; ) {
    const before = best
    const was = value
    for (let i = 0; i < start.length; i++) {
      for (const move of [step, -step]) {
        const next = best.map((x, j) => (j === i ? x + move : x))
        const nextValue = of(next)
        if (nextValue < value) {
          best = next
          value = nextValue
          break
        }
      }
    }
    if (value >= was) {
      step /= 2
      continue
    }
    // On in the direction that has paid so far.
    const leap = best.map((x, j) => 2 * x - (before[j] ?? x))
    const leapValue = of(leap)
    if (leapValue < value) {
      best = leap
      value = leapValue
    }
  }
  return best
}
