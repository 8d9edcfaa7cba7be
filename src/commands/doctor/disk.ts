/** Doctor's look at this machine's disk. */

import { statfsSync } from 'node:fs'
import type { RunConfig } from '../../config/schema.ts'
import type { Finding } from '../../core/finding.ts'

const LITTLE_BYTES = 5e9

export function describeDisk(scratch: string, config: RunConfig): Finding[] {
  const { bavail, bsize } = statfsSync(scratch)
  const free = bavail * bsize
  const text = `${(free / 1e9).toFixed(1)} GB are free at ${scratch}; up to ${config.keep.last + config.keep.best + 1} checkpoints lie there at a time.`
  return [{ level: free < LITTLE_BYTES && config.sample.kind !== 'embedded' ? 'problem' : 'ok', subject: 'disk', text }]
}
