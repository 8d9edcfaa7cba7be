/** A comparison in words and columns, for the terminal; the page draws the same. */

import type { ArmSummary } from '../../core/measure/compare.ts'
import type { Interval } from '../../core/measure/intervals.ts'
import { amount, count, percent, points, significant } from '../format.ts'
import { visibleLine } from '../visible.ts'
import { type Column, type TextStyle, table, wrap } from './columns.ts'

export interface ComparisonView {
  readonly name: string
  readonly cost: number
  readonly seeds: readonly number[]
  readonly reference: string
  readonly target: number
  readonly tuning: readonly {
    readonly arm: string
    readonly trials: readonly { readonly candidate: string; readonly accuracy: number }[]
    readonly chosen: string
  }[]
  readonly arms: readonly ArmSummary[]
  readonly atRandom: { readonly accuracy: number }
  readonly runs: readonly {
    readonly arm: string
    readonly seed: number
    readonly points: readonly { readonly cost: number; readonly accuracy: number }[]
  }[]
  readonly notes: readonly string[]
}

/** What a reader has to know before the numbers. */
export function termsOf(view: ComparisonView): string[] {
  const { seeds, tuning } = view
  const trials = tuning[0]?.trials.length ?? 0
  return [
    `The budget is known beforehand: every run has a total cost of ${amount(view.cost)}.`,
    trials === 0
      ? 'Nothing was tuned: every policy was run as it was written.'
      : `Every policy had ${trials} tuning trials on the gate split, on seeds that are not compared.`,
    `${count(seeds.length)} seeds (${seeds[0]} to ${seeds.at(-1)}), paired: runs of one seed share problems, base and streams of chance.`,
    `Differences are to ${view.reference}, with 95% intervals over seeds; p is from the exact sign-flip test, corrected by Holm. Runs of one seed share problems and streams of chance; pairing saves is the share of the difference's variance that this spares.`,
    `A policy drawn at random for every seed: ${percent(view.atRandom.accuracy)}.`,
  ]
}

export interface ComparisonCell {
  readonly text: string
  /** An interval, in other words an aside; empty where there is none. */
  readonly bounds: string
}

export interface ComparisonColumn {
  readonly title: string
  readonly cell: (row: ArmSummary) => ComparisonCell
  /** Columns with higher numbers are left out first where the width does not suffice. */
  readonly spare: number
}

/** Columns of the summary; `-` where there is nothing to say. */
export function comparisonColumns(view: ComparisonView): ComparisonColumn[] {
  return [
    { title: 'policy', spare: 0, cell: (row) => alone(row.arm) },
    { title: 'final accuracy', spare: 0, cell: ({ accuracy }) => estimate(accuracy, share) },
    { title: 'greedy', spare: 5, cell: (row) => alone(row.greedy === null ? '-' : percent(row.greedy)) },
    {
      title: 'difference, points',
      spare: 0,
      cell: ({ difference }) => (difference ? estimate(difference, (x) => points(x, '-')) : alone('-')),
    },
    { title: 'p (Holm)', spare: 1, cell: (row) => alone(row.adjusted === null ? '-' : significant(row.adjusted)) },
    {
      title: `cost to ${percent(view.target)}`,
      spare: 2,
      cell: ({ toTarget }) =>
        alone(toTarget.median === null ? 'not reached by half' : count(Math.round(toTarget.median))),
    },
    {
      title: 'times the cost',
      spare: 3,
      cell: ({ toTarget: { logRatio } }) =>
        logRatio ? estimate(logRatio, (x) => significant(Math.exp(x))) : alone('-'),
    },
    { title: 'never reached', spare: 4, cell: ({ toTarget, runs }) => alone(`${toTarget.censored} of ${runs}`) },
    {
      title: 'pairing saves',
      spare: 7,
      cell: ({ saved }) => alone(saved === null ? '-' : percent(saved)),
    },
    { title: 'cost', spare: 6, cell: (row) => alone(amount(row.cost)) },
  ]
}

function alone(text: string): ComparisonCell {
  return { text, bounds: '' }
}

function estimate(
  { mean, low, high }: Interval & { readonly mean: number },
  write: (value: number) => string,
): ComparisonCell {
  const isBounded = Number.isFinite(low) && Number.isFinite(high)
  return { text: write(mean), bounds: isBounded ? `${write(low)} to ${write(high)}` : '' }
}

/** Few seeds give intervals that leave what a share can be. */
function share(value: number): string {
  return percent(Math.min(1, Math.max(0, value)))
}

/** For the terminal. */
export function renderComparison(view: ComparisonView, style: TextStyle): string {
  const columns = comparisonColumns(view).map(({ title, cell, spare }, i): Column<ArmSummary> => {
    const inline = (row: ArmSummary): string => {
      const { text, bounds } = cell(row)
      return bounds === '' ? text : `${text} (${bounds})`
    }
    return { title, cell: inline, spare, align: i === 0 ? 'left' : 'right' }
  })
  const terms = termsOf(view).flatMap((sentence) => wrap(sentence, style.width))
  const notes = view.notes.flatMap((note) => wrap(`note: ${visibleLine(note)}`, style.width))
  return `${[...terms, '', ...table(columns, view.arms, style), ...(notes.length > 0 ? ['', ...notes] : [])].join('\n')}\n`
}
