/** The results: one line a finished run, appended and never changed. It is committed, so that a fresh clone continues from it. */

import { appendFileSync, existsSync, readFileSync } from 'node:fs'
import type { ArmName } from './plan.ts'

export interface Measured {
  readonly budget: number
  /** What the run had spent when it made the checkpoint that is measured: the newest within the budget. */
  readonly cost: number
  readonly iteration: number
  /** In [0, 1], one sample a problem at temperature 1. */
  readonly accuracy: number
}

export interface SideCopy {
  readonly budget: number
  /** n_t of the iteration that made it. */
  readonly accepted: number
  /** What annealing brought, in [0, 1]; paired over problems. */
  readonly gain: number
}

export interface RunLine {
  readonly stage: 'tuning' | 'confirmation'
  readonly arm: ArmName
  /** Number of the trial that was tuned, or of the one that tuning chose. */
  readonly trial: number
  readonly settings: readonly string[]
  readonly seed: number
  readonly points: readonly Measured[]
  readonly sides: readonly SideCopy[]
  readonly iterations: number
  readonly sampled: number
  readonly accepted: number
  /** Of the machine that ran it, measuring included. */
  readonly seconds: number
  readonly at: string
  readonly commit: string
}

export function readResults(path: string): RunLine[] {
  if (!existsSync(path)) return []
  // A process that was killed while it appended leaves half a line at the end, and its run is done again.
  return readFileSync(path, 'utf8')
    .split('\n')
    .flatMap((line) => (line.endsWith('}') ? [JSON.parse(line) as RunLine] : []))
}

export function appendResult(path: string, line: RunLine): void {
  const isWhole = !existsSync(path) || readFileSync(path, 'utf8').endsWith('\n') || readFileSync(path).length === 0
  appendFileSync(path, `${isWhole ? '' : '\n'}${JSON.stringify(line)}\n`)
}
