/** A comparison as one self-contained page: accuracy against cumulative cost, and the table. No script, no request. */

import type { ArmSummary } from '../../core/measure/compare.ts'
import { axis, type Chart, COLORS, drawCharts, SERIES_COLORS } from '../chart/chart.ts'
import { percent, shortCount } from '../format.ts'
import { type Content, html } from '../markup.ts'
import { type ComparisonCell, type ComparisonView, comparisonColumns, termsOf } from '../terminal/comparison.ts'
import { visibleLine } from '../visible.ts'
import { page, pageHead } from './page.ts'
import { htmlTable } from './table.ts'

/** The whole page as text. The same comparison gives the same bytes. */
export async function renderComparisonPage(view: ComparisonView): Promise<string> {
  const title = `${visibleLine(view.name)}: policies compared`
  const figures = await drawCharts([accuracyChart(view)])
  const columns = comparisonColumns(view).map(({ title, cell }, i) => ({
    title,
    cell: (row: ArmSummary) => htmlCell(cell(row)),
    number: i > 0,
  }))
  return page(
    title,
    html`${pageHead('Comparison', visibleLine(view.name), termsOf(view))}
<div class="charts">
${figures}</div>
<section>
<h2>Policies</h2>
${htmlTable('At equal total cost; a run that never reached the target counts as censored.', columns, view.arms)}
${view.notes.map((note) => html`<p>${visibleLine(note)}</p>\n`)}</section>`,
  ).markup
}

/** An interval stands below its number: nine columns have to fit next to each other. */
function htmlCell({ text, bounds }: ComparisonCell): Content {
  return bounds === '' ? text : html`${text}<br><small>${bounds}</small>`
}

/** A thin line a run; policies by colour. */
function accuracyChart({ arms, runs, target }: ComparisonView): Chart {
  const colorOf = (arm: string): (typeof SERIES_COLORS)[number] =>
    SERIES_COLORS[arms.findIndex((row) => row.arm === arm) % SERIES_COLORS.length] ?? 'one'
  return {
    id: 'accuracy',
    title: 'Accuracy against cumulative cost',
    caption: `One line a run. The target, ${percent(target)}, is dashed.`,
    alt: arms.map((row) => `${row.arm} ends at ${percent(row.accuracy.mean)}`).join('; '),
    legend: arms.map((row) => ({ name: row.arm, color: colorOf(row.arm), mark: 'line' })),
    option: (layout) => ({
      xAxis: axis(layout, {
        type: 'value',
        name: 'cost',
        nameGap: 30,
        axisLabel: { formatter: (value: number) => shortCount(value) },
      }),
      yAxis: axis(layout, {
        type: 'value',
        scale: true,
        axisLabel: { formatter: (value: number) => percent(value) },
      }),
      series: [
        ...runs.map(({ arm, points }) => ({
          type: 'line',
          silent: true,
          symbol: 'circle',
          symbolSize: 4,
          lineStyle: { color: COLORS[colorOf(arm)], width: 1.5 },
          itemStyle: { color: COLORS[colorOf(arm)] },
          data: points.map(({ cost, accuracy }) => [cost, accuracy]),
        })),
        {
          type: 'line',
          silent: true,
          symbol: 'none',
          lineStyle: { color: COLORS.soft, width: 1, type: 'dashed' },
          data: ends(runs).map((cost) => [cost, target]),
        },
      ],
    }),
  }
}

function ends(runs: ComparisonView['runs']): [number, number] {
  const costs = runs.flatMap(({ points }) => points.map(({ cost }) => cost))
  return [Math.min(0, ...costs), Math.max(0, ...costs)]
}
