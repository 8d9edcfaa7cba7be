/** What is compared: n_t as the paper counts it, in batches between two refreshes of the model that samples, and the controls. */

import type { FormulaPolicy } from '../../core/budget/formulas.ts'

export interface DenoisingArm {
  /** As people read it; names an arm in every table and in --json. */
  readonly name: string
  readonly policy: FormulaPolicy
  /** Kept with the probability that the reward says, or everything. */
  readonly selects: boolean
  /** The rate falls to 0 as the cost is spent, or stays. */
  readonly decays: boolean
  /** It answers whether something else than the policy explains the gain. */
  readonly isControl: boolean
}

const GROWTH: FormulaPolicy = { kind: 'exponential', initial: 1, growth: 1.3 }
const constant = (initial: number): FormulaPolicy => ({ kind: 'constant', initial })
/** More batches than any budget pays for. */
const NEVER = constant(1_000_000)

function arm(name: string, policy: FormulaPolicy, changes: Partial<DenoisingArm> = {}): DenoisingArm {
  return { name, policy, selects: true, decays: false, isControl: false, ...changes }
}

/** The arm that all others are compared with. */
export const REFERENCE = '1.3^t'

const CONTROLS: readonly DenoisingArm[] = [
  arm('never refreshed', NEVER, { isControl: true }),
  arm('1.3^t, nothing selected', GROWTH, { selects: false, isControl: true }),
  arm('1.3^t, rate to 0', GROWTH, { decays: true, isControl: true }),
]

export const ARMS: readonly DenoisingArm[] = [
  arm(REFERENCE, GROWTH),
  arm('constant 1', constant(1)),
  arm('constant 10', constant(10)),
  arm('constant 100', constant(100)),
  arm('1 + t', { kind: 'polynomial', initial: 1, degree: 1 }),
  ...CONTROLS,
  arm('constant 10, rate to 0', constant(10), { decays: true, isControl: true }),
  arm('constant 1, rate to 0', constant(1), { decays: true, isControl: true }),
]

/** A try of a minute; the controls are always shown. */
export const QUICK_ARMS: readonly DenoisingArm[] = [
  ...ARMS.filter(({ name }) => [REFERENCE, 'constant 1', 'constant 10'].includes(name)),
  ...CONTROLS,
]

/**
 * Few distinct images that are fitted for a fixed number of steps: n_t is then a sample size, and no number of steps, which is the
 * case that the paper's theorems speak of.
 */
export const REFIT_ARMS: readonly DenoisingArm[] = [
  arm(REFERENCE, GROWTH),
  arm('constant 1', constant(1)),
  arm('constant 5', constant(5)),
  arm('constant 25', constant(25)),
  arm('1 + t', { kind: 'polynomial', initial: 1, degree: 1 }),
  ...CONTROLS.filter(({ policy }) => policy !== NEVER),
  arm('constant 5, rate to 0', constant(5), { decays: true, isControl: true }),
]
