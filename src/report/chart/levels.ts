/** Accuracy by the problems' level: whether the gain is where the model was weak, or only where it was strong. */

import { percent } from '../format.ts'
import { levelName, levelsOf, type Measured, measuredCheckpoints, nameOf } from '../measured.ts'
import type { ReportView } from '../view.ts'
import { clip, visibleLine } from '../visible.ts'
import { axis, type Chart, COLORS, SERIES_COLORS } from './chart.ts'

/** undefined where the evaluation problems have no levels. */
export function levelsChart(view: ReportView): Chart | undefined {
  const all = levelsOf(view.status)
  const levels = all.slice(0, SERIES_COLORS.length)
  if (levels.length === 0) return undefined
  const measured = measuredCheckpoints(view.status)
  const left =
    all.length > levels.length ? ` The first ${levels.length} of ${all.length} levels; the table has all.` : ''
  const hollow = measured.some((point) => point.rejected) ? ' Hollow points were rejected by the gate.' : ''
  return {
    id: 'levels',
    title: 'Accuracy by level',
    caption: `At temperature ${view.evaluationTemperature}, as each dataset states its levels.${hollow}${left}`,
    alt: `Accuracy by level over iterations. ${levels.map((level) => describe(level, measured)).join('; ')}.`,
    legend: levels.map((level, i) => ({
      name: levelName(clip(level, 40)),
      color: SERIES_COLORS[i] ?? 'ink',
      mark: 'line',
    })),
    height: 240,
    option: (layout) => ({
      xAxis: axis(layout, {
        type: 'category',
        name: 'checkpoint',
        nameGap: 28,
        data: measured.map((point) => nameOf(point.iteration)),
      }),
      yAxis: axis(layout, {
        type: 'value',
        min: 0,
        max: 1,
        axisLabel: { formatter: (share: number) => `${Math.round(100 * share)}%` },
      }),
      series: levels.map((level, i) => {
        const color = COLORS[SERIES_COLORS[i] ?? 'ink']
        return {
          type: 'line',
          silent: true,
          symbol: 'circle',
          symbolSize: 7,
          lineStyle: { color, width: 2 },
          itemStyle: { color, borderColor: COLORS.paper, borderWidth: 1 },
          data: measured.map(({ evaluation, rejected }) => ({
            value: accuracyAt(evaluation.levels[level]) ?? '-',
            ...(rejected && { itemStyle: { color: COLORS.paper, borderColor: color, borderWidth: 2 } }),
          })),
        }
      }),
    }),
  }
}

function accuracyAt(accuracy: { readonly accuracy: number; readonly n: number } | undefined): number | undefined {
  return accuracy && accuracy.n > 0 && Number.isFinite(accuracy.accuracy) ? accuracy.accuracy : undefined
}

function describe(level: string, measured: readonly Measured[]): string {
  const shares = measured.map(
    ({ iteration, evaluation }) => `${nameOf(iteration)} ${percent(accuracyAt(evaluation.levels[level]))}`,
  )
  return `${visibleLine(levelName(clip(level, 40)))}: ${shares.join(', ')}`
}
