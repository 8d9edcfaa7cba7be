/** What run.yaml tells a recipe next to data and optimisation. */

import type { RunConfig } from '../../config/schema.ts'
import type { RecipeSettings } from '../../core/trainer.ts'

export function recipeSettings({ sample, train }: RunConfig): RecipeSettings {
  return {
    shard: 'shard' in train ? train.shard : 'none',
    // Where every job starts from the base, nobody reads the fp32 weights of the last one.
    master: train.init === 'previous' ? 'keep' : 'none',
    templateKwargs: sample.templateKwargs,
    stopSeconds: train.stopSeconds,
  }
}
