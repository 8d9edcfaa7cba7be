/** A mean of values of which some are only known to be larger, or smaller, than something. */

import { type Interval, meanInterval } from './intervals.ts'
import { normalCumulative, normalTail } from './normal.ts'
import { studentQuantile } from './student.ts'

export interface MaybeCensored {
  readonly value: number
  /** The true value is at least this much, or at most; null where it is this. */
  readonly bound: 'at-least' | 'at-most' | null
}

/** So many values must be known exactly for the spread to be estimated. */
const FEWEST_EXACT = 2
/** Steps of the searches: to five digits of the spread, whose error counts by its square, and seven of the mean. */
const SPREAD_STEPS = 28
const MEAN_STEPS = 44

/**
 * Mean of normal values, the censored ones as what they are (Tobin 1958): leaving them out would keep the lucky ones of an arm that is seldom measured.
 * By maximum likelihood; the bounds are where the profile likelihood has fallen as far as Student's interval of uncensored values has it fall, so
 * that it is Student's interval where nothing is censored.
 * @returns `n`: all values; where fewer than two are known exactly, Student's of those, which is the whole line
 */
export function censoredMean(values: readonly MaybeCensored[], confidence = 0.95): Interval {
  const exact = values.filter(({ bound }) => bound === null).map(({ value }) => value)
  const known = meanInterval(exact, confidence)
  const n = values.length
  if (exact.length === n || exact.length < FEWEST_EXACT || known.low === known.high) return known
  const all = meanInterval(values.map(({ value }) => value))
  // Twice the widest that the values can be spread: beyond it no likelihood has its maximum.
  const scale = Math.max(...values.map(({ value }) => Math.abs(value - all.mean)))
  const profile = (mean: number): number =>
    highest((log) => logLikelihood(values, mean, Math.exp(log)), Math.log(scale) - 8, Math.log(scale) + 3, SPREAD_STEPS)
      .value
  const reach = 20 * scale
  const { at: mean, value: top } = highest(profile, all.mean - reach, all.mean + reach, MEAN_STEPS)
  const t = studentQuantile(0.5 + confidence / 2, n - 1)
  const allowed = (n / 2) * Math.log1p(t ** 2 / (n - 1))
  const edge = (direction: number): number => {
    let [inside, outside] = [0, reach]
    if (top - profile(mean + direction * outside) < allowed) return direction * Number.POSITIVE_INFINITY
    for (let step = 0; step < MEAN_STEPS; step++) {
      const middle = (inside + outside) / 2
      if (top - profile(mean + direction * middle) < allowed) inside = middle
      else outside = middle
    }
    return mean + direction * inside
  }
  return { mean, low: edge(-1), high: edge(1), n }
}

function logLikelihood(values: readonly MaybeCensored[], mean: number, deviation: number): number {
  return values.reduce((sum, { value, bound }) => {
    const z = (value - mean) / deviation
    if (bound === null) return sum - (z * z) / 2 - Math.log(deviation)
    const share = bound === 'at-least' ? tail(z) : tail(-z)
    return sum + Math.log(Math.max(share, Number.MIN_VALUE))
  }, 0)
}

/** Share of a normal distribution above z. */
function tail(z: number): number {
  return z < 0 ? normalCumulative(-z) : normalTail(z)
}

const GOLDEN = (Math.sqrt(5) - 1) / 2

/** The maximum of a function with one, by golden section. */
function highest(
  of: (x: number) => number,
  from: number,
  to: number,
  steps: number,
): { readonly at: number; readonly value: number } {
  let [low, high] = [from, to]
  let [left, right] = [high - GOLDEN * (high - low), low + GOLDEN * (high - low)]
  let [atLeft, atRight] = [of(left), of(right)]
  for (let step = 0; step < steps; step++) {
    if (atLeft > atRight) {
      ;[high, right, atRight] = [right, left, atLeft]
      left = high - GOLDEN * (high - low)
      atLeft = of(left)
    } else {
      ;[low, left, atLeft] = [left, right, atRight]
      right = low + GOLDEN * (high - low)
      atRight = of(right)
    }
  }
  return atLeft > atRight ? { at: left, value: atLeft } : { at: right, value: atRight }
}
