/** The end of a job: the checkpoint directory appears by one rename, with metrics.json inside. */

import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { ConfigError } from '../../core/errors.ts'
import type { TrainMetrics } from '../../core/trainer.ts'
import { hashCheckpoint, type ModelCheckpoint, writeCheckpoint } from '../model/checkpoint.ts'

const metricsSchema = z.object({ dataset: z.object({ sha256: z.string() }) })

/**
 * Whether the output is there already, from this very dataset: a job may be submitted twice.
 * @throws ConfigError when it is there from another dataset, or is something else
 */
export function isPublished(output: string, datasetSha256: string): boolean {
  if (!existsSync(output)) return false
  const path = join(output, 'metrics.json')
  const metrics = existsSync(path) ? metricsSchema.safeParse(JSON.parse(readFileSync(path, 'utf8'))) : undefined
  if (metrics?.data?.dataset.sha256 === datasetSha256) return true
  throw new ConfigError(
    `${output} exists and was not trained on this dataset (sha256 ${datasetSha256}); give another --output-dir.`,
  )
}

/** Writes `output`.tmp and renames it to `output`. */
export function publish(
  output: string,
  checkpoint: ModelCheckpoint,
  metrics: Omit<TrainMetrics, 'schema' | 'checkpoint'>,
): TrainMetrics {
  const fresh = `${output}.tmp`
  rmSync(fresh, { recursive: true, force: true })
  writeCheckpoint(fresh, checkpoint)
  const sha256 = hashCheckpoint(fresh).replace('sha256:', '')
  const whole: TrainMetrics = { schema: 1, ...metrics, checkpoint: { sha256 } }
  writeFileSync(join(fresh, 'metrics.json'), `${JSON.stringify(whole, undefined, 2)}\n`)
  try {
    renameSync(fresh, output)
  } catch (error) {
    // Another process for the same job was first; what it published is the same.
    if (!isPublished(output, metrics.dataset.sha256)) throw error
    rmSync(fresh, { recursive: true, force: true })
  }
  return whole
}
