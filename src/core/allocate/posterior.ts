/** What is known of a problem's solve rate: counts of past iterations, discounted as the model changes, under a Beta prior. */

/** How often a problem was asked and solved; real numbers where older counts weigh less. */
export interface Tally {
  /** Completions that came back; requests that failed tell nothing of the problem. */
  readonly asked: number
  /** Of these, correct and not cut off. */
  readonly correct: number
}

export const NO_TALLY: Tally = { asked: 0, correct: 0 }

/** One problem in one iteration whose sampling is closed, counted up to where the iteration had what it wanted. */
export interface PastTally extends Tally {
  readonly iteration: number
  /** Problem id. */
  readonly problem: string
  /** Place of its first request in that iteration's order. */
  readonly firstIssue: number
}

export interface PosteriorOptions {
  /** Weight of an iteration's counts in the next one, in [0, 1]: the model they were drawn from is no longer the same. */
  readonly memory: number
  /** Beta prior: correct and wrong answers that every problem is thought to have given already, each above 0. */
  readonly prior: { readonly correct: number; readonly wrong: number }
}

export function plus(a: Tally, b: Tally, weight = 1): Tally {
  return { asked: a.asked + weight * b.asked, correct: a.correct + weight * b.correct }
}

/**
 * Posterior mean of the solve rate, in (0, 1).
 *
 * Problems are asked until they are solved often enough, so the plain share correct / asked is too high. The posterior is not
 * concerned: whether to continue depends on nothing but the answers themselves, so the likelihood is that of the answers in
 * whatever order they stopped (the likelihood principle; Berger and Wolpert 1988).
 */
export function solveRate(tally: Tally, { prior }: Pick<PosteriorOptions, 'prior'>): number {
  return (tally.correct + prior.correct) / (tally.asked + prior.correct + prior.wrong)
}

/** A published rate of 0 or 1 is another model's: it never settles what ours can do. */
const SURE = 0.98

/**
 * The prior of one problem: that of all, or one of the same strength around the solve rate that its dataset publishes.
 * @param published share of right answers of some other model, in [0, 1]; undefined where nobody measured it
 */
export function priorOf(
  { prior }: Pick<PosteriorOptions, 'prior'>,
  published: number | undefined,
): PosteriorOptions['prior'] {
  if (published === undefined) return prior
  const strength = prior.correct + prior.wrong
  const rate = Math.min(Math.max(published, 1 - SURE), SURE)
  return { correct: strength * rate, wrong: strength * (1 - rate) }
}
