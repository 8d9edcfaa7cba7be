/** Doctor's look at this machine's disk. */

import { statfsSync } from 'node:fs'
import type { RunConfig } from '../../config/schema.ts'
import type { Finding } from '../../core/finding.ts'
import { plural } from '../../core/words/plural.ts'
import type { TrainingNeeds } from '../../train/memory.ts'

const LITTLE_BYTES = 5e9
/** Of a job, saved one after the other; the older goes when the newer is whole. */
const STATES = 2

/**
 * @param scratch an existing folder on the disk where the run will be written
 * @param needs what a checkpoint and a job's state take, where that can be computed
 */
export function describeDisk(scratch: string, config: RunConfig, needs: TrainingNeeds | undefined): Finding[] {
  const { bavail, bsize } = statfsSync(scratch)
  const free = bavail * bsize
  const checkpoints = config.keep.last + config.keep.best + 1
  const wanted = needs && checkpoints * needs.checkpoint + STATES * needs.state
  const gb = (bytes: number): string => `${(bytes / 1e9).toFixed(1)} GB`
  const sizes =
    needs && wanted !== undefined
      ? ` of ${gb(needs.checkpoint)} each, and ${STATES} states of ${gb(needs.state)} while it trains: ${gb(wanted)} in all`
      : ''
  const text = `${gb(free)} are free at ${scratch}; up to ${checkpoints} ${plural(checkpoints, 'checkpoint lies', 'checkpoints lie')} there at a time${sizes}.`
  const isLittle = free < (wanted ?? LITTLE_BYTES) && config.sample.kind !== 'embedded'
  return [{ level: isLittle ? 'problem' : 'ok', subject: 'disk', text }]
}
