/** The placeholders that a trainer's and a server's command line may contain. */

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
export const SERVE_PLACEHOLDERS = ['checkpoint', 'name', 'port'] as const

const PLACEHOLDER = /\{([a-zA-Z0-9]+)\}/g

/** Names in braces in one argument; braces around anything but letters and digits (JSON) are text. */
export function placeholdersIn(argument: string): string[] {
  return [...argument.matchAll(PLACEHOLDER)].map((match) => match[1] ?? '')
}
