/** The Gaussian settings and the reference values that the closed forms are held to. */

import type { GaussianModel } from '../../src/simulate/gaussian.ts'

const d2 = { sigma2: 1, dimension: 2 }
export const SETTINGS = {
  A: { ...d2, kappa2: 1, theta2: 4 },
  B: { ...d2, kappa2: 4, theta2: 9 },
  C: { ...d2, kappa2: 16, theta2: 25 },
  /** B with a poor first model. */
  D: { ...d2, kappa2: 4, theta2: 36 },
} as const satisfies Record<string, GaussianModel>

export interface ReferenceRow {
  readonly model: GaussianModel
  readonly sizes: readonly number[]
  readonly variance: number
  readonly meanSquare: number
  readonly expectedReward: number
  readonly expectedSamples: number
}

export const REFERENCE: readonly ReferenceRow[] = [
  {
    model: { sigma2: 1, kappa2: 4, theta2: 4, dimension: 1 },
    sizes: Array<number>(8).fill(5),
    variance: 0.4319344455,
    meanSquare: 0.5445244362,
    expectedReward: 0.8492818315,
    expectedSamples: 53.36027771,
  },
  {
    model: { sigma2: 1, kappa2: 1, theta2: 2.25, dimension: 1 },
    sizes: [2, 4, 8, 16],
    variance: 0.05859375,
    meanSquare: 0.0673828125,
    expectedReward: 0.6954846927,
    expectedSamples: 47.91055437,
  },
  {
    model: { sigma2: 1, kappa2: 4, theta2: 9, dimension: 2 },
    sizes: [10, 13, 16, 20, 24],
    variance: 0.1089670446,
    meanSquare: 1.1843017308,
    expectedReward: 0.712284038,
    expectedSamples: 158.73597302,
  },
  {
    model: { sigma2: 0.5, kappa2: 2, theta2: 3, dimension: 3 },
    sizes: [10, 10, 10, 10],
    variance: 0.09246976,
    meanSquare: 0.78072576,
    expectedReward: 0.6149166791,
    expectedSamples: 82.62317345,
  },
]

export function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0)
}
