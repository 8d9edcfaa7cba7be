/**
 * What an iteration will take, from a pilot: N_t with a band, on a pool of problems that is finite.
 *
 * Solve rates differ from problem to problem. A Beta distribution of them is fitted to how often the pilot's problems were solved, again and
 * again on reweighted problems (the Bayesian bootstrap; Rubin 1981): the spread of the answers is the band. With a cap on the traces of a
 * problem, or without duplicates, the easy problems are used up first, so the marginal acceptance falls as n grows.
 */

import { createRandom, type Random } from './seed.ts'

export interface PilotProblem {
  readonly asked: number
  /** Correct and fit for training. */
  readonly correct: number
  /** Different ones among these. */
  readonly distinct: number
}

export interface ForecastInput {
  readonly pilot: readonly PilotProblem[]
  /** Problems that the iteration draws from. */
  readonly problems: number
  /** n_t. */
  readonly wanted: number
  readonly maxPerProblem: number | null
  readonly deduplicate: boolean
  readonly seed?: number
}

export interface Band {
  readonly median: number
  /** 2.5% and 97.5%. */
  readonly low: number
  readonly high: number
}

export interface Forecast {
  /** N_t; Infinity where the pool is used up before. */
  readonly samples: Band
  /** Most traces that the pool can give. */
  readonly supply: Band
  /** Probability that it gives fewer than wanted. */
  readonly exhausted: number
}

const DRAWS = 400
/** Points that a distribution of solve rates is looked at. */
const POINTS = 64
/** A problem asked so often is not asked again: nobody pays for more. */
const MOST_PASSES = 1024

export function forecastSamples(input: ForecastInput): Forecast {
  const random = createRandom(input.seed ?? 1)
  const outcomes = Array.from({ length: DRAWS }, () => outcomeOf(input, random))
  return {
    samples: bandOf(outcomes.map(({ samples }) => samples)),
    supply: bandOf(outcomes.map(({ supply }) => supply)),
    exhausted: outcomes.filter(({ samples }) => samples === Number.POSITIVE_INFINITY).length / DRAWS,
  }
}

export function bandOf(values: readonly number[]): Band {
  const sorted = [...values].sort((a, b) => a - b)
  const at = (p: number): number => sorted[Math.round(p * (sorted.length - 1))] ?? Number.NaN
  return { median: at(0.5), low: at(0.025), high: at(0.975) }
}

function outcomeOf(input: ForecastInput, random: Random): { samples: number; supply: number } {
  const weights = input.pilot.map(() => -Math.log(1 - random()))
  const rates = ratesOf(input.pilot, weights, random)
  const texts = input.deduplicate ? textsOf(input.pilot, random) : Number.POSITIVE_INFINITY
  const { problems, wanted, maxPerProblem } = input
  const traces = (passes: number): number =>
    (problems / POINTS) * rates.reduce((sum, rate) => sum + yieldOf(rate, passes, maxPerProblem, texts), 0)
  const supply = traces(MOST_PASSES)
  if (supply < wanted) return { samples: Number.POSITIVE_INFINITY, supply }
  let [low, high] = [0, MOST_PASSES]
  for (let halving = 0; halving < 40; halving++) {
    const middle = (low + high) / 2
    if (traces(middle) < wanted) low = middle
    else high = middle
  }
  // Beside what is not known of the rates, the chance of the draws themselves: the spread of a negative binomial count.
  const expected = problems * high
  const rate = Math.min(1, wanted / expected)
  const samples = expected + (Math.sqrt(wanted * (1 - rate)) / rate) * normal(random)
  return { samples: Math.max(wanted, Math.round(samples)), supply }
}

/** Expected traces of a problem in so many passes, real numbers between whole ones. */
function yieldOf(rate: number, passes: number, cap: number | null, texts: number): number {
  const distinct = Number.isFinite(texts) ? texts * (1 - (1 - rate / texts) ** passes) : rate * passes
  if (cap === null) return distinct
  const whole = Math.floor(passes)
  const capped = expectedMinimum(whole, rate, cap)
  return Math.min(distinct, capped + (passes - whole) * (expectedMinimum(whole + 1, rate, cap) - capped))
}

/** E min(cap, X), X binomial. */
function expectedMinimum(n: number, p: number, cap: number): number {
  if (n <= cap) return n * p
  if (p >= 1) return cap
  let term = n * Math.log1p(-p)
  let below = 0
  for (let k = 0; k < cap; k++) {
    below += (cap - k) * Math.exp(term)
    term += Math.log((n - k) / (k + 1)) + Math.log(p) - Math.log1p(-p)
  }
  return cap - below
}

/** Solve rates at evenly spread quantiles of a Beta distribution with the weighted moments of the pilot. */
function ratesOf(pilot: readonly PilotProblem[], weights: readonly number[], random: Random): number[] {
  const total = weights.reduce((sum, weight) => sum + weight, 0)
  const mean = (of: (row: PilotProblem) => number): number =>
    pilot.reduce((sum, row, i) => sum + (weights[i] ?? 0) * of(row), 0) / total
  // Half an answer on either side, so that a pilot without a success is not a certainty.
  const asked = pilot.reduce((sum, row) => sum + row.asked, 0)
  const rate = (mean(({ asked: n, correct }) => correct / n) * asked + 0.5) / (asked + 1)
  // Pairs of answers to the same problem: how often both are right says how much the rates differ (an unbiased second moment).
  const pairs = pilot.filter((row) => row.asked > 1)
  const both =
    pairs.length === 0
      ? rate * rate
      : mean(({ asked: n, correct: c }) => (n > 1 ? (c * (c - 1)) / (n * (n - 1)) : rate * rate))
  const correlation = Math.min(0.95, Math.max(0.02, (both - rate * rate) / (rate * (1 - rate))))
  const size = 1 / correlation - 1
  return betaSample(rate * size, (1 - rate) * size, random)
}

/** How many texts the correct answers to a problem seem to be spread over, from pairs of equal ones. */
function textsOf(pilot: readonly PilotProblem[], random: Random): number {
  const repeated = pilot.filter(({ correct }) => correct > 1)
  const pairs = repeated.reduce((sum, { correct }) => sum + correct - 1, 0)
  const equal = repeated.reduce((sum, { correct, distinct }) => sum + correct - distinct, 0)
  if (equal === 0) return Number.POSITIVE_INFINITY
  return 1 / betaOf(equal + 0.5, pairs - equal + 0.5, random)
}

/** A sample of POINTS values, its mean moved to the right place so that only the shape is random. */
function betaSample(a: number, b: number, random: Random): number[] {
  const values = Array.from({ length: POINTS }, () => betaOf(a, b, random))
  const off = a / (a + b) / (values.reduce((sum, value) => sum + value, 0) / POINTS)
  return values.map((value) => Math.min(1, value * off))
}

function betaOf(a: number, b: number, random: Random): number {
  const x = gammaOf(a, random)
  const y = gammaOf(b, random)
  return x + y === 0 ? a / (a + b) : x / (x + y)
}

/** Marsaglia and Tsang (2000). */
function gammaOf(shape: number, random: Random): number {
  if (shape < 1) return gammaOf(shape + 1, random) * random() ** (1 / shape)
  const d = shape - 1 / 3
  for (;;) {
    const x = normal(random)
    const v = (1 + x / Math.sqrt(9 * d)) ** 3
    if (v > 0 && Math.log(1 - random()) < (x * x) / 2 + d - d * v + d * Math.log(v)) return d * v
  }
}

function normal(random: Random): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random())
}
