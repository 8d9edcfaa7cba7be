/** Checkpoints with their evaluations, on the axis of what had been spent when they were made. */

import type { Evaluation, RunStatus } from '../core/status.ts'

export interface Measured {
  /** -1 is the base. */
  readonly iteration: number
  /** Cost of all iterations up to and including this one, rejected ones too. */
  readonly cost: number
  readonly rejected: boolean
  readonly evaluation: Evaluation
}

/** The base and every evaluated iteration, in order. */
export function measuredCheckpoints(status: RunStatus): Measured[] {
  const out: Measured[] = []
  if (status.base.evaluation) {
    out.push({ iteration: -1, cost: 0, rejected: false, evaluation: status.base.evaluation })
  }
  const costs = cumulativeCosts(status)
  for (const [place, row] of status.iterations.entries()) {
    if (!row.evaluation) continue
    const rejected = row.state === 'rejected'
    out.push({ iteration: row.iteration, cost: costs[place] ?? 0, rejected, evaluation: row.evaluation })
  }
  return out
}

/** Running total of the iterations' costs; what is not a number counts as nothing. */
export function cumulativeCosts(status: RunStatus): number[] {
  let sum = 0
  return status.iterations.map((row) => {
    if (Number.isFinite(row.cost)) sum += row.cost
    return sum
  })
}

/** Levels in the order people expect: `level 2` before `level 10`. */
export function levelsOf(status: RunStatus): string[] {
  const names = new Set(measuredCheckpoints(status).flatMap(({ evaluation }) => Object.keys(evaluation.levels)))
  return [...names].sort((a, b) => a.localeCompare(b, 'en', { numeric: true }))
}

/** `base`, or the iteration's number. */
export function nameOf(iteration: number): string {
  return iteration < 0 ? 'base' : String(iteration)
}

/** `level 5` where a dataset numbers its levels; its own words otherwise. */
export function levelName(level: string): string {
  return /^\d+$/.test(level) ? `level ${level}` : level
}
