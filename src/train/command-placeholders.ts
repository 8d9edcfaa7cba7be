/** The values of the placeholders in `train.command`. */

import type { TrainPlaceholder } from '../core/placeholders.ts'
import type { TrainJob } from '../core/trainer.ts'

/** What a train command may ask for. */
export function commandPlaceholders(job: TrainJob): Readonly<Record<TrainPlaceholder, string | number | undefined>> {
  const { optimization, recipe } = job
  return {
    base: job.base,
    dataset: job.dataset,
    sha256: job.datasetSha256,
    output: job.output,
    seed: job.seed,
    // A recipe gets both flags; 0 says that the other one counts.
    epochs: optimization.epochs ?? 0,
    steps: optimization.steps ?? 0,
    batch: optimization.batch,
    lr: optimization.lrStart,
    lrEnd: optimization.lrEnd,
    warmup: optimization.warmupSteps,
    optimizerState: optimization.optimizerState,
    shard: recipe.shard,
    master: recipe.master,
    templateKwargs: JSON.stringify(recipe.templateKwargs),
    stopSeconds: recipe.stopSeconds,
    iteration: job.iteration,
    name: job.key,
  }
}
