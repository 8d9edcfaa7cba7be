/** Names of datasets on the Hugging Face Hub. */

import { ConfigError } from '../core/errors.ts'

const NAME = /^[\w-][\w.-]{0,95}(?:\/[\w-][\w.-]{0,95})?$/

/** @throws ConfigError for what the Hub takes for no name, or what would lead out of the cache */
export function requireName(repo: string): void {
  if (NAME.test(repo) && !repo.includes('--') && !repo.includes('..')) return
  throw new ConfigError(`"${repo}" is no name of a dataset on the Hub; write OWNER/NAME, like openai/gsm8k.`)
}
