/** What a policy that goes by the run's own progress decides before an iteration, with its reason. */

export const DECISION_KINDS = ['start', 'grow', 'hold', 'stop', 'roll-back'] as const
/**
 * - `start`: the first iteration, before anything is measured
 * - `grow`, `hold`: n_t rises, or stays
 * - `stop`: too little is left to gain; the run is done
 * - `roll-back`: the gate rejected the last checkpoint; the loop builds on the one before
 */
export type DecisionKind = (typeof DECISION_KINDS)[number]

export interface PolicyDecision {
  readonly kind: DecisionKind
  /** n_t, in the unit of the budget; of a stop, what it would have been. */
  readonly size: number
  /** The factor expected of the iterations after this one. */
  readonly growth: number
  /** 80% interval of 1 / lambda, the growth that leaves the least variance. */
  readonly low: number
  readonly high: number
  /** One or two sentences for people. */
  readonly reason: string
}
