/** The runs of a folder, a line each. */

import type { RunState } from '../../core/status.ts'
import { amount, count, NOTHING, percent, points } from '../format.ts'
import { visibleLine } from '../visible.ts'
import { type Column, type Format, type TextStyle, table } from './columns.ts'

export interface RunLine {
  readonly name: string
  readonly state: RunState | 'unreadable'
  readonly iterations: number
  readonly accepted: number | null
  readonly sampled: number | null
  readonly accuracy: { readonly base: number | null; readonly last: number | null } | null
  readonly cost: number | null
  readonly lastEvent: { readonly at: string } | null
}

const FORMATS: Readonly<Record<RunLine['state'], Format>> = {
  new: 'dim',
  running: 'cyan',
  interrupted: 'yellow',
  waiting: 'yellow',
  capped: 'yellow',
  done: 'green',
  failed: 'red',
  unreadable: 'red',
}

const COLUMNS: readonly Column<RunLine>[] = [
  { title: 'run', align: 'left', spare: 0, cell: ({ name }) => visibleLine(name) },
  { title: 'state', align: 'left', spare: 0, cell: ({ state }) => state, format: ({ state }) => FORMATS[state] },
  { title: 'iterations', align: 'right', spare: 4, cell: ({ iterations }) => count(iterations) },
  { title: 'accepted', align: 'right', spare: 2, cell: ({ accepted }) => count(accepted) },
  { title: 'sampled', align: 'right', spare: 3, cell: ({ sampled }) => count(sampled) },
  { title: 'cost', align: 'right', spare: 1, cell: ({ cost }) => amount(cost) },
  { title: 'accuracy', align: 'right', spare: 0, cell: accuracyCell },
  {
    title: 'last event',
    align: 'left',
    spare: 5,
    cell: ({ lastEvent }) => lastEvent?.at.slice(0, 16).replace('T', ' ') ?? NOTHING,
  },
]

/** No line is wider than the style allows. */
export function renderRuns(runs: readonly RunLine[], style: TextStyle): string {
  return table(COLUMNS, runs, style).join('\n')
}

function accuracyCell({ accuracy }: RunLine): string {
  const { base, last } = accuracy ?? { base: null, last: null }
  if (last === null) return base === null ? NOTHING : percent(base)
  return base === null ? percent(last) : `${percent(last)} (${points(last - base, '-')})`
}
