/** The interval of an accuracy whose problems were answered several times each. All shares are in [0, 1]. */

import { type Interval, scoreInterval, wilsonInterval } from './intervals.ts'
import { studentQuantile } from './student.ts'

/** How an accuracy was measured. */
export interface AccuracyOptions {
  /** Samples of each problem; 1 where left out. */
  readonly samples?: number
  /** 0.95 where left out. */
  readonly confidence?: number
}

/** Weight of the widest spread there can be among the spreads that were seen, in problems. */
const SPREAD_WEIGHT = 0.1
/** Fewest degrees of freedom that are taken for a spread: below them Student's quantile is not known well, and nothing more is covered. */
const FEWEST_DEGREES = 3

/**
 * Accuracy over problems with its interval: Wilson's, at the number of independent answers that the samples are worth. That number
 * is p (1 - p) / (s^2 / n), Kish's effective sample size, between n (the samples of a problem are all alike) and n k (a problem is as
 * good as any other). s^2 is drawn a little towards its upper bound p (1 - p), since few problems that were solved seldom show how much
 * they differ. Where the number comes out of s^2, Student's quantile takes the place of the normal one, at the degrees of freedom that
 * s^2 / (p (1 - p)) has. With one sample a problem it is Wilson's interval as it stands. Coverage as simulated: docs/statistics.md.
 * @param scores per problem, the share of its samples that are correct
 */
export function accuracyInterval(scores: readonly number[], options: AccuracyOptions = {}): Interval {
  const { samples = 1, confidence = 0.95 } = options
  const n = scores.length
  const correct = scores.reduce((sum, score) => sum + score, 0)
  if (n < 2 || samples === 1) return wilsonInterval(correct, n, confidence)
  const mean = correct / n
  const alike = mean * (1 - mean)
  const spread = scores.reduce((sum, score) => sum + (score - mean) ** 2, 0)
  const share = alike === 0 ? 1 : (spread / alike + SPREAD_WEIGHT) / (n - 1 + SPREAD_WEIGHT)
  const most = n * samples
  const worth = Math.min(most, Math.max(n, n / share))
  const upper = 0.5 + confidence / 2
  const isKnown = worth === most || worth === n
  const degrees = isKnown ? Number.POSITIVE_INFINITY : degreesOfSpread(mean, n / worth, samples, n)
  return { ...scoreInterval(mean, worth, studentQuantile(upper, degrees)), n }
}

/**
 * Satterthwaite's degrees of freedom (1946) of s^2 / (p (1 - p)): 2 / (relative variance), by the delta method, since a sample with few right
 * answers has a small mean and a small spread at once. Of the shares of a beta-binomial with this mean and spread; infinite where all
 * samples of a problem are alike, about the number of problems where problems are.
 * @param mean in (0, 1)
 * @param share of p (1 - p) that the variance of the problems' shares is, in (1 / samples, 1)
 */
function degreesOfSpread(mean: number, share: number, samples: number, n: number): number {
  const { variance, skewness, excess } = betaBinomialShape(mean, (share * samples - 1) / (samples - 1), samples)
  const slope = ((1 - 2 * mean) / (mean * (1 - mean))) * Math.sqrt(variance)
  const relative = (excess - 2 * skewness * slope + slope ** 2) / n + 2 / (n - 1)
  return relative <= 0 ? Number.POSITIVE_INFINITY : Math.max(FEWEST_DEGREES, 2 / relative)
}

/**
 * Variance, skewness and excess kurtosis of X / k, X beta-binomial, by its factorial moments.
 * @param correlation of two answers to one problem, in (0, 1)
 */
function betaBinomialShape(mean: number, correlation: number, k: number) {
  const size = 1 / correlation - 1
  const factor = (i: number): number => ((k - i) * (mean * size + i)) / (size + i)
  const m1 = factor(0)
  const f2 = m1 * factor(1)
  const f3 = f2 * factor(2)
  const f4 = f3 * factor(3)
  const [m2, m3, m4] = [f2 + m1, f3 + 3 * f2 + m1, f4 + 6 * f3 + 7 * f2 + m1]
  const variance = m2 - m1 ** 2
  return {
    variance: variance / k ** 2,
    skewness: (m3 - 3 * m2 * m1 + 2 * m1 ** 3) / variance ** 1.5,
    excess: (m4 - 4 * m3 * m1 + 6 * m2 * m1 ** 2 - 3 * m1 ** 4) / variance ** 2 - 3,
  }
}
