/** Time in the ledger: a stretch of work with a heartbeat, so that a killed process has lost seconds of account, not hours. */

import type { RunContext } from './context.ts'

const BEAT_MS = 1000

/** Runs the work and books its seconds under iteration and phase. */
export async function inActivity<T>(
  context: RunContext,
  iteration: number,
  phase: string,
  work: () => Promise<T>,
): Promise<T> {
  const activity = context.store.ledger.startActivity(iteration, phase, steadyNow())
  const timer = setInterval(() => beatQuietly(activity), BEAT_MS)
  try {
    return await work()
  } finally {
    clearInterval(timer)
    activity.beat(steadyNow())
  }
}

/** A disk that refuses a heartbeat refuses the work's own writes as well, and those are the ones that report it. */
function beatQuietly(activity: { beat(now: number): void }): void {
  try {
    activity.beat(steadyNow())
  } catch {}
}

/** Whole milliseconds since 1970, as the machine's clock stood when the process began and at its pace since. */
export function steadyNow(): number {
  return Math.round(performance.timeOrigin + performance.now())
}
