/** A RunConfig as YAML: `resolved.yaml`, which reads back as the same config. */

import { stringify } from 'yaml'
import type { RunConfig } from './schema.ts'

/** Every key spelled out, in the schema's order; equal configs give equal bytes. */
export function toYaml(config: RunConfig): string {
  return stringify(config, { lineWidth: 0, aliasDuplicateObjects: false })
}
