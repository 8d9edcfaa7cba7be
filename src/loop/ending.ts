/** The end of a run, a good or a bad one: written down, reported, and told. */

import { CapReached, Interrupted, messageOf, SpendwiseError, StoreError } from '../core/errors.ts'
import type { Emit } from '../core/events.ts'
import type { RunState } from '../core/status.ts'
import { writeMetrics } from '../run/report/metrics.ts'
import { writeReport } from '../run/report/report.ts'
import type { Store } from '../store/store.ts'

export interface RunEnd {
  readonly state: RunState
  readonly reason: string | null
  /** Path of the report, where there is one. */
  readonly report: string | null
}

/** Writes the state, the numbers and the report. @throws StoreError where they cannot be written */
export async function finish(
  store: Store,
  directory: string,
  emit: Emit,
  state: RunState,
  reason: string | null,
): Promise<RunEnd> {
  store.requireInPlace()
  store.run.setState(state, reason)
  writeMetrics(store, directory)
  const report = await writeReport(store, directory)
  emit({ kind: 'run-ended', state, reason, report })
  return { state, reason, report }
}

/** What people and `status` will read of the failure. */
export async function recordFailure(store: Store, directory: string, emit: Emit, failure: unknown): Promise<void> {
  if (failure instanceof StoreError || isDiskError(failure)) return
  const reason = messageOf(failure)
  try {
    store.run.setState(stateOf(failure), reason)
    writeMetrics(store, directory)
    const report = await writeReport(store, directory).catch(() => null)
    emit({ kind: 'run-ended', state: stateOf(failure), reason, report })
  } catch {
    // What cannot be written down must not hide the failure itself, which is about to be told.
  }
}

function stateOf(failure: unknown): RunState {
  if (failure instanceof Interrupted) return 'interrupted'
  return failure instanceof CapReached ? 'capped' : 'failed'
}

/** A file that cannot be written, as a sentence about the run folder; any other error as it is. */
export function explainDisk(error: unknown, directory: string): unknown {
  if (error instanceof SpendwiseError || !isDiskError(error)) return error
  return new StoreError(
    `${directory} cannot be written (${error.message}); free some space or fix its permissions and run again, nothing stored is lost.`,
    { cause: error },
  )
}

const DISK_CODES = new Set(['ENOSPC', 'EDQUOT', 'EFBIG', 'EIO', 'EROFS', 'EACCES', 'EPERM'])

function isDiskError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' && DISK_CODES.has(error.code)
}
