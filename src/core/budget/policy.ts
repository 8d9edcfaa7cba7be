/** Budget policies: n_t, the wanted number of accepted traces, as a function of the iteration. */

export const POLICY_KINDS = ['constant', 'polynomial', 'exponential', 'cost-aware', 'adaptive', 'auto'] as const
export type PolicyKind = (typeof POLICY_KINDS)[number]

/**
 * The paper's three families (arXiv 2501.18962, section 3), with t from 0:
 * constant n_0; polynomial n_0 (1+t)^degree; exponential n_0 growth^t, growth = 1 + u.
 * And cost-aware n_0 growth^t sqrt(w_0 / w_t), which keeps early traces few while they are dear: w_t = c_t + c_g / r_t is the price
 * of an accepted trace. With growth = 1 / lambda it leaves the least variance for its cost in the paper's Gaussian model.
 * Two are decided anew before every iteration, and what they are here is only what is expected of them beforehand, n_0 lambda^-t:
 * adaptive (core/adaptive.ts), and auto, which the planner solves for under the budget's cost (core/replan.ts).
 */
export type BudgetPolicy =
  | { readonly kind: 'constant'; readonly initial: number }
  | { readonly kind: 'polynomial'; readonly initial: number; readonly degree: number }
  | { readonly kind: 'exponential'; readonly initial: number; readonly growth: number }
  | { readonly kind: 'cost-aware'; readonly initial: number; readonly growth: number }
  | (Expected & { readonly kind: 'adaptive'; readonly initial: number; readonly stopBelow: number })
  | (Expected & { readonly kind: 'auto'; readonly initial: number | null })

interface Expected {
  /** lambda, as believed before anything is measured, in (0, 1). */
  readonly contraction: number
  /** How sure: the standard deviation of log(1 - lambda). */
  readonly spread: number
}

/** Policies whose n_t is known beforehand, or follows a formula. */
export const FORMULA_KINDS = ['constant', 'polynomial', 'exponential', 'cost-aware'] as const satisfies PolicyKind[]
export type FormulaPolicy = Extract<BudgetPolicy, { readonly kind: (typeof FORMULA_KINDS)[number] }>

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
export function budgetAt(policy: BudgetPolicy, iteration: number, relativePrice = 1): number {
  return Math.max(1, Math.floor(realBudgetAt(policy, iteration, relativePrice) + 0.5))
}

/** The target of an iteration; with unit `batches`, a batch is `batchSize` accepted traces. */
export function targetAt(
  policy: BudgetPolicy,
  unit: BudgetUnit,
  batchSize: number,
  iteration: number,
  relativePrice = 1,
): Target {
  const count = budgetAt(policy, iteration, relativePrice)
  switch (unit) {
    case 'accepted':
      return { kind: 'accepted', count }
    case 'batches':
      return { kind: 'accepted', count: count * batchSize }
    case 'sampled':
      return { kind: 'sampled', count }
  }
}

function realBudgetAt(policy: BudgetPolicy, iteration: number, relativePrice: number): number {
  switch (policy.kind) {
    case 'constant':
      return policy.initial
    case 'polynomial':
      return policy.initial * (iteration + 1) ** policy.degree
    case 'exponential':
      return policy.initial * policy.growth ** iteration
    case 'cost-aware':
      return (policy.initial * policy.growth ** iteration) / Math.sqrt(relativePrice)
    case 'adaptive':
    case 'auto':
      return (policy.initial ?? 1) * policy.contraction ** -iteration
  }
}
