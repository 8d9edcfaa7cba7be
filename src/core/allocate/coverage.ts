/** What a run knows of its problems: how many were asked, how many solved, and how their solve rates lie. */

import { carriedTallies, type PastTally, type PosteriorOptions, solveRate } from './posterior.ts'

export interface Coverage {
  /** Problems with a completion. */
  readonly asked: number
  /** Of these, with a correct one. */
  readonly solved: number
}

export interface ProblemsStatus extends Coverage {
  /** Problems to train on. */
  readonly count: number
  /** Asked and never solved. */
  readonly neverSolved: number
  /** Asked problems by posterior mean of their solve rate: ten bins of a tenth each, from 0. */
  readonly rates: readonly number[]
}

/** Coverage of every iteration whose sampling is closed. */
export function coverageByIteration(past: readonly PastTally[]): Map<number, Coverage> {
  const iterations = Map.groupBy(past, (row) => row.iteration)
  return new Map([...iterations].map(([iteration, rows]) => [iteration, coverageOf(rows)]))
}

function coverageOf(rows: readonly PastTally[]): Coverage {
  return { asked: rows.length, solved: rows.filter((row) => row.correct > 0).length }
}

const BINS = 10

/**
 * @param past of every iteration whose sampling is closed
 * @param count of the problems to train on
 */
export function problemsStatus(past: readonly PastTally[], count: number, posterior: PosteriorOptions): ProblemsStatus {
  const newest = past.reduce((last, row) => Math.max(last, row.iteration), 0)
  const whole = carriedTallies(past, newest, { memory: 1 })
  const solved = [...whole.values()].filter((tally) => tally.correct > 0).length
  const rates = Array.from({ length: BINS }, () => 0)
  for (const tally of carriedTallies(past, newest, posterior).values()) {
    const bin = Math.min(BINS - 1, Math.floor(BINS * solveRate(tally, posterior)))
    rates[bin] = (rates[bin] ?? 0) + 1
  }
  return { count, asked: whole.size, solved, neverSolved: whole.size - solved, rates }
}
