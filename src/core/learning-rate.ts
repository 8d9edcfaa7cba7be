/** Learning rates: an iteration's stretch of the run's schedule. */

import type { LrSchedule } from './trainer.ts'

/**
 * Where the learning rate starts and ends within one iteration.
 * @param share of the run's planned training that lies before this iteration, and after it: both in [0, 1]
 * @param time the iteration, from 0, and the iterations after which `run-inverse-time` has halved the rate
 */
export function learningRateStretch(
  schedule: LrSchedule,
  peak: number,
  share: { readonly before: number; readonly after: number },
  { iteration, tau }: { readonly iteration: number; readonly tau: number },
): { readonly start: number; readonly end: number } {
  switch (schedule) {
    case 'iteration-decay':
      return { start: peak, end: 0 }
    case 'run-constant':
      return { start: peak, end: peak }
    case 'run-inverse-time': {
      const rate = peak / (1 + iteration / tau)
      return { start: rate, end: rate }
    }
    case 'run-decay':
      return { start: peak * (1 - share.before), end: peak * (1 - share.after) }
  }
}
