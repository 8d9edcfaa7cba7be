/** Budget policies: n_t, the wanted number of accepted traces, as a function of the iteration. */

import { FORMULAS, type FormulaPolicy, type Formulas, formulaOf, parameterOf } from './formulas.ts'

/**
 * Those that follow a formula, and two that are decided again before every iteration. What the latter are here is only what is expected
 * of them beforehand, n_0 lambda^-t: adaptive (core/budget/adaptive.ts), and auto, which the planner solves for under the budget's
 * cost (core/budget/replan.ts).
 */
export type BudgetPolicy =
  | FormulaPolicy
  | (Expected & { readonly kind: 'adaptive'; readonly initial: number; readonly stopBelow: number })
  | (Expected & { readonly kind: 'auto'; readonly initial: number | null })

interface Expected {
  /** lambda, as believed before anything is measured, in (0, 1). */
  readonly contraction: number
  /** How sure: the standard deviation of log(1 - lambda). */
  readonly spread: number
}

export const BUDGET_UNITS = ['accepted', 'sampled', 'batches'] as const
/** What the policy counts: accepted traces (the paper's), completions sampled, or optimizer batches of accepted traces. */
export type BudgetUnit = (typeof BUDGET_UNITS)[number]

/** What an iteration is asked for: so many accepted traces, or so many completions whatever they bring. */
export type Target =
  | { readonly kind: 'accepted'; readonly count: number }
  | { readonly kind: 'sampled'; readonly count: number }

/**
 * The policy's value at an iteration, in its unit.
 * @param iteration from 0
 * @param relativePrice w_t / w_0, above 0; only cost-aware looks at it
 * @returns an integer of at least 1: max(1, floor(x + 1/2))
 */
export function budgetAt(
  policy: BudgetPolicy,
  iteration: number,
  relativePrice = 1,
  formulas: Formulas = FORMULAS,
): number {
  return Math.max(1, Math.floor(realBudgetAt(policy, iteration, relativePrice, formulas) + 0.5))
}

/** The target of an iteration; with unit `batches`, a batch is `batchSize` accepted traces. */
export function targetAt(
  policy: BudgetPolicy,
  unit: BudgetUnit,
  batchSize: number,
  iteration: number,
  relativePrice = 1,
  formulas: Formulas = FORMULAS,
): Target {
  const count = budgetAt(policy, iteration, relativePrice, formulas)
  switch (unit) {
    case 'accepted':
      return { kind: 'accepted', count }
    case 'batches':
      return { kind: 'accepted', count: count * batchSize }
    case 'sampled':
      return { kind: 'sampled', count }
  }
}

function realBudgetAt(policy: BudgetPolicy, iteration: number, relativePrice: number, formulas: Formulas): number {
  if (policy.kind === 'adaptive' || policy.kind === 'auto') {
    return (policy.initial ?? 1) * policy.contraction ** -iteration
  }
  const formula = formulaOf(policy.kind, formulas)
  if (!formula) throw new Error(`there is no budget policy ${policy.kind}`)
  return formula.at(policy.initial, parameterOf(policy, formulas), iteration, relativePrice)
}
