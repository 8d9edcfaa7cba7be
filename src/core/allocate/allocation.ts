/**
 * Inner allocation: which problems the samples of an iteration go to. The policy says how many; these rules say of whom.
 *
 * A rule looks at what the problems' answers have been, never at answers under way, and says whose turn is next. Nothing here
 * decides who is accepted: that stays the first n_t eligible in the order in which they were asked.
 */

import { type PosteriorOptions, plus, priorOf, solveRate, type Tally } from './posterior.ts'

export const ALLOCATION_KINDS = ['uniform', 'until-k', 'difficulty', 'boundary', 'heap', 'variance'] as const

/**
 * - `uniform`: equal passes over the problems (STaR, RFT, RAFT)
 * - `until-k`: until each problem has k accepted (DART-Math, Uniform)
 * - `difficulty`: until its accepted traces are in proportion to its difficulty, the hardest getting `hardest` (DART-Math, Prop2Diff)
 * - `boundary`: those that are neither mastered nor hopeless (HS-STaR without a reward model)
 * - `heap`: the least recently sampled first, the harder first among these (AdaSTaR)
 * - `variance`: in proportion to 1 / sqrt(p + alpha / p^(beta - 1)) (GVM-RAFT with equal gradients)
 */
export type Allocation =
  | { readonly kind: 'uniform' }
  | { readonly kind: 'until-k'; readonly correct: number; readonly trials: number | null }
  | { readonly kind: 'difficulty'; readonly hardest: number; readonly trials: number | null }
  | ({ readonly kind: 'boundary'; readonly trials: number | null } & Presampled)
  | { readonly kind: 'heap'; readonly samples: number }
  | ({
      readonly kind: 'variance'
      readonly alpha: number
      readonly beta: number
      readonly trials: number | null
    } & Presampled)

interface Presampled {
  /** Completions of a problem before it is judged by its share of correct ones; what is carried over counts. */
  readonly presamples: number
  /** Share of the samples that goes to problems which were never solved, in [0, 1]. */
  readonly hopelessShare: number
}

/** A problem within an iteration, as far as its answers are known. */
export interface ProblemState {
  /** From earlier iterations, discounted. */
  readonly carried: Tally
  /** Breaks ties: a place in a seeded order, or in the heap's. */
  readonly rank: number
  /** Requests of this iteration, known or not. */
  readonly asked: number
  /** Of these, those whose outcome is known, failed ones included. */
  readonly ended: number
  readonly known: Tally
  /** Known ones that the acceptance rules would take. */
  readonly eligible: number
  /** Solve rate that its dataset publishes, in [0, 1]. */
  readonly published?: number
}

/** Whose turn it is: the least tier, then the least ratio, then the least rank. */
export interface Turn {
  readonly tier: number
  readonly ratio: number
}

/** Says when a problem's next turn is; undefined: not before more outcomes are known, or not at all. */
export type Rule = (state: ProblemState) => Turn | undefined

/** The rule for one source's problems in their present states. */
export function createRule(
  allocation: Allocation,
  states: readonly ProblemState[],
  posterior: Pick<PosteriorOptions, 'prior'>,
): Rule {
  switch (allocation.kind) {
    case 'uniform':
      return (state) => ({ tier: 0, ratio: state.asked })
    case 'until-k':
      return lapRule(states, allocation.trials, () => allocation.correct)
    case 'difficulty':
      return lapRule(states, allocation.trials, goalsByDifficulty(states, allocation.hardest, posterior))
    case 'heap':
      // The heap's order is in the ranks; a problem keeps its turn until it has had its samples.
      return (state) => ({ tier: Math.floor(state.asked / allocation.samples), ratio: state.rank })
    case 'boundary':
    case 'variance':
      return presampledRule(allocation, states, posterior)
  }
}

/**
 * Laps: a problem is through with one when it has `goal` accepted or has had `trials` samples, and waits for the others. With
 * goals reached everywhere the next lap begins, so that n_t is reached whatever it is. Answers under way are counted as if
 * they were right, so that no goal is passed by what was in flight.
 */
function lapRule(
  states: readonly ProblemState[],
  trials: number | null,
  goalOf: (state: ProblemState) => number,
): Rule {
  const lap = (state: ProblemState, eligible: number, asked: number): number =>
    Math.max(Math.floor(eligible / goalOf(state)), trials === null ? 0 : Math.floor(asked / trials))
  const present = states.reduce((least, state) => Math.min(least, lap(state, state.eligible, state.ended)), Infinity)
  return (state) => {
    const tier = lap(state, state.eligible + state.asked - state.ended, state.asked)
    return tier > present ? undefined : { tier, ratio: state.asked }
  }
}

/** Accepted traces in proportion to difficulty 1 - p, the hardest getting `hardest` and every problem at least one. */
function goalsByDifficulty(
  states: readonly ProblemState[],
  hardest: number,
  posterior: Pick<PosteriorOptions, 'prior'>,
): (state: ProblemState) => number {
  const difficulty = (state: ProblemState): number => 1 - rateOf(state, posterior)
  const most = states.reduce((top, state) => Math.max(top, difficulty(state)), 0)
  return (state) => Math.max(1, Math.round((hardest * difficulty(state)) / most))
}

/** First a few samples of each problem, then by weight, which rests on what those were. */
function presampledRule(
  allocation: Extract<Allocation, Presampled>,
  states: readonly ProblemState[],
  posterior: Pick<PosteriorOptions, 'prior'>,
): Rule {
  const wanted = (state: ProblemState): number => Math.max(0, Math.ceil(allocation.presamples - state.carried.asked))
  const tierOf = (state: ProblemState): number =>
    allocation.trials === null ? 0 : Math.floor(state.asked / allocation.trials)
  const presample = (state: ProblemState): Turn | undefined =>
    state.asked < wanted(state) ? { tier: -1, ratio: state.asked } : undefined
  if (states.some((state) => state.ended < wanted(state))) return presample
  const weightOf = weights(allocation, states, posterior)
  return (state) => {
    const weight = weightOf(state)
    // Webster's rule: the next goes to whom it brings closest to the share, so that every prefix keeps to the weights.
    return weight > 0 ? { tier: tierOf(state), ratio: (state.asked - wanted(state) + 0.5) / weight } : undefined
  }
}

export const STANDINGS = ['unknown', 'hopeless', 'boundary', 'mastered'] as const
/** By its answers so far: none, none right, some right, all right. */
export type Standing = (typeof STANDINGS)[number]

export function standingOf({ asked, correct }: Tally): Standing {
  if (asked === 0) return 'unknown'
  if (correct === 0) return 'hopeless'
  return correct < asked ? 'boundary' : 'mastered'
}

/** Weight of a problem after the presamples; sums are 1 over hopeless and 1 over the others, before the shares. */
function weights(
  allocation: Extract<Allocation, Presampled>,
  states: readonly ProblemState[],
  posterior: Pick<PosteriorOptions, 'prior'>,
): (state: ProblemState) => number {
  const { hopelessShare } = allocation
  const raw = (state: ProblemState): number => rawWeight(allocation, state, posterior)
  const isHopeless = (state: ProblemState): boolean => standingOf(plus(state.carried, state.known)) === 'hopeless'
  const hopeless = states.filter(isHopeless).length
  const others = states.reduce((sum, state) => (isHopeless(state) ? sum : sum + raw(state)), 0)
  if (others === 0) return (state) => (hopeless === 0 || isHopeless(state) ? 1 : 0)
  return (state) => {
    if (isHopeless(state)) return hopelessShare / hopeless
    return ((hopeless === 0 ? 1 : 1 - hopelessShare) * raw(state)) / others
  }
}

function rawWeight(
  allocation: Extract<Allocation, Presampled>,
  state: ProblemState,
  posterior: Pick<PosteriorOptions, 'prior'>,
): number {
  if (allocation.kind === 'boundary') return standingOf(plus(state.carried, state.known)) === 'boundary' ? 1 : 0
  const p = rateOf(state, posterior)
  return 1 / Math.sqrt(p + allocation.alpha / p ** (allocation.beta - 1))
}

function rateOf({ carried, known, published }: ProblemState, posterior: Pick<PosteriorOptions, 'prior'>): number {
  return solveRate(plus(carried, known), { prior: priorOf(posterior, published) })
}
