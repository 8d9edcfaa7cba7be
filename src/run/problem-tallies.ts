/** What each training problem's answers have been: the stored sums of ended iterations, and a count of what came after them. */

import type { RunConfig } from '../config/schema.ts'
import { carriedTallies, carryOn } from '../core/allocate/coverage.ts'
import type { Tally } from '../core/allocate/posterior.ts'
import type { Store } from '../store/store.ts'

type Posterior = RunConfig['budget']['posterior']

/** The counts of every problem as they weigh in an iteration: those of iteration t by memory^(iteration - t). By problem id. */
export function talliesAt(store: Store, iteration: number, posterior: Posterior): Map<string, Tally> {
  const { through, sums } = sumsBefore(store, iteration, posterior)
  return carriedTallies(carryOn(sums, store.allocation.past(iteration, through), posterior), iteration, posterior)
}

export interface InAll {
  /** Completions that came back, in the iterations before. */
  readonly asked: number
  readonly solved: boolean
}

/** How often every problem was asked in the iterations before this one, and whether one answer was right. By problem id. */
export function askedBefore(store: Store, iteration: number, posterior: Posterior): Map<string, InAll> {
  const { through, sums } = sumsBefore(store, iteration, posterior)
  const out = new Map<string, InAll>()
  for (const [problem, { askedInAll, solved }] of sums) out.set(problem, { asked: askedInAll, solved: Boolean(solved) })
  for (const { problem, asked, correct } of store.allocation.past(iteration, through)) {
    const known = out.get(problem)
    out.set(problem, { asked: (known?.asked ?? 0) + asked, solved: (known?.solved ?? false) || correct > 0 })
  }
  return out
}

/** Sums that reach beyond the iteration (of a run that was taken back) do not serve it. */
function sumsBefore(store: Store, iteration: number, { memory }: Posterior) {
  const through = store.problemSums.through(memory)
  return through < iteration
    ? { through, sums: store.problemSums.all(memory) }
    : { through: -1, sums: new Map<string, never>() }
}
