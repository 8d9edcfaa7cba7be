/** The training job that doctor asks an engine about. */

import { join } from 'node:path'
import { optimizationOf } from '../../core/budget/optimization.ts'
import type { TrainJob } from '../../core/trainer.ts'
import { iterationDirectory } from '../../run/folder.ts'
import { plannedTargets } from '../../run/planned.ts'
import type { ProgramInput } from './program.ts'
import { recipeSettings } from './recipe-settings.ts'

/** As the first iteration would submit it, with as many rows as are planned. */
export function firstJob({ config, directory }: ProgramInput): TrainJob {
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
    recipe: recipeSettings(config),
  }
}
