/** Does the model still answer as it did? Signs of collapse that accuracy alone hides, from a fixed number of samples a problem. */

import { type Interval, pairedDifference } from './intervals.ts'
import { passAtK } from './pass-at-k.ts'

/** One completion of a measurement in which every problem has been asked equally often. */
export interface Answer {
  readonly problem: string
  readonly text: string
  readonly correct: boolean
  readonly truncated: boolean
  /** Generated tokens. */
  readonly tokens: number
}

/** Shares in [0, 1], over the problems of the gate split. */
export interface Health {
  readonly problems: number
  /** Samples of each problem. */
  readonly samples: number
  readonly passAt1: number
  /** pass@k for k = `samples`: the share of problems solved at least once. What is left has never been solved. */
  readonly passAtK: number
  /** Different texts among a problem's samples; 1 where each is its own. */
  readonly distinct: number
  /** Completions that did not end by themselves. */
  readonly truncated: number
  /** Mean generated tokens. */
  readonly tokens: number
}

type Measure = 'passAtK' | 'distinct' | 'truncated' | 'tokens'

/** How far from the base is too far. */
export interface CollapseLimits {
  /** Rise of the truncated share. */
  readonly truncated: number
  /** Factor on the mean length, up or down; above 1. */
  readonly lengthFactor: number
  /** Fall of the share of different texts. */
  readonly distinct: number
  /** Fall of pass@k. */
  readonly coverage: number
}

/** One sign of collapse, with its evidence: new - base, paired over problems. */
export interface Symptom {
  readonly measure: Measure
  readonly difference: Interval
  /** One sentence. */
  readonly text: string
}

/** @param answers equally many of each problem; undefined where there are none */
export function healthOf(answers: readonly Answer[]): Health | undefined {
  const groups = grouped(answers)
  if (groups.size === 0) return undefined
  const means = (measure: (group: readonly Answer[]) => number): number => mean([...groups.values()].map(measure))
  return {
    problems: groups.size,
    samples: Math.min(...[...groups.values()].map((group) => group.length)),
    passAt1: means((group) => mean(group.map(({ correct }) => Number(correct)))),
    passAtK: means(MEASURES.passAtK),
    distinct: means(MEASURES.distinct),
    truncated: means(MEASURES.truncated),
    tokens: means(MEASURES.tokens),
  }
}

const MEASURES: Readonly<Record<Measure, (group: readonly Answer[]) => number>> = {
  passAtK: (group) => passAtK(group.length, group.filter(({ correct }) => correct).length, group.length),
  distinct: (group) => new Set(group.map(({ text }) => text.trim())).size / group.length,
  truncated: (group) => mean(group.map(({ truncated }) => Number(truncated))),
  tokens: (group) => mean(group.map(({ tokens }) => tokens)),
}

/** Four looks at each checkpoint: together they cry wolf at most once in a hundred checkpoints. */
const CONFIDENCE = 1 - 0.01 / 4
/** With fewer problems equal differences look like certainty. */
const FEWEST_PROBLEMS = 10

/** The signs of collapse against the base for which there is evidence: the whole interval lies beyond the limit. */
export function findCollapse(base: readonly Answer[], now: readonly Answer[], limits: CollapseLimits): Symptom[] {
  const before = healthOf(base)
  const after = healthOf(now)
  if (!before || !after) return []
  const symptoms: Symptom[] = []
  const look = (measure: Measure, isBeyond: (difference: Interval) => boolean, text: string): void => {
    const difference = pairedDifference(byProblem(base, measure), byProblem(now, measure), CONFIDENCE)
    if (difference.n >= FEWEST_PROBLEMS && isBeyond(difference)) symptoms.push({ measure, difference, text })
  }
  const share = (value: number): string => `${(value * 100).toFixed(1)}%`
  look(
    'truncated',
    ({ low }) => low > limits.truncated,
    `${share(after.truncated)} of its answers do not end by themselves, of the base's ${share(before.truncated)}.`,
  )
  look(
    'tokens',
    ({ low, high }) => {
      const factors = [low, high].map((end) => (before.tokens + end) / before.tokens)
      return (factors[0] ?? 1) > limits.lengthFactor || (factors[1] ?? 1) < 1 / limits.lengthFactor
    },
    `Its answers have ${after.tokens.toFixed(0)} tokens on average, the base's ${before.tokens.toFixed(0)}.`,
  )
  // One sample a problem is always its own.
  if (before.samples > 1) {
    look(
      'distinct',
      ({ high }) => high < -limits.distinct,
      `${share(after.distinct)} of a problem's answers differ from one another, of the base's ${share(before.distinct)}.`,
    )
  }
  look(
    'passAtK',
    ({ high }) => high < -limits.coverage,
    `It solves ${share(after.passAtK)} of the problems in ${after.samples} tries (pass@${after.samples}), the base ${share(before.passAtK)}.`,
  )
  return symptoms
}

function byProblem(answers: readonly Answer[], measure: Measure): Map<string, number> {
  return new Map([...grouped(answers)].map(([problem, group]) => [problem, MEASURES[measure](group)]))
}

function grouped(answers: readonly Answer[]): Map<string, Answer[]> {
  const groups = new Map<string, Answer[]>()
  for (const answer of answers) {
    const group = groups.get(answer.problem)
    if (group) group.push(answer)
    else groups.set(answer.problem, [answer])
  }
  return groups
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}
