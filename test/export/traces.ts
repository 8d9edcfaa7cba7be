/** The traces that the tests of exports begin with. */

import type { Exportable } from '../../src/export/filter.ts'

/** One that every export takes. */
export const ACCEPTED: Exportable = {
  problem: 1,
  split: 'train',
  disposition: 'accepted',
  finishReason: 'stop',
  verdict: 'correct',
  rule: 'number',
  text: 'A: 2',
  completionTokens: 4,
}
