/** Which policy for which situation, in one paragraph: no more than what the theory and the project's own experiments support. */

import type { LrSchedule } from '../trainer.ts'
import type { BudgetPolicy } from './policy.ts'

export interface Situation {
  readonly policy: BudgetPolicy['kind']
  readonly lrSchedule: LrSchedule
  /** Whether steps an iteration are fixed, so that n_t sets the batch; else n_t sets the number of steps. */
  readonly fixedSteps: boolean
  /** Whether `budget.cost` or `budget.total` says when the run ends. */
  readonly budgetKnown: boolean
  /** Whether a gate measures every checkpoint. */
  readonly hasGate: boolean
  /** Measured by a pilot or by the run; undefined before. */
  readonly acceptanceRate?: number | undefined
}

/** An accepted trace at this rate costs five samples or more, which is when the first model's traces are dear. */
const DEAR = 0.2

const EVIDENCE = 'docs/policies.md, docs/policy-experiment.md, docs/denoising.md'

/** @returns sentences; the last one says where the evidence is and what it lacks */
export function adviceOn(situation: Situation): string {
  const { lrSchedule, fixedSteps, budgetKnown, hasGate, acceptanceRate, policy } = situation
  const sentences: string[] = []
  if (!fixedSteps) {
    sentences.push(
      'With epochs over the data progress follows the sum of n_t, and policies hardly differ; train.steps lets n_t set the noise of an update.',
    )
  } else if (lrSchedule !== 'run-constant') {
    sentences.push(
      'A constant n_t whose learning rate falls ended within 1.6 points of a growing one where both were measured (C = 30,000): take the simplest.',
    )
  } else if (budgetKnown) {
    sentences.push(
      'With a constant learning rate and a known budget a constant n_t tuned to it loses little, in theory a factor ln C; growth: auto solves for the budget.',
    )
  } else {
    sentences.push(
      'With a constant learning rate and no known budget let n_t grow slowly (1.05 an iteration on the embedded model): a constant stays at the noise floor of its n_t, however long it runs.',
    )
  }
  if (acceptanceRate !== undefined && acceptanceRate < DEAR) {
    sentences.push(
      `At an acceptance rate of ${(100 * acceptanceRate).toFixed(0)}% early traces are dear: cost-aware keeps them few.`,
    )
  }
  if (policy === 'adaptive' && hasGate) {
    sentences.push(
      'adaptive measures a gate after every iteration; that it earns what the gate costs has not been shown.',
    )
  }
  return `Policy: ${sentences.join(' ')} Evidence: ${EVIDENCE}; the comparison over budgets is not finished.`
}
