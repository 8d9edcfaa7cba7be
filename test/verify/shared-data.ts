/** Third-party data beside the checkout, for tests that are skipped where it is absent. */

import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

export interface SharedRows {
  readonly rows: readonly Record<string, unknown>[]
  /** Goes into the test's name. */
  readonly reason: string
  readonly absent: boolean
}

export function sharedRows(path: string): SharedRows {
  const file = fileURLToPath(new URL(`../../../shared/${path}`, import.meta.url))
  if (!existsSync(file)) return { rows: [], absent: true, reason: ` (skipped: ../shared/${path} is absent)` }
  const rows = readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line): Record<string, unknown> => JSON.parse(line))
  return { rows, absent: false, reason: '' }
}
