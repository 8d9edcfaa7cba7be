/** The choice among an arm's alternatives: the best accuracy on problems of the gate split, at a seed that is not compared. */

import type { Place } from './place.ts'
import type { ArmName } from './plan.ts'
import { runOf, statusIn, tuningKind } from './stages.ts'

export interface Trial {
  /** As `compare` reads it. */
  readonly text: string
  readonly iterations: number
  readonly accepted: number
  readonly sampled: number
  readonly cost: number
  /** On the gate problems, at temperature 1, in [0, 1]. */
  readonly accuracy: number
}

export interface Choice {
  readonly text: string
  readonly trials: readonly Trial[]
}

export type Chosen = Readonly<Record<ArmName, Choice>>

/** All tuning runs have ended. */
export function choose(place: Place): Chosen {
  const choiceOf = (arm: ArmName): Choice => {
    const trials = place.plan.arms[arm].map((text) => trialOf(place, text))
    return { text: trials.reduce((a, b) => (b.accuracy > a.accuracy ? b : a)).text, trials }
  }
  return {
    constant: choiceOf('constant'),
    exponential: choiceOf('exponential'),
    decay: choiceOf('decay'),
    linear: choiceOf('linear'),
  }
}

function trialOf(place: Place, text: string): Trial {
  const { iterations, totals } = statusIn(place, tuningKind, runOf(text, place.plan.tuningSeed))
  return {
    text,
    iterations: iterations.filter(({ state }) => state === 'done').length,
    accepted: totals.accepted,
    sampled: totals.sampled,
    cost: totals.cost,
    accuracy: iterations.findLast(({ evaluation }) => evaluation !== null)?.evaluation?.accuracy ?? 0,
  }
}
