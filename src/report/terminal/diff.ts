/** Two checkpoints compared, as text: the table, the test, and the problems on which they differ. */

import type { VerdictKind } from '../../core/verdict.ts'
import { count, counted, percent, points, significant } from '../format.ts'
import { nameOf } from '../measured.ts'
import { clip, visibleLine } from '../visible.ts'
import { type Column, paint, type TextStyle, table, wrap } from './columns.ts'

export interface DiffSideView {
  readonly solved: boolean
  readonly verdict: VerdictKind | null
  readonly extracted: string | null
}

export interface DiffRowView {
  readonly problem: string
  readonly gold: string
  readonly a: DiffSideView
  readonly b: DiffSideView
}

export interface DiffView {
  readonly a: { readonly run: string; readonly iteration: number; readonly accuracy: number }
  readonly b: { readonly run: string; readonly iteration: number; readonly accuracy: number }
  readonly purpose: string
  readonly gained: number
  readonly lost: number
  readonly table: readonly [readonly [number, number], readonly [number, number]]
  readonly p: number
  readonly rows: readonly DiffRowView[]
  readonly unpaired: { readonly a: number; readonly b: number }
}

const COLUMNS: readonly Column<DiffRowView>[] = [
  {
    title: '',
    align: 'left',
    spare: 0,
    cell: ({ b }) => (b.solved ? 'gained' : 'lost'),
    format: ({ b }) => (b.solved ? 'green' : 'red'),
  },
  { title: 'problem', align: 'left', spare: 0, cell: ({ problem }) => visibleLine(problem) },
  { title: 'gold', align: 'left', spare: 0, cell: ({ gold }) => short(gold) },
  { title: 'A', align: 'left', spare: 0, cell: ({ a }) => answer(a) },
  { title: 'B', align: 'left', spare: 0, cell: ({ b }) => answer(b) },
]

/** @param limit most problems that are listed */
export function renderDiff(diff: DiffView, limit: number, style: TextStyle): string {
  const { a, b, rows, gained, lost } = diff
  const [nameA, nameB] = [pointName(a), pointName(b)]
  const differing = rows.filter((row) => row.a.solved !== row.b.solved)
  const out = [
    paint(style, 'bold', `A ${nameA}  →  B ${nameB}`),
    ...wrap(
      `${counted(rows.length, 'problem')}, ${diff.purpose}: ${percent(a.accuracy)} → ${percent(b.accuracy)} (${points(b.accuracy - a.accuracy, '-')} points). B solves ${count(gained)} that A does not, and loses ${count(lost)}; McNemar's exact p = ${significant(diff.p)}${verdictOn(diff)}.`,
      style.width,
    ),
    '',
    ...table(TABLE_COLUMNS, tableRows(diff), style),
  ]
  if (differing.length > 0) out.push('', ...table(COLUMNS, differing.slice(0, limit), style))
  const left = differing.length - limit
  if (left > 0) out.push(paint(style, 'dim', `${counted(left, 'more problem')}: raise --limit, or use --json.`))
  const { unpaired } = diff
  if (unpaired.a + unpaired.b > 0)
    out.push(
      ...wrap(
        `Left out: ${count(unpaired.a)} problems of A and ${count(unpaired.b)} of B that the other was not asked, or that read differently there.`,
        style.width,
      ),
    )
  return out.join('\n')
}

interface TableRow {
  readonly name: string
  readonly solved: number
  readonly not: number
}

const TABLE_COLUMNS: readonly Column<TableRow>[] = [
  { title: '', align: 'left', spare: 0, cell: ({ name }) => name },
  { title: 'B solves', align: 'right', spare: 0, cell: ({ solved }) => count(solved) },
  { title: 'B does not', align: 'right', spare: 0, cell: ({ not }) => count(not) },
]

function tableRows({ table: [inA, notInA] }: DiffView): TableRow[] {
  return [
    { name: 'A solves', solved: inA[0], not: inA[1] },
    { name: 'A does not', solved: notInA[0], not: notInA[1] },
  ]
}

function verdictOn({ p, gained, lost }: DiffView): string {
  if (gained + lost === 0) return ''
  return p < 0.05 ? '' : ': a difference that chance alone often makes'
}

function answer({ solved, verdict, extracted }: DiffSideView): string {
  const said = extracted === null ? (verdict ?? 'not verified') : short(extracted)
  return `${solved ? '✓' : '✗'} ${said}`
}

function short(text: string): string {
  return clip(visibleLine(text), 40)
}

function pointName({ run, iteration }: DiffView['a']): string {
  return `${visibleLine(run)}@${nameOf(iteration)}`
}
