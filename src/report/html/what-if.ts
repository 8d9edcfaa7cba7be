/** A what-if as one self-contained page: accuracy and N_t with their bands, and the tables. No script, no request. */

import type { Band } from '../../core/budget/forecast.ts'
import { axis, type Chart, COLORS, drawCharts, type Layout, SERIES_COLORS } from '../chart/chart.ts'
import { percent, points, shortCount } from '../format.ts'
import { html } from '../markup.ts'
import type { Column } from '../terminal/columns.ts'
import { groundsOf, notesOn } from '../terminal/what-if.ts'
import { iterationColumns, policyColumns } from '../terminal/what-if-columns.ts'
import type { WhatIfIterationView, WhatIfPolicyView, WhatIfView } from '../terminal/what-if-view.ts'
import { visibleLine } from '../visible.ts'
import { page, pageHead } from './page.ts'
import { type HtmlColumn, htmlTable } from './table.ts'

/** The whole page as text. The same what-if gives the same bytes. */
export async function renderWhatIfPage(view: WhatIfView): Promise<string> {
  const title = `${visibleLine(view.name)}: what if`
  const charts = view.curve.from === 'nothing' ? [] : [accuracyChart(view)]
  const figures = await drawCharts([...charts, ...regretCharts(view), samplesChart(view)])
  const sentences = [...groundsOf(view), ...notesOn(view)].map(visibleLine)
  return page(
    title,
    html`${pageHead('What if', visibleLine(view.name), sentences)}
<div class="charts">
${figures}</div>
<section>
<h2>Policies</h2>
${htmlTable('At the end of the run; medians, and 95% bands in brackets.', columnsOf(policyColumns(view)), view.policies)}
${view.policies.map(
  (policy) =>
    html`${htmlTable(`${visibleLine(policy.policy)}, iteration by iteration.`, columnsOf(iterationColumns(view)), policy.iterations)}\n`,
)}</section>`,
  ).markup
}

function columnsOf<Row>(columns: readonly Column<Row>[]): HtmlColumn<Row>[] {
  return columns.map(({ title, align, cell }) => ({ title, number: align === 'right', cell }))
}

function accuracyChart(view: WhatIfView): Chart {
  const priced = view.costs !== null
  return bandChart(view, {
    id: 'accuracy',
    title: `Accuracy against ${priced ? 'cost' : 'iterations'}`,
    x: (row) => (priced ? (row.spent?.median ?? 0) : row.iteration),
    y: (row) => row.accuracy,
    name: priced ? 'cost so far' : 'iteration',
    write: percent,
    alt: ({ policy, totals }) => `${policy} ends at ${percent(totals.accuracy?.median)}`,
  })
}

/** Distance below the best policy by budget; none where it is not known. */
function regretCharts({ policies }: WhatIfView): Chart[] {
  const known = policies.flatMap(({ policy, regret }, i) =>
    regret ? [{ policy, regret, color: SERIES_COLORS[i % SERIES_COLORS.length] ?? 'one' }] : [],
  )
  if (known.length === 0) return []
  return [
    {
      id: 'regret',
      title: 'Points below the best policy, by budget',
      caption: 'Medians over the worlds; the best at each budget is at 0.',
      alt: known
        .map(({ policy, regret }) => `${policy} is at worst ${points(regret.worst.median)} below the best`)
        .join('; '),
      legend: known.map(({ policy, color }) => ({ name: policy, color, mark: 'line' })),
      option: (layout: Layout) => ({
        xAxis: axis(layout, {
          type: 'value',
          name: 'budget',
          nameGap: 30,
          splitLine: { show: false },
          axisLabel: { formatter: (value: number) => shortCount(value) },
        }),
        yAxis: axis(layout, { type: 'value', axisLabel: { formatter: (value: number) => points(value) } }),
        series: known.map(({ regret, color }) => ({
          type: 'line',
          symbol: 'circle',
          symbolSize: 5,
          itemStyle: { color: COLORS[color] },
          lineStyle: { color: COLORS[color], width: 2 },
          data: regret.budgets.map((budget, at) => [budget, regret.at[at] ?? 0]),
        })),
      }),
    },
  ]
}

function samplesChart(view: WhatIfView): Chart {
  return bandChart(view, {
    id: 'samples',
    title: 'Samples by iteration',
    x: ({ iteration }) => iteration,
    y: ({ samples }) => samples,
    name: 'iteration',
    write: shortCount,
    alt: ({ policy, totals }) => `${policy} draws ${shortCount(totals.samples.median)} in all`,
  })
}

interface BandChart {
  readonly id: string
  readonly title: string
  readonly name: string
  x(row: WhatIfIterationView): number
  y(row: WhatIfIterationView): Band | null
  write(value: number): string
  alt(policy: WhatIfPolicyView): string
}

/** A line a policy through the medians, its band between thin lines. */
function bandChart({ policies }: WhatIfView, { id, title, name, x, y, write, alt }: BandChart): Chart {
  const colored = policies.map((policy, i) => ({ policy, color: SERIES_COLORS[i % SERIES_COLORS.length] ?? 'one' }))
  return {
    id,
    title,
    caption: 'Medians; thin lines are the 95% bands.',
    alt: policies.map(alt).join('; '),
    legend: colored.map(({ policy, color }) => ({ name: policy.policy, color, mark: 'line' })),
    option: (layout: Layout) => ({
      xAxis: axis(layout, {
        type: 'value',
        name,
        nameGap: 30,
        minInterval: 1,
        splitLine: { show: false },
        axisLabel: { formatter: (value: number) => shortCount(value) },
      }),
      yAxis: axis(layout, { type: 'value', scale: true, axisLabel: { formatter: write } }),
      series: colored.flatMap(({ policy, color }) =>
        (['median', 'low', 'high'] as const).map((key) => ({
          type: 'line',
          silent: true,
          symbol: key === 'median' ? 'circle' : 'none',
          symbolSize: 5,
          lineStyle: {
            color: COLORS[color],
            width: key === 'median' ? 2.5 : 1,
            type: key === 'median' ? 'solid' : 'dotted',
          },
          itemStyle: { color: COLORS[color] },
          data: policy.iterations.flatMap((row) => {
            const band = y(row)
            return band ? [[x(row), band[key]]] : []
          }),
        })),
      ),
    }),
  }
}
