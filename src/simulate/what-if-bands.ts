/** What the runs of a policy in many worlds have in common: medians and 95% bands, and how it fares next to another in the same worlds. */

import { type Band, bandOf } from '../core/budget/forecast.ts'
import type { PlayedIteration, PlayedRun } from './what-if.ts'

/** An iteration over all worlds whose run gets there. */
export interface BandedIteration {
  readonly iteration: number
  readonly accepted: Band
  readonly samples: Band
  readonly cost: Band | null
  readonly spent: Band | null
  readonly rate: Band
  readonly accuracy: Band | null
  /** Share of the worlds whose run has this iteration. */
  readonly reached: number
  /** Share of the worlds where the problems do not have what it asks for. */
  readonly exhausted: number
}

export interface BandedPolicy {
  readonly iterations: readonly BandedIteration[]
  readonly totals: {
    readonly accepted: Band
    readonly samples: Band
    /** Of the whole run, what it has behind it included. */
    readonly cost: Band | null
    /** Of the last checkpoint. */
    readonly accuracy: Band | null
    /** Share of the worlds where the problems are used up on the way. */
    readonly exhausted: number
  }
}

export function bandsOf(runs: readonly PlayedRun[]): BandedPolicy {
  const byIteration = Map.groupBy(
    runs.flatMap(({ iterations }) => iterations),
    ({ iteration }) => iteration,
  )
  const ended = new Map([...Map.groupBy(runs, ({ exhaustedAt }) => exhaustedAt)].map(([at, own]) => [at, own.length]))
  const iterations = [...byIteration].map(([iteration, rows]): BandedIteration => {
    const of = bandOver(rows)
    return {
      iteration,
      accepted: bandOf(rows.map(({ accepted }) => accepted)),
      samples: bandOf(rows.map(({ samples }) => samples)),
      cost: of(({ cost }) => cost),
      spent: of(({ spent }) => spent),
      rate: bandOf(rows.map(({ rate }) => rate)),
      accuracy: of(({ accuracy }) => accuracy),
      reached: rows.length / runs.length,
      exhausted: (ended.get(iteration) ?? 0) / runs.length,
    }
  })
  const last = runs.flatMap((run) => run.iterations.slice(-1))
  return {
    iterations,
    totals: {
      accepted: bandOf(runs.map((run) => sumOf(run, ({ accepted }) => accepted))),
      samples: bandOf(runs.map((run) => sumOf(run, ({ samples }) => samples))),
      cost: bandOver(last)(({ spent }) => spent),
      accuracy: bandOver(last)(({ accuracy }) => accuracy),
      exhausted: runs.filter(({ exhaustedAt }) => exhaustedAt !== null).length / runs.length,
    },
  }
}

/** The accuracy at the end less that of another policy, world by world. */
export interface WhatIfDifference {
  readonly accuracy: Band
  /** Share of the worlds in which it ends higher by a tenth of a point at least. */
  readonly better: number
}

/** @returns null without a learning curve, or where the two have no world in common in which both get anywhere */
export function differenceOf(runs: readonly PlayedRun[], others: readonly PlayedRun[]): WhatIfDifference | null {
  const differences = runs.flatMap((run, world) => {
    const [own, other] = [run.iterations.at(-1)?.accuracy, others[world]?.iterations.at(-1)?.accuracy]
    return typeof own === 'number' && typeof other === 'number' ? [own - other] : []
  })
  if (differences.length === 0) return null
  return {
    accuracy: bandOf(differences),
    better: differences.filter((difference) => difference > TENTH_OF_A_POINT).length / differences.length,
  }
}

const TENTH_OF_A_POINT = 0.001

function bandOver(rows: readonly PlayedIteration[]): (of: (row: PlayedIteration) => number | null) => Band | null {
  return (of) => {
    const values = rows.map(of).filter((value) => value !== null)
    return values.length === 0 ? null : bandOf(values)
  }
}

function sumOf({ iterations }: PlayedRun, of: (row: PlayedIteration) => number): number {
  return iterations.reduce((sum, row) => sum + of(row), 0)
}
