/** An iteration played in memory: waves are planned, answered by seeded chance, and learnt from, as the loop does. */

import type { Allocation, ProblemState } from '../../../src/core/allocate/allocation.ts'
import { NO_TALLY, type PastTally, plus, type Tally } from '../../../src/core/allocate/posterior.ts'
import { type Place, planWave } from '../../../src/core/allocate/wave.ts'
import { createRandom } from '../../../src/core/seed.ts'

export const FLAT = { prior: { correct: 1, wrong: 1 } }

export interface Played {
  /** Problem of every request, in order. */
  readonly asked: readonly string[]
  /** Problem of every accepted trace, in order. */
  readonly accepted: readonly string[]
  readonly past: readonly PastTally[]
}

export interface PlayInput {
  readonly allocation: Allocation
  /** True solve rate by problem, in the order of the ranks. */
  readonly rates: ReadonlyMap<string, number>
  readonly wanted: number
  readonly seed?: number
  readonly size?: number
  readonly carried?: ReadonlyMap<string, Tally>
  readonly ranks?: ReadonlyMap<string, number>
}

/** Every correct answer is eligible; the last wave is known only when the next but one is planned. */
export function play({ allocation, rates, wanted, seed = 1, size = 32, carried, ranks }: PlayInput): Played {
  const random = createRandom(seed)
  const places = new Map(
    [...rates.keys()].map((problem, rank): [string, Place] => [
      problem,
      { problem, state: fresh(carried?.get(problem) ?? NO_TALLY, ranks?.get(problem) ?? rank) },
    ]),
  )
  const sources = [{ weight: 1, places: [...places.values()], quota: undefined }]
  const asked: string[] = []
  const accepted: string[] = []
  const outcomes: { problem: string; isRight: boolean }[] = []
  let learnt = 0
  const learnUpTo = (end: number): void => {
    for (const { problem, isRight } of outcomes.slice(learnt, end)) learn(places.get(problem) as Place, isRight)
    learnt = Math.max(learnt, end)
  }
  for (let lastStart = 0; accepted.length < wanted; ) {
    const begun = outcomes.length
    learnUpTo(lastStart)
    let wave = planWave({ allocation, posterior: FLAT, sources, size, maxPerProblem: null })
    if (wave.length === 0) {
      learnUpTo(begun)
      wave = planWave({ allocation, posterior: FLAT, sources, size, maxPerProblem: null })
    }
    if (wave.length === 0) throw new Error('nobody is left to ask')
    lastStart = begun
    for (const problem of wave) {
      const isRight = random() < (rates.get(problem) ?? 0)
      outcomes.push({ problem, isRight })
      if (accepted.length === wanted) continue
      asked.push(problem)
      if (isRight) accepted.push(problem)
    }
  }
  return { asked, accepted, past: tally(asked, outcomes) }
}

function fresh(carried: Tally, rank: number): ProblemState {
  return { carried, rank, asked: 0, ended: 0, known: NO_TALLY, eligible: 0 }
}

function learn(place: Place, isRight: boolean): void {
  const { state } = place
  place.state = {
    ...state,
    ended: state.ended + 1,
    known: plus(state.known, { asked: 1, correct: isRight ? 1 : 0 }),
    eligible: state.eligible + (isRight ? 1 : 0),
  }
}

function tally(asked: readonly string[], outcomes: readonly { problem: string; isRight: boolean }[]): PastTally[] {
  const rows = new Map<string, PastTally>()
  for (const [issue, problem] of asked.entries()) {
    const row = rows.get(problem) ?? { iteration: 0, problem, asked: 0, correct: 0, firstIssue: issue }
    const correct = row.correct + (outcomes[issue]?.isRight ? 1 : 0)
    rows.set(problem, { ...row, asked: row.asked + 1, correct })
  }
  return [...rows.values()]
}

/** How often each value comes. */
export function countsOf(values: readonly string[]): Map<string, number> {
  const out = new Map<string, number>()
  for (const value of values) out.set(value, (out.get(value) ?? 0) + 1)
  return out
}
