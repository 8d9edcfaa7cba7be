/**
 * What a gate can see, before it is used and after: how often a drop fails. Drops are positive, as shares. Near enough for planning: normal limit,
 * problems whose answers correlate by 0.3 (docs/statistics.md holds it against simulation).
 */

import { type GateDesign, type GateLook, gateLooks } from './gate-looks.ts'
import { lookChances } from './group-sequential.ts'
import { normalCumulative, normalQuantile } from './normal.ts'
import { studentQuantile } from './student.ts'

export interface GateSize {
  readonly problems: number
  /** Samples of each problem, for either checkpoint. */
  readonly samples: number
}

export interface GateTerms {
  /** Accuracy before, in (0, 1). */
  readonly accuracy: number
  readonly margin: number
  /** Error probability of one test. */
  readonly alpha: number
}

/** Correlation of two answers to one problem that is supposed: problems differ, and nobody has measured how much. */
const CORRELATION = 0.3
/** A drop is seen where it fails in four of five cases. */
const SEEN = 0.8

/** How often a drop fails, in [0, 1]. */
export function gatePower(size: GateSize, terms: GateTerms, drop: number): number {
  const error = errorOf(size, terms.accuracy)
  return normalCumulative((drop - threshold(error, size.problems, terms)) / error)
}

/** The drop that fails in four of five cases. */
export function visibleDrop(size: GateSize, terms: GateTerms): number {
  const error = errorOf(size, terms.accuracy)
  return threshold(error, size.problems, terms) + normalQuantile(SEEN) * error
}

/** What a sequential gate comes to, for checkpoints that have lost so much. */
export interface GateCourse {
  /** How often it fails and passes, in [0, 1]. */
  readonly failed: number
  readonly passed: number
  /** Mean samples of each problem, for either checkpoint. */
  readonly samples: number
}

/** @param looks of `gateLooks`, at the alpha of these terms */
export function gateCourse(
  problems: number,
  looks: readonly GateLook[],
  { accuracy, margin }: Pick<GateTerms, 'accuracy' | 'margin'>,
  drop: number,
): GateCourse {
  const most = looks.at(-1)?.samples ?? 1
  const error = errorOf({ problems, samples: most }, accuracy)
  const regions = looks.map(({ samples, level }) => {
    const information = samples / most
    const reach = studentQuantile(1 - level, problems + 1) * Math.sqrt(information)
    const shift = (margin * information) / error
    return { information, low: -Math.max(shift, reach), high: reach - shift }
  })
  const chances = lookChances(regions, -drop / error)
  const sum = (of: (at: (typeof chances)[number], i: number) => number): number =>
    chances.reduce((total, at, i) => total + of(at, i), 0)
  return {
    failed: sum(({ below }) => below),
    passed: sum(({ above }) => above),
    samples: sum(({ reached }, i) => reached * ((looks[i]?.samples ?? 0) - (looks[i - 1]?.samples ?? 0))),
  }
}

/** The drop that a sequential gate fails in four of five cases. */
export function visibleInLooks(problems: number, design: GateDesign, terms: GateTerms): number {
  const looks = gateLooks(design, terms.alpha)
  let [low, high] = [0, 1]
  for (let halving = 0; halving < 14; halving++) {
    const middle = (low + high) / 2
    if (gateCourse(problems, looks, terms, middle).failed < SEEN) low = middle
    else high = middle
  }
  return high
}

/** The same of a test that was made, by the spread that it met. */
export function seenDrop(
  test: { readonly low: number; readonly high: number; readonly n: number; readonly alpha: number },
  margin: number,
): number | null {
  if (test.n < 2) return null
  const quantile = studentQuantile(1 - test.alpha, test.n + 1)
  const error = (test.high - test.low) / 2 / quantile
  return Math.max(margin, quantile * error) + normalQuantile(SEEN) * error
}

/**
 * Samples of each problem with which so small a drop is seen; undefined where no number up to 256 is enough, as where it does not go far
 * beyond the margin.
 */
export function samplesToSee(problems: number, terms: GateTerms, drop: number): number | undefined {
  for (let samples = 1; samples <= MOST_SAMPLES; samples++) {
    if (visibleDrop({ problems, samples }, terms) <= drop) return samples
  }
  return undefined
}

/** Problems with which it is seen, in hundreds; undefined where 100,000 are not enough. */
export function problemsToSee(samples: number, terms: GateTerms, drop: number): number | undefined {
  for (let problems = 100; problems <= MOST_PROBLEMS; problems += 100) {
    if (visibleDrop({ problems, samples }, terms) <= drop) return problems
  }
  return undefined
}

const MOST_SAMPLES = 256
const MOST_PROBLEMS = 100_000

/** Of the mean difference, the won and the lost problem included that stand next to those measured (statistics.ts). */
function errorOf({ problems, samples }: GateSize, accuracy: number): number {
  const variance = (2 * accuracy * (1 - accuracy) * (1 - CORRELATION)) / samples
  return Math.sqrt((problems * variance + 2 / samples) / (problems + 1) / (problems + 2))
}

/** A drop that is larger fails: beyond the margin, and the interval below 0. */
function threshold(error: number, problems: number, { margin, alpha }: GateTerms): number {
  return Math.max(margin, studentQuantile(1 - alpha, problems + 1) * error)
}
