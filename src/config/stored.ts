/** The configuration that a run's database holds, read as today's: keys that came with a newer spendwise have their defaults. */

import { stringify } from 'yaml'
import type { RunConfig } from './schema.ts'
import { RUN_SCHEMAS } from './schema.ts'

/** @param json as the run wrote it */
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
