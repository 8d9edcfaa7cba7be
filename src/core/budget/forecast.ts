/**
 * What an iteration will take, from a pilot: N_t with a band, on a pool of problems that is finite.
 *
 * Solve rates differ from problem to problem, and some problems are never solved: what the pilot leaves open of that is drawn from its
 * posterior (solve-rates.ts), and the spread of the answers is the band. With a cap on the traces of a problem, or without duplicates, the easy
 * problems are used up first, so the marginal acceptance falls as n grows.
 */

import { drawBeta, drawNormal } from '../measure/draws.ts'
import { createRandom, type Random } from '../seed.ts'
import { drawSolveRates, type SolveRates } from './solve-rates.ts'

/** Samples of each problem of a pilot: pairs of answers tell how solve rates lie, and more problems tell more than more pairs (bench/pilot.ts). */
export const SAMPLES_EACH = 2

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

/** A pilot in a few numbers. */
export interface PilotSummary {
  readonly samples: number
  readonly problems: number
  /** Fit for training / samples. */
  readonly acceptanceRate: number
  /** Mean completion tokens, by what became of it; null where there is none. */
  readonly tokens: {
    readonly accepted: number | null
    readonly refused: number | null
    readonly truncated: number | null
  }
  /** Mean seconds of a request; null where all samples came from the cache. */
  readonly secondsPerSample: number | null
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
  const pools = drawPools(input.pilot, input.deduplicate, random, DRAWS)
  const outcomes = pools.map((pool) => drawIteration(pool, input, random))
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

/** What a pilot leaves open about the problems, drawn once: how solve rates lie, how many texts there are. */
export interface ProblemPool extends SolveRates {
  /** Texts that a problem's correct answers are spread over; Infinity where duplicates do not matter. */
  readonly texts: number
}

/** Draws from what is believed after the pilot. */
export function drawPools(
  pilot: readonly PilotProblem[],
  deduplicate: boolean,
  random: Random,
  count: number,
): ProblemPool[] {
  const rates = drawSolveRates(pilot, random)
  const texts = deduplicate ? textsOf(pilot) : () => Number.POSITIVE_INFINITY
  return Array.from({ length: count }, () => ({
    ...rates.next().value,
    texts: texts(random),
  }))
}

/** What an iteration asks of a pool. */
export type PoolDemand = Pick<ForecastInput, 'problems' | 'wanted' | 'maxPerProblem'>

/** N_t of one iteration on a pool, Infinity where it is used up before, and what the pool can give at most. */
export function drawIteration(
  pool: ProblemPool,
  { problems, wanted, maxPerProblem }: PoolDemand,
  random: Random,
): { readonly samples: number; readonly supply: number } {
  const traces = tracesOf(pool, { problems, maxPerProblem }, random)
  const supply = traces(MOST_PASSES)
  if (supply < wanted) return { samples: Number.POSITIVE_INFINITY, supply }
  // Neither caps nor duplicates make samples worth more than this.
  let low = wanted / problems / pool.rate
  let high = low
  while (traces(high) < wanted) [low, high] = [high, 1.5 * high]
  while (high - low > 1e-6 * high) {
    const middle = (low + high) / 2
    if (traces(middle) < wanted) low = middle
    else high = middle
  }
  // Next to what is not known of the rates, the chance of the draws themselves: the spread of a negative binomial count.
  const expected = problems * high
  const rate = Math.min(1, wanted / expected)
  const samples = expected + (Math.sqrt(wanted * (1 - rate)) / rate) * drawNormal(random)
  return { samples: Math.max(wanted, Math.round(samples)), supply }
}

/** Accepted traces of so many samples on a pool. */
export function drawTraces(
  pool: ProblemPool,
  { problems, sampled, maxPerProblem }: Omit<PoolDemand, 'wanted'> & { readonly sampled: number },
  random: Random,
): number {
  const expected = tracesOf(pool, { problems, maxPerProblem }, random)(sampled / problems)
  const rate = Math.min(1, expected / sampled)
  const count = expected + Math.sqrt(sampled * rate * (1 - rate)) * drawNormal(random)
  return Math.min(sampled, Math.max(0, Math.round(count)))
}

/** Expected traces as a function of the passes over the pool. */
function tracesOf(
  { rate, size, unsolvable, texts }: ProblemPool,
  { problems, maxPerProblem }: Omit<PoolDemand, 'wanted'>,
  random: Random,
): (passes: number) => number {
  // Training may solve what was never solved before.
  const solvable = Math.max(rate, 1 - unsolvable)
  const mean = rate / solvable
  const rates = betaSample(mean * size, (1 - mean) * size, random)
  return (passes) =>
    ((solvable * problems) / POINTS) * rates.reduce((sum, one) => sum + yieldOf(one, passes, maxPerProblem, texts), 0)
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

/** Numbers of texts that are looked at: up to here each is a tenth more than the one before. */
const MOST_TEXTS = 10_000

/**
 * How many texts the correct answers to a problem are spread over, all of them as likely: a draw from the posterior under a log-uniform prior.
 * c answers with d different ones have the likelihood K (K - 1) ... (K - d + 1) / K^c.
 */
function textsOf(pilot: readonly PilotProblem[]): (random: Random) => number {
  const repeated = pilot.filter(({ correct }) => correct > 1)
  if (repeated.every(({ correct, distinct }) => distinct === correct)) return () => Number.POSITIVE_INFINITY
  const least = Math.max(1, ...repeated.map(({ distinct }) => distinct))
  const numbers: number[] = []
  for (let texts = least; texts < MOST_TEXTS; texts *= 1.1) numbers.push(texts)
  const logs = numbers.map((texts) =>
    repeated.reduce((sum, { correct, distinct }) => {
      let log = -correct * Math.log(texts)
      for (let i = 0; i < distinct; i++) log += Math.log(texts - i)
      return sum + log
    }, 0),
  )
  const highest = Math.max(...logs)
  const weights = logs.map((log) => Math.exp(log - highest))
  const total = weights.reduce((sum, weight) => sum + weight, 0)
  return (random) => {
    let left = random() * total
    for (const [i, texts] of numbers.entries()) {
      left -= weights[i] ?? 0
      if (left < 0) return texts
    }
    return MOST_TEXTS
  }
}

/** A sample of POINTS values, its mean moved to the right place so that only the shape is random. */
function betaSample(a: number, b: number, random: Random): number[] {
  const values = Array.from({ length: POINTS }, () => drawBeta(a, b, random))
  const off = a / (a + b) / (values.reduce((sum, value) => sum + value, 0) / POINTS)
  return values.map((value) => Math.min(1, value * off))
}
