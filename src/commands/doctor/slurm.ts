/** Doctor's look at Slurm: would it take a training job as run.yaml describes it? Nothing is submitted. */

import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { RunConfig } from '../../config/schema.ts'
import { optimizationOf } from '../../core/budget/optimization.ts'
import { TrainerAway, TrainerError } from '../../core/errors.ts'
import type { TrainJob } from '../../core/trainer.ts'
import { slurmOptions } from '../../loop/train/trainer.ts'
import { iterationDirectory } from '../../run/folder.ts'
import { plannedTargets } from '../../run/planned.ts'
import { testSubmission } from '../../train/slurm-trainer.ts'
import type { Finding } from './finding.ts'

/** @param directory where the run would be written */
export async function describeSlurm(config: RunConfig, configDirectory: string, directory: string): Promise<Finding> {
  if (config.train.kind !== 'slurm') throw new Error('train.kind is slurm here')
  const subject = 'trainer'
  const options = slurmOptions({ config, directory, configDirectory }, config.train)
  if (!existsSync(options.script)) {
    return { level: 'problem', subject, text: `train.script is ${options.script}, which is not there.` }
  }
  try {
    const words = await testSubmission(firstJob(config, directory), options)
    return { level: 'ok', subject, text: `Slurm would take the training job: ${words}.` }
  } catch (error) {
    if (!(error instanceof TrainerError)) throw error
    const isAway = error instanceof TrainerAway || error.cause !== undefined
    return { level: isAway ? 'unreachable' : 'problem', subject, text: error.message }
  }
}

/** As the first iteration would submit it, with as many rows as are planned. */
function firstJob(config: RunConfig, directory: string): TrainJob {
  const targets = plannedTargets(config)
  const rows = targets[0] ?? 1
  return {
    key: '0-0',
    iteration: 0,
    base: 'base',
    dataset: join(iterationDirectory(directory, 0), 'dataset.jsonl'),
    datasetSha256: '0'.repeat(64),
    rows,
    output: join(directory, 'checkpoints', '00'),
    log: join(iterationDirectory(directory, 0), 'train.log'),
    seed: 1,
    optimization: optimizationOf(config.train, { iteration: 0, rows, targets, lrFactor: 1 }),
  }
}
