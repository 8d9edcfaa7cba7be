/** The denoising experiment as a page: images, PSNR against cost with bands, and the paired table. No script, no request. */

import type { DenoisingResult } from '../../core/denoising.ts'
import { axis, type Chart, COLORS, drawCharts, SERIES_COLORS } from '../chart/chart.ts'
import { shortCount } from '../format.ts'
import { html, type Markup } from '../markup.ts'
import type { Column } from '../terminal/columns.ts'
import { armColumns, denoisingSentences, differenceColumns } from '../terminal/denoising.ts'
import { page, pageHead } from './page.ts'
import { greyImage } from './png.ts'
import { type HtmlColumn, htmlTable } from './table.ts'

/** Images one after the other, values in [-1, 1]. */
export interface ShownImages {
  readonly noisy: Float32Array
  readonly denoised: Float32Array
  readonly clean: Float32Array
}

const SIDE = 28

/** The whole page as text. The same result gives the same bytes. */
export async function renderDenoisingPage(result: DenoisingResult, shown: ShownImages): Promise<string> {
  const arms = result.arms.filter(({ isControl }) => !isControl)
  const controls = result.arms.filter(({ policy, isControl }) => isControl || policy === result.arms[0]?.policy)
  const figures = await drawCharts([
    bandChart('policies', 'Policies', arms),
    bandChart('controls', 'The growing policy next to its controls', controls),
  ])
  return page(
    'Image denoising: spendwise simulation',
    html`${pageHead('Image denoising', `Noise of step ${result.noise}`, denoisingSentences(result))}
<section>
<h2>Images</h2>
<p>The first held digits of the first ${result.arms[0]?.policy ?? ''} run: noisy, denoised at its end, and true.</p>
${(['noisy', 'denoised', 'clean'] as const).map((kind) => imageRow(kind, shown[kind]))}</section>
<div class="charts">
${figures}</div>
<section>
<h2>At the end</h2>
${htmlTable('Means over seeds with 95% intervals.', columnsOf(armColumns()), result.arms)}
${htmlTable('Differences at the end, paired over seeds.', columnsOf(differenceColumns()), result.differences)}
</section>`,
    '',
    true,
  ).markup
}

function imageRow(kind: keyof ShownImages, images: Float32Array): Markup {
  const each = SIDE * SIDE
  const files = Array.from({ length: images.length / each }, (_, i) =>
    greyImage(images.subarray(i * each, (i + 1) * each), SIDE),
  )
  return html`<p>${files.map((file, i) => html`<img src="${file}" width="84" height="84" alt="${kind} digit ${i + 1}"> `)} ${kind === 'clean' ? 'true' : kind}</p>
`
}

/** A line an arm through the means, its 95% interval between thin lines. */
function bandChart(id: string, title: string, arms: DenoisingResult['arms']): Chart {
  const colored = arms.map((arm, i) => ({ arm, color: SERIES_COLORS[i % SERIES_COLORS.length] ?? 'one' }))
  return {
    id,
    title,
    caption: 'PSNR on held digits, in decibels, against cost: means over seeds; thin lines are the 95% intervals.',
    alt: arms.map(({ policy, final }) => `${policy} ends at ${final.mean.toFixed(2)} dB`).join('; '),
    legend: colored.map(({ arm, color }) => ({ name: arm.policy, color, mark: 'line' })),
    option: (layout) => ({
      xAxis: axis(layout, {
        type: 'value',
        name: 'cost',
        nameGap: 30,
        splitLine: { show: false },
        axisLabel: { formatter: (value: number) => shortCount(value) },
      }),
      yAxis: axis(layout, {
        type: 'value',
        scale: true,
        axisLabel: { formatter: (value: number) => value.toFixed(1) },
      }),
      series: colored.flatMap(({ arm, color }) =>
        (['mean', 'low', 'high'] as const).map((key) => ({
          type: 'line',
          silent: true,
          symbol: 'none',
          lineStyle: {
            color: COLORS[color],
            width: key === 'mean' ? 2.5 : 0.8,
            type: key === 'mean' ? 'solid' : 'dotted',
          },
          data: arm.band.flatMap((point) => (Number.isFinite(point[key]) ? [[point.cost, point[key]]] : [])),
        })),
      ),
    }),
  }
}

function columnsOf<Row>(columns: readonly Column<Row>[]): HtmlColumn<Row>[] {
  return columns.map(({ title, align, cell }) => ({ title, number: align === 'right', cell }))
}
