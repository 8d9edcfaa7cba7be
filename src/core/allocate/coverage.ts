/** What a run knows of its problems: how many were asked, how many solved, and how their solve rates lie. */

import { type PastTally, type PosteriorOptions, plus, solveRate, type Tally } from './posterior.ts'

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
  /** The same by the share of their answers that are right, which no prior draws to the middle. */
  readonly shares: readonly number[]
}

/** A problem's counts as they weigh in the iteration that asked it last. */
export interface CarriedTally extends Tally {
  readonly last: number
  /** Whether it has been solved at all, however long ago: 1 or true. */
  readonly solved: number | boolean
}

/**
 * Takes later iterations into the tallies.
 * @param past in the order of the iterations
 * @param before of the problems in `past` that have one
 * @returns by problem
 */
export function carryOn(
  before: ReadonlyMap<string, CarriedTally>,
  past: readonly PastTally[],
  { memory }: Pick<PosteriorOptions, 'memory'>,
): Map<string, CarriedTally> {
  const tallies = new Map(before)
  for (const { iteration, problem, ...counts } of past) {
    const known = tallies.get(problem) ?? { asked: 0, correct: 0, last: iteration, solved: false }
    const tally = plus(counts, known, memory ** (iteration - known.last))
    const solved = Boolean(known.solved) || counts.correct > 0
    tallies.set(problem, { ...tally, last: iteration, solved })
  }
  return tallies
}

/** The counts of every problem as they weigh in an iteration: those of iteration t by memory^(iteration - t). By problem. */
export function carriedTallies(
  tallies: ReadonlyMap<string, CarriedTally>,
  iteration: number,
  { memory }: Pick<PosteriorOptions, 'memory'>,
): Map<string, Tally> {
  const out = new Map<string, Tally>()
  for (const [problem, { last, asked, correct }] of tallies) {
    const weight = memory ** (iteration - last)
    if (weight > 0) out.set(problem, { asked: weight * asked, correct: weight * correct })
  }
  return out
}

const BINS = 10

/**
 * @param tallies of all problems that were asked in iterations whose sampling is closed
 * @param count of the problems to train on
 */
export function problemsStatus(
  tallies: readonly CarriedTally[],
  count: number,
  posterior: PosteriorOptions,
): ProblemsStatus {
  const newest = tallies.reduce((last, tally) => Math.max(last, tally.last), 0)
  const weights = new Map<number, number>()
  const rates = Array.from({ length: BINS }, () => 0)
  const shares = Array.from({ length: BINS }, () => 0)
  let solved = 0
  for (const tally of tallies) {
    if (tally.solved) solved++
    const weight = weights.get(tally.last) ?? posterior.memory ** (newest - tally.last)
    weights.set(tally.last, weight)
    if (weight === 0) continue
    const now = { asked: weight * tally.asked, correct: weight * tally.correct }
    const bin = Math.min(BINS - 1, Math.floor(BINS * solveRate(now, posterior)))
    rates[bin] = (rates[bin] ?? 0) + 1
    if (tally.asked === 0) continue
    const raw = Math.min(BINS - 1, Math.floor((BINS * tally.correct) / tally.asked))
    shares[raw] = (shares[raw] ?? 0) + 1
  }
  const asked = tallies.length
  return { count, asked, solved, neverSolved: asked - solved, rates, shares }
}
