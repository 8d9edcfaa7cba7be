/** Optimisation that run.yaml states and the trainer's command never hears of. */

import { placeholdersIn } from '../core/placeholders.ts'
import type { RunConfig } from './schema.ts'

/**
 * Keys of `train` whose placeholder is not in its command, so that the program uses values of its own; for warnings.
 * Empty for trainers that are always told everything.
 */
export function optimizationNotPassed({ train }: RunConfig): string[] {
  if (!('command' in train)) return []
  const passed = new Set(train.command.flatMap(placeholdersIn))
  const placeholderOf = {
    [train.steps === undefined ? 'train.epochs' : 'train.steps']: train.steps === undefined ? 'epochs' : 'steps',
    'train.batch': 'batch',
    'train.lr': 'lr',
    'train.lrSchedule': 'lrEnd',
    ...(train.warmupSteps > 0 ? { 'train.warmupSteps': 'warmup' } : {}),
    ...(train.optimizerState === 'keep' ? { 'train.optimizerState': 'optimizerState' } : {}),
  }
  return Object.entries(placeholderOf).flatMap(([key, placeholder]) => (passed.has(placeholder) ? [] : [key]))
}
