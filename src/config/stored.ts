/** A whole configuration: written as YAML, read back from a run's database, given other settings. */

import { stringify } from 'yaml'
import { parseRunConfig } from './parse.ts'
import { brokenRules } from './rules.ts'
import { RUN_SCHEMAS, type RunConfig } from './schema.ts'

/**
 * What a run's database holds, to be looked at: keys that came with a newer spendwise have their defaults.
 * @param json as the run wrote it
 */
export function readStoredConfig(json: string): RunConfig {
  const written: unknown = JSON.parse(json)
  const parsed = RUN_SCHEMAS.config.safeParse(written)
  // What an older one allowed and this one does not can still be looked at.
  return parsed.success ? parsed.data : (written as RunConfig)
}

/** Every key spelled out, in the schema's order; equal configs give equal bytes. */
export function toYaml(config: RunConfig): string {
  return stringify(config, { lineWidth: 0, aliasDuplicateObjects: false })
}

/**
 * A configuration with `--set` values laid over it, checked as a run.yaml is.
 * @param file how messages name it
 * @throws ConfigError as parseRunConfig
 */
export function withSettings(config: RunConfig, file: string, sets: readonly string[] = []): RunConfig {
  // Nothing to lay over it, and nothing wrong: its text, which messages quote, need not be made.
  const plain = sets.length === 0 ? RUN_SCHEMAS.config.safeParse(config) : undefined
  if (plain?.success && brokenRules(config).length === 0) return plain.data
  return parseRunConfig({ text: toYaml(config), file, sets })
}
