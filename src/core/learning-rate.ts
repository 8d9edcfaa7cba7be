/** Learning rates: an iteration's stretch of the run's schedule. */

import type { LrSchedule } from './trainer.ts'

/**
 * Where the learning rate starts and ends within one iteration.
 * @param share of the run's planned training that lies before this iteration, and after it: both in [0, 1]
 */
export function learningRateStretch(
  schedule: LrSchedule,
  peak: number,
  share: { readonly before: number; readonly after: number },
): { readonly start: number; readonly end: number } {
  switch (schedule) {
    case 'iteration-decay':
      return { start: peak, end: 0 }
    case 'run-constant':
      return { start: peak, end: peak }
    case 'run-decay':
      return { start: peak * (1 - share.before), end: peak * (1 - share.after) }
  }
}
