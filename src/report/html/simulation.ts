/** A simulation as a page: the gap against what it cost, and what every iteration asked for. No script, no request. */

import { axis, type Chart, COLORS, type ColorName, drawCharts } from '../chart/chart.ts'
import { count, shortCount, significant } from '../format.ts'
import { html } from '../markup.ts'
import { type SimulatedIteration, type Simulation, sentencesOn } from '../terminal/simulation.ts'
import { visibleLine } from '../visible.ts'
import { page, pageHead } from './page.ts'

/** The whole page as text. The same simulation gives the same bytes. */
export async function renderSimulationPage(simulation: Simulation): Promise<string> {
  const title = `${visibleLine(simulation.policy)}: spendwise simulation`
  const figures = await drawCharts([gapChart(simulation), sizesChart(simulation)])
  return page(
    title,
    html`${pageHead('Gaussian model', visibleLine(simulation.policy), sentencesOn(simulation))}
<div class="charts">
${figures}</div>
<section>
<h2>Iterations</h2>
${iterationsTable(simulation)}
</section>`,
  ).markup
}

function gapChart({ iterations, bestReward }: Simulation): Chart {
  let drawn = 0
  const points = iterations.map((row): [number, number] => {
    drawn += row.expectedSamples
    return [drawn, bestReward - row.expectedReward]
  })
  const last = points.at(-1) ?? [0, 0]
  return {
    id: 'gap',
    title: 'Gap against samples',
    caption:
      'Expected gap to the best reward against samples drawn so far; each point is an iteration. Both axes are logarithmic.',
    alt: `Expected gap against samples drawn, ending at ${significant(last[1])} after ${count(last[0])} samples.`,
    legend: [],
    option: (layout) => ({
      xAxis: axis(layout, { ...logarithmic(points.map(([x]) => x)), name: 'E sum N', nameGap: 30 }),
      yAxis: axis(layout, logarithmic(points.map(([, y]) => y))),
      series: [line(points, 'one')],
    }),
  }
}

function sizesChart({ iterations }: Simulation): Chart {
  const of = (value: (row: SimulatedIteration) => number): [number, number][] =>
    iterations.map((row) => [row.iteration, value(row)])
  const kept = of((row) => row.n)
  const drawn = of((row) => row.expectedSamples)
  return {
    id: 'sizes',
    title: 'Samples by iteration',
    caption: 'Kept samples n_t and the expected number drawn for them, on a logarithmic axis.',
    alt: `n_t goes from ${count(kept[0]?.[1])} to ${count(kept.at(-1)?.[1])}, E N_t from ${count(drawn[0]?.[1])} to ${count(drawn.at(-1)?.[1])}.`,
    legend: [
      { name: 'n_t', color: 'one', mark: 'line' },
      { name: 'E N_t', color: 'two', mark: 'line' },
    ],
    option: (layout) => ({
      xAxis: axis(layout, {
        type: 'value',
        name: 'iteration',
        nameGap: 30,
        minInterval: 1,
        splitLine: { show: false },
      }),
      yAxis: axis(layout, logarithmic([...kept, ...drawn].map(([, y]) => y))),
      series: [line(kept, 'one'), line(drawn, 'two')],
    }),
  }
}

/** From the power of ten below the values on; where one of them has no logarithm, an ordinary axis. */
function logarithmic(values: readonly number[]): Record<string, unknown> {
  const finite = values.filter((value) => Number.isFinite(value))
  const low = Math.min(...finite)
  const axisLabel = { formatter: (value: number) => (value >= 1 ? shortCount(value) : significant(value)) }
  if (!(low > 0)) return { type: 'value', axisLabel }
  return { type: 'log', min: 10 ** Math.floor(Math.log10(low) + 1e-9), axisLabel }
}

function line(points: readonly (readonly [number, number])[], color: ColorName): object {
  return {
    type: 'line',
    silent: true,
    symbol: 'circle',
    symbolSize: 6,
    showSymbol: points.length <= 60,
    lineStyle: { color: COLORS[color], width: 2.5 },
    itemStyle: { color: COLORS[color], borderColor: COLORS.paper, borderWidth: 1 },
    data: points.filter((point) => point.every(Number.isFinite)),
  }
}

/** More rows than anyone reads are left to the JSON. */
const MOST_ROWS = 200

function iterationsTable({ iterations, bestReward, totals }: Simulation) {
  const titles = ['t', 'n_t', 'E N_t', 'V', 'E|θ|²', 'E r', 'r* − E r']
  return html`<div class="wide-table"><table>
<thead><tr>${titles.map((title, i) => html`<th class="${i === 0 ? '' : 'number'}">${title}</th>`)}</tr></thead>
<tbody>${iterations.slice(0, MOST_ROWS).map((row) => {
    const cells = [row.variance, row.meanSquare, row.expectedReward, bestReward - row.expectedReward].map(significant)
    const all = [count(row.n), count(row.expectedSamples), ...cells]
    return html`<tr><th>${row.iteration}</th>${all.map((text) => html`<td class="number">${text}</td>`)}</tr>\n`
  })}</tbody>
<tfoot><tr><th>total</th><td class="number">${count(totals.accepted)}</td><td class="number">${count(totals.expectedSamples)}</td><td colspan="4"></td></tr></tfoot>
</table></div>${iterations.length > MOST_ROWS && html`<p>${count(iterations.length - MOST_ROWS)} more in the JSON.</p>`}`
}
