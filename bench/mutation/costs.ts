/** What each test file usually costs in processor time, as earlier runs have met it. */

import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const COSTS = join(import.meta.dirname, 'costs.json')
/** Of a file that nobody has met yet. */
const UNKNOWN_SECONDS = 2

export interface Costs {
  /** Seconds. */
  of(test: string): number
  keep(test: string, cpuSeconds: number): void
}

export function readCosts(): Costs {
  const known: Record<string, number> = existsSync(COSTS) ? JSON.parse(readFileSync(COSTS, 'utf8')) : {}
  return {
    of: (test) => known[test] ?? UNKNOWN_SECONDS,
    keep(test, cpuSeconds) {
      known[test] = cpuSeconds
      writeFileSync(COSTS, JSON.stringify(known, null, 1))
    },
  }
}
