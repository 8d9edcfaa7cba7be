/** Placeholders in a command's arguments: which there are, which a command names, and what they are filled with. */

export const TRAIN_PLACEHOLDERS = [
  'base',
  'dataset',
  'sha256',
  'output',
  'seed',
  'epochs',
  'steps',
  'batch',
  'lr',
  'lrEnd',
  'warmup',
  'optimizerState',
  'shard',
  'master',
  'templateKwargs',
  'stopSeconds',
  'iteration',
  'name',
] as const
export type TrainPlaceholder = (typeof TRAIN_PLACEHOLDERS)[number]

/** The flags of a recipe that placeholders fill, as recipes/train_sft.py names them, in the order in which commands have them. */
export const RECIPE_FLAGS = {
  base: '--base-model',
  dataset: '--dataset',
  sha256: '--expect-dataset-sha256',
  output: '--output-dir',
  epochs: '--epochs',
  steps: '--max-steps',
  batch: '--batch-size',
  lr: '--lr',
  lrEnd: '--lr-end',
  warmup: '--warmup-steps',
  optimizerState: '--optimizer-state',
  shard: '--shard',
  master: '--master-weights',
  templateKwargs: '--template-kwargs',
  seed: '--seed',
} as const satisfies Partial<Record<TrainPlaceholder, string>>

export type FilledFlag = keyof typeof RECIPE_FLAGS

/** Arguments that hand these placeholders over: flag and placeholder in turn. */
export function recipeFlags(...names: readonly FilledFlag[]): string[] {
  return names.flatMap((name) => [RECIPE_FLAGS[name], `{${name}}`])
}

export const SERVE_PLACEHOLDERS = ['checkpoint', 'name', 'port'] as const

const PLACEHOLDER = /\{([a-zA-Z0-9]+)\}/g

/** Names in braces in one argument; braces around anything but letters and digits (JSON) are text. */
export function placeholdersIn(argument: string): string[] {
  return [...argument.matchAll(PLACEHOLDER)].map((match) => match[1] ?? '')
}

/**
 * Fills `{name}` in every argument: argv in, argv out, never a shell string. Values are inserted as they are and not looked at again.
 * @throws RangeError naming a placeholder that has no value
 */
export function fillPlaceholders(
  argv: readonly string[],
  values: Readonly<Record<string, string | number | undefined>>,
): string[] {
  return argv.map((argument) =>
    argument.replace(PLACEHOLDER, (_, name: string) => {
      const value = values[name]
      if (value === undefined) throw new RangeError(`{${name}} has no value here`)
      return String(value)
    }),
  )
}
