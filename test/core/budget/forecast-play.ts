/** Pools of problems with known solve rates: a pilot of them, its forecast, and the iteration really drawn. */

import { createAcceptance } from '../../../src/core/accept/accept.ts'
import { forecastSamples, type PilotProblem, SAMPLES_EACH } from '../../../src/core/budget/forecast.ts'
import { createRandom, type Random, randomInteger } from '../../../src/core/seed.ts'

export interface Pool {
  readonly name: string
  readonly problems: number
  /** A problem's solve rate. */
  readonly rate: (random: Random) => number
  readonly wanted: number
  readonly maxPerProblem: number | null
  /** Equally likely texts of a problem's correct answers; Infinity where no two are equal. */
  readonly texts: number
}

const uniform = (random: Random): number => random()
/** Half of the problems hardly ever, the others mostly. */
const split = (random: Random): number => (random() < 0.5 ? 0.15 * random() : 0.6 + 0.4 * random())

/** Half of the problems never, the others anyhow. */
const half = (random: Random): number => (random() < 0.5 ? 0 : 0.1 + 0.9 * random())

export const POOLS: readonly Pool[] = [
  {
    name: 'even rates, 2,000 of 1,000 problems',
    problems: 1000,
    rate: () => 0.45,
    wanted: 2000,
    maxPerProblem: null,
    texts: Number.POSITIVE_INFINITY,
  },
  {
    name: 'uniform rates, 2,000 of 1,000',
    problems: 1000,
    rate: uniform,
    wanted: 2000,
    maxPerProblem: null,
    texts: Number.POSITIVE_INFINITY,
  },
  {
    name: 'easy and hard, 2,000 of 1,000',
    problems: 1000,
    rate: split,
    wanted: 2000,
    maxPerProblem: null,
    texts: Number.POSITIVE_INFINITY,
  },
  {
    name: 'uniform rates, at most 4 of a problem',
    problems: 1000,
    rate: uniform,
    wanted: 2500,
    maxPerProblem: 4,
    texts: Number.POSITIVE_INFINITY,
  },
  {
    name: 'uniform rates, 8 texts of a problem',
    problems: 1000,
    rate: uniform,
    wanted: 2500,
    maxPerProblem: null,
    texts: 8,
  },
]

export const HALF_POOLS: readonly Pool[] = [
  {
    name: 'half never solved, at most 4 of a problem',
    problems: 1000,
    rate: half,
    wanted: 1500,
    maxPerProblem: 4,
    texts: Number.POSITIVE_INFINITY,
  },
  {
    name: 'half never solved, nearly used up',
    problems: 1000,
    rate: half,
    wanted: 1960,
    maxPerProblem: 4,
    texts: Number.POSITIVE_INFINITY,
  },
]

/** Few answers are right: the forecast is wide, and says so. */
export const HARD_POOLS: readonly Pool[] = [
  {
    name: 'hard: rates up to 10%, 500 of 1,000',
    problems: 1000,
    rate: (random) => 0.1 * random(),
    wanted: 500,
    maxPerProblem: null,
    texts: Number.POSITIVE_INFINITY,
  },
  {
    name: 'very hard: 1% solved half the time, 200 of 1,000',
    problems: 1000,
    rate: (random) => (random() < 0.02 ? 0.5 : 0.002),
    wanted: 200,
    maxPerProblem: null,
    texts: Number.POSITIVE_INFINITY,
  },
  {
    name: 'very hard: 2% throughout, at most 4',
    problems: 1000,
    rate: () => 0.02,
    wanted: 500,
    maxPerProblem: 4,
    texts: Number.POSITIVE_INFINITY,
  },
]

/** After so many passes nothing more comes of these pools. */
const MOST_PASSES = 128

export interface Played {
  /** Infinity where the pool is used up before. */
  readonly truth: number
  readonly exhausted: number
  readonly median: number
  readonly low: number
  readonly high: number
}

/** A pilot of `samples` completions, and then the iteration itself, problem after problem. */
export function playForecast(pool: Pool, samples: number, seed: number, each = SAMPLES_EACH): Played {
  const random = createRandom(1000 + seed)
  const rates = Array.from({ length: pool.problems }, () => pool.rate(random))
  const answer = (problem: number): string | undefined =>
    random() < (rates[problem] ?? 0)
      ? String(pool.texts === Number.POSITIVE_INFINITY ? random() : randomInteger(random, pool.texts))
      : undefined
  const pilot = Array.from({ length: samples / each }, (_, problem): PilotProblem => {
    const right = Array.from({ length: each }, () => answer(problem)).filter((text) => text !== undefined)
    return { asked: each, correct: right.length, distinct: new Set(right).size }
  })
  const { problems, wanted, maxPerProblem } = pool
  const deduplicate = Number.isFinite(pool.texts)
  const forecast = forecastSamples({ pilot, problems, wanted, maxPerProblem, deduplicate, seed })
  const judge = createAcceptance(
    { maxPerProblem, deduplicate: 'exact', verdict: 'correct', equations: 'ignore' },
    { kind: 'accepted', count: wanted },
    { seed: 1, purpose: 'train', iteration: 0 },
  )
  let truth = 0
  for (let accepted = 0; accepted < wanted; truth++) {
    if (truth >= MOST_PASSES * problems)
      return { ...forecast.samples, truth: Number.POSITIVE_INFINITY, exhausted: forecast.exhausted }
    const problem = truth % problems
    const text = answer(problem)
    const verdict = text === undefined ? 'incorrect' : 'correct'
    if (judge({ problem: String(problem), text: text ?? '', finishReason: 'stop', verdict }) === 'accepted') accepted++
  }
  return { ...forecast.samples, truth, exhausted: forecast.exhausted }
}
