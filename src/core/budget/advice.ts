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

/** @returns sentences; the last one says where the evidence is. Points are those of docs/policy-experiment.md (2026-11-29, eight seeds). */
export function adviceOn(situation: Situation): string {
  const { lrSchedule, fixedSteps, budgetKnown, hasGate, acceptanceRate, policy } = situation
  const sentences: string[] = []
  if (!fixedSteps) {
    sentences.push(
      'With epochs over the data progress follows the sum of n_t, and policies hardly differ; train.steps lets n_t set the noise of an update.',
    )
  } else if (lrSchedule !== 'run-constant') {
    sentences.push(
      'With a learning rate that falls over the run a constant n_t is enough: with run-inverse-time it ended 2.2 points above a growing n_t at a constant rate, and was 3 to 4 below it only at small budgets.',
    )
  } else if (budgetKnown) {
    sentences.push(
      'With a constant learning rate and a known budget a constant n_t tuned to it loses little (1.3 points to a growing one, -0.1 to 2.6); growth: auto solves for the budget, and a rate that falls (run-inverse-time) did better than either.',
    )
  } else {
    sentences.push(
      "With a constant learning rate and no known budget let n_t grow by 5% an iteration: its worst distance from the best policy over eight budgets was 3.3 points, the best constant's 6.2. For a long run a constant n_t with a rate that falls (run-inverse-time) did better still.",
    )
  }
  if (acceptanceRate !== undefined && acceptanceRate < DEAR) {
    sentences.push(
      `At an acceptance rate of ${(100 * acceptanceRate).toFixed(0)}% early traces are dear: cost-aware keeps them few.`,
    )
  }
  if (policy === 'adaptive' && hasGate) {
    sentences.push(
      'adaptive pays for a gate after every iteration, and did not earn it: its worst distance from the best policy over eight budgets was 14.9 points, that of plain growth of 5% 3.3.',
    )
  }
  return `Policy: ${sentences.join(' ')} Evidence, on a small model: ${EVIDENCE}.`
}
