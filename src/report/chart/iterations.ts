/** Charts by iteration: how much was asked for and drawn, and which share was accepted. */

import type { IterationStatus } from '../../core/status.ts'
import { count, isNumber, percent, shortCount } from '../format.ts'
import type { ReportView } from '../view.ts'
import { axis, type Chart, COLORS } from './chart.ts'

interface BudgetRow {
  readonly iteration: number
  readonly accepted: number
  readonly sampled: number
  readonly plannedAccepted: number | null
  readonly plannedSampled: number | null
}

/** A ratio beyond which a linear axis would hide the small bars. */
const LOG_FROM = 20

/** n_t and N_t; undefined where neither a plan nor an iteration is there. */
export function budgetChart(view: ReportView): Chart | undefined {
  const rows = budgetRows(view)
  const values = rows
    .flatMap((row) => [row.accepted, row.sampled, row.plannedAccepted, row.plannedSampled])
    .filter((value): value is number => isNumber(value) && value > 0)
  if (values.length === 0) return undefined
  const logarithmic = Math.max(...values) / Math.min(...values) > LOG_FROM
  const planned = rows.some((row) => isNumber(row.plannedAccepted) || isNumber(row.plannedSampled))
  return {
    id: 'budget',
    title: 'Accepted and sampled by iteration',
    caption: `n_t and N_t${logarithmic ? ', on a logarithmic axis' : ''}.`,
    alt: `Accepted and sampled by iteration. ${rows.map(describe).join('; ')}.`,
    legend: [
      { name: 'accepted (n_t)', color: 'one', mark: 'area' },
      { name: 'sampled (N_t)', color: 'faint', mark: 'area' },
      ...(planned ? [{ name: 'planned', color: 'ink', mark: 'tick' } as const] : []),
    ],
    small: true,
    option: (layout) => ({
      xAxis: axis(layout, { type: 'category', name: 'iteration', nameGap: 28, data: rows.map((row) => row.iteration) }),
      yAxis: axis(layout, {
        type: logarithmic ? 'log' : 'value',
        ...(logarithmic ? { min: 10 ** Math.floor(Math.log10(Math.min(...values)) - 1e-9) } : { min: 0 }),
        axisLabel: { formatter: shortCount },
      }),
      series: [
        ...bars(
          rows.map((row) => row.accepted),
          rows.map((row) => row.plannedAccepted),
          COLORS.one,
          0,
        ),
        ...bars(
          rows.map((row) => row.sampled),
          rows.map((row) => row.plannedSampled),
          COLORS.faint,
          1,
        ),
      ],
    }),
  }
}

function budgetRows(view: ReportView): BudgetRow[] {
  const last = Math.max(
    -1,
    ...view.planned.map((row) => row.iteration),
    ...view.status.iterations.map((row) => row.iteration),
  )
  return Array.from({ length: last + 1 }, (_, iteration) => {
    const actual = view.status.iterations.find((row) => row.iteration === iteration)
    const planned = view.planned.find((row) => row.iteration === iteration)
    return {
      iteration,
      accepted: actual?.accepted ?? 0,
      sampled: actual?.sampled ?? 0,
      plannedAccepted: planned?.accepted ?? actual?.target ?? null,
      // Expected from what has been measured since, so it says nothing about an iteration that is over.
      plannedSampled: actual && actual.sampled > 0 ? null : (planned?.expectedSamples ?? null),
    }
  })
}

/** Bars of what happened, each with a tick where the plan had it. */
function bars(actual: readonly number[], planned: readonly (number | null)[], color: string, place: 0 | 1): object[] {
  const width = `${Math.round(Math.min(34, 68 / 2))}%`
  return [
    {
      type: 'bar',
      silent: true,
      barWidth: width,
      barGap: '6%',
      itemStyle: { color, borderRadius: [2, 2, 0, 0] },
      data: actual.map((value) => (value > 0 ? value : '-')),
    },
    {
      type: 'custom',
      silent: true,
      z: 5,
      data: planned.map((value, iteration) => [iteration, isNumber(value) && value > 0 ? value : Number.NaN]),
      encode: { x: 0, y: 1 },
      renderItem(_: unknown, api: TickApi) {
        const value = api.value(1)
        if (!Number.isFinite(value)) return undefined
        const [x = 0, y = 0] = api.coord([api.value(0), value])
        const [band = 0] = api.size([1, 0])
        const start = x + (place === 0 ? -0.36 : 0.01) * band
        return {
          type: 'line',
          shape: { x1: start, y1: y, x2: start + 0.35 * band, y2: y },
          style: { stroke: COLORS.ink, lineWidth: 1.5 },
        }
      },
    },
  ]
}

interface TickApi {
  value(dimension: number): number
  coord(point: readonly number[]): readonly number[]
  size(extent: readonly number[]): readonly number[]
}

function describe(row: BudgetRow): string {
  const plan = isNumber(row.plannedAccepted) ? `, planned ${count(row.plannedAccepted)} accepted` : ''
  return `iteration ${row.iteration}: ${count(row.accepted)} of ${count(row.sampled)}${plan}`
}

/** The acceptance rate by iteration; undefined before anything is sampled. */
export function acceptanceChart(view: ReportView): Chart | undefined {
  const rows = view.status.iterations.filter((row) => isNumber(row.acceptanceRate))
  if (rows.length === 0) return undefined
  return {
    id: 'acceptance',
    title: 'Acceptance rate by iteration',
    caption: 'The share of sampled completions that were eligible for training, surplus included.',
    alt: `Acceptance rate by iteration. ${rows.map((row) => `iteration ${row.iteration}: ${percent(row.acceptanceRate)}`).join('; ')}.`,
    legend: [],
    small: true,
    option: (layout) => ({
      xAxis: axis(layout, { type: 'category', name: 'iteration', nameGap: 28, data: rows.map((row) => row.iteration) }),
      yAxis: axis(layout, {
        type: 'value',
        min: 0,
        max: acceptanceTop(rows),
        axisLabel: { formatter: (share: number) => `${Math.round(100 * share)}%` },
      }),
      series: [
        {
          type: 'line',
          silent: true,
          symbol: 'circle',
          symbolSize: 8,
          lineStyle: { color: COLORS.three, width: 2.5 },
          itemStyle: { color: COLORS.three, borderColor: COLORS.paper, borderWidth: 1.5 },
          data: rows.map((row, i) => ({
            value: row.acceptanceRate,
            label: {
              show: i === 0 || i === rows.length - 1,
              position: 'top',
              formatter: percent(row.acceptanceRate),
              color: COLORS.three,
              fontWeight: 600,
            },
          })),
        },
      ],
    }),
  }
}

/** The whole range, unless all rates are small. */
function acceptanceTop(rows: readonly IterationStatus[]): number {
  const highest = Math.max(...rows.map((row) => row.acceptanceRate ?? 0))
  return [0.02, 0.05, 0.1, 0.2, 0.5].find((top) => highest < 0.85 * top) ?? 1
}
