/** How n_t grows in the Gaussian model's tables. */

import { budgetAt } from '../src/core/budget/policy.ts'
import { constantsOf, type GaussianModel } from '../src/simulate/gaussian.ts'
import type { SETTINGS } from '../test/simulate/reference.ts'

export type Setting = keyof typeof SETTINGS
/** Real-valued n_t but for a factor, with lambda where it needs it. */
export type Shape = (t: number, lambda: number) => number

export const SHAPES = {
  constant: () => 1,
  '1+t': (t) => 1 + t,
  '(1+t)^2': (t) => (1 + t) ** 2,
  '1.05^t': (t) => 1.05 ** t,
  '(1/lam)^t': (t, lambda) => lambda ** -t,
  '(1/lam^2)^t': (t, lambda) => lambda ** (-2 * t),
  '2^t': (t) => 2 ** t,
} as const satisfies Record<string, Shape>
export type ShapeName = keyof typeof SHAPES

export function* endless(model: GaussianModel, shape: Shape, initial: number): Generator<number> {
  const { contraction } = constantsOf(model)
  for (let t = 0; ; t++) yield budgetAt({ kind: 'constant', initial: initial * shape(t, contraction) }, 0)
}
