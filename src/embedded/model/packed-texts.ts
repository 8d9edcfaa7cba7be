/** The texts of a dataset as one array of tokens, and where each begins and ends. */

import type { TrainingText } from './gradient.ts'

/** All texts in three flat arrays, which cross over to a thread in one copy. */
export interface PackedTexts {
  readonly tokens: Int32Array
  /** Where each text ends. */
  readonly ends: Int32Array
  /** Where each text's completion begins, from the text's first token. */
  readonly starts: Int32Array
}

export function textAt({ tokens, ends, starts }: PackedTexts, row: number): TrainingText & { tokens: Int32Array } {
  return { tokens: tokens.subarray(row === 0 ? 0 : ends[row - 1], ends[row]), start: starts[row] ?? 0 }
}
