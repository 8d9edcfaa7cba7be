/** Two checkpoints as the gate meets them: problems of their own difficulty, answered k times by each. */

import { drawBeta, drawBinomial } from '../../src/core/measure/draws.ts'
import type { Random } from '../../src/core/seed.ts'

export interface Checkpoints {
  readonly problems: number
  readonly samples: number
  /** Mean accuracy of the one before. */
  readonly accuracy: number
  /** Correlation of two answers to one problem, in (0, 1). */
  readonly correlation: number
  /** How much less the one after has, on average. */
  readonly drop: number
}

/** Per problem id, the share of right answers of the one before and the one after. */
export function drawCheckpoints(
  of: Checkpoints,
  random: Random,
): { before: Map<string, number>; after: Map<string, number> } {
  const { problems, samples, accuracy, correlation, drop } = of
  const size = 1 / correlation - 1
  const before = new Map<string, number>()
  const after = new Map<string, number>()
  for (let i = 0; i < problems; i++) {
    const chance = drawBeta(accuracy * size, (1 - accuracy) * size, random)
    const left = chance * (1 - drop / accuracy)
    before.set(`p${i}`, drawBinomial(samples, chance, random) / samples)
    after.set(`p${i}`, drawBinomial(samples, left, random) / samples)
  }
  return { before, after }
}
