/** What a comparison of two trees finds, with the rule that decided. */

import type { Steps } from '../algebra/steps.ts'
import type { Policies } from '../policy.ts'
import type { Rule } from '../reasons.ts'
import type { Tree } from '../tree.ts'

export interface Outcome {
  readonly kind: 'equal' | 'different' | 'unknown'
  readonly rule: Rule
  /** True where numeric probing took part; otherwise the outcome is exact. */
  readonly probed: boolean
  /** Points that agreed, where it was probed. */
  readonly points: number
}

export interface Context {
  readonly steps: Steps
  readonly policies: Policies
  /** The one integer parameter of both sides, where they have one: `k` of `kπ`. */
  readonly parameter: string | undefined
  /** Comparison of any two trees, for the rules that go down into them. */
  compare(gold: Tree, answer: Tree): Outcome
}

export function equal(rule: Rule): Outcome {
  return { kind: 'equal', rule, probed: false, points: 0 }
}

export function different(rule: Rule): Outcome {
  return { kind: 'different', rule, probed: false, points: 0 }
}

export function unknown(rule: Rule): Outcome {
  return { kind: 'unknown', rule, probed: false, points: 0 }
}

/** All parts together: equal where all are, different where one is, and probed where one was. */
export function all(rule: Rule, parts: readonly Outcome[]): Outcome {
  const kind = parts.some((part) => part.kind === 'different')
    ? 'different'
    : parts.some((part) => part.kind === 'unknown')
      ? 'unknown'
      : 'equal'
  return named(rule, kind, parts)
}

/** One outcome under the name of the rule that asked for it. */
export function under(rule: Rule, outcome: Outcome): Outcome {
  return { ...outcome, rule }
}

function named(rule: Rule, kind: Outcome['kind'], parts: readonly Outcome[]): Outcome {
  const points = parts.filter((part) => part.probed).map((part) => part.points)
  return { kind, rule, probed: points.length > 0, points: points.length > 0 ? Math.min(...points) : 0 }
}
