/** The run's numbers where dashboards look for them: metrics.prom and tensorboard/ in the run folder, rebuilt from the store. */

import { appendFileSync, existsSync, mkdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { writeWhole } from '../../disk/whole-file.ts'
import { renderPrometheus } from '../../report/metrics/prometheus.ts'
import { renderTensorBoard } from '../../report/metrics/tensorboard.ts'
import type { Store } from '../../store/store.ts'
import { FOLDER } from '../folder.ts'
import { runNumbers } from '../status.ts'

/** A run of short iterations does not spend its time on rewriting all their numbers. */
const EVERY_MS = 10_000

/** Writes them after an iteration, unless they have just been written: the end of the run writes them in any case. */
export function createMetricsWriter(store: Store, directory: string): () => void {
  let writtenAt = Number.NEGATIVE_INFINITY
  return () => {
    if (performance.now() - writtenAt < EVERY_MS) return
    writeMetrics(store, directory)
    writtenAt = performance.now()
  }
}

/** @throws the system's error when the folder cannot be written */
export function writeMetrics(store: Store, directory: string): void {
  const status = runNumbers(store, directory)
  writeWhole(join(directory, FOLDER.prometheus), renderPrometheus(status))
  // An iteration that is under way would have other numbers each time.
  const ended = status.iterations.filter(({ state }) => state === 'done' || state === 'rejected')
  grow(join(directory, FOLDER.tensorboard), renderTensorBoard({ ...status, iterations: ended }, store.ledger.endedAt()))
}

/** TensorBoard continues reading where it was, so what is there already stays as it is. */
function grow(path: string, bytes: Uint8Array): void {
  mkdirSync(dirname(path), { recursive: true })
  const before = existsSync(path) ? readFileSync(path) : Buffer.alloc(0)
  if (before.equals(bytes.subarray(0, before.length))) appendFileSync(path, bytes.subarray(before.length))
  else writeWhole(path, bytes)
}
