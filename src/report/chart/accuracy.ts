/** Accuracy against what it cost: the question the whole run asks. */

import type { EChartsCoreOption } from 'echarts/core'
import { costRule, costUnitName } from '../../core/budget/cost-settings.ts'
import type { Accuracy } from '../../core/status.ts'
import { amount, isNumber, percent, shortCount } from '../format.ts'
import { type Measured, measuredCheckpoints, nameOf } from '../measured.ts'
import type { ReportView } from '../view.ts'
import { axis, type Chart, COLORS, type ColorName, type Layout, type LegendEntry } from './chart.ts'
import { errorBars } from './error-bars.ts'

interface Curve {
  readonly name: string
  readonly color: ColorName
  readonly dashed: boolean
  of(point: Measured): Accuracy | null
}

type Placed = { readonly point: Measured; readonly accuracy: Accuracy }

/** undefined where nothing is evaluated. */
export function accuracyChart(view: ReportView): Chart | undefined {
  const measured = measuredCheckpoints(view.status)
  if (measured.length === 0) return undefined
  const curves = curvesOf(view).filter((curve) => measured.some((point) => curve.of(point)))
  const rejected = measured.some((point) => point.rejected)
  const legend: LegendEntry[] = curves.map(({ name, color }) => ({ name, color, mark: 'line' }))
  if (rejected) legend.push({ name: 'rejected by the gate', color: 'ink', mark: 'cross' })
  return {
    id: 'accuracy',
    title: 'Accuracy against cost',
    caption: `Each point is a checkpoint, the base at the left; bars are 95% intervals. ${costWords(view.costs)}`,
    alt: altText(measured, curves),
    legend,
    option: (layout) => optionOf(layout, view, measured, curves),
  }
}

function curvesOf(view: ReportView): Curve[] {
  return [
    {
      name: `temperature ${view.evaluationTemperature}`,
      color: 'one',
      dashed: false,
      of: ({ evaluation }) => evaluation,
    },
    { name: 'greedy', color: 'two', dashed: true, of: ({ evaluation }) => evaluation.greedy },
  ]
}

function optionOf(
  layout: Layout,
  view: ReportView,
  measured: readonly Measured[],
  curves: readonly Curve[],
): EChartsCoreOption {
  const shares = curves.flatMap((curve) => measured.flatMap((point) => bounds(curve.of(point))))
  const [low, high] = niceRange(shares)
  const narrow = layout.kind === 'narrow'
  return {
    xAxis: axis(layout, {
      type: 'value',
      min: 0,
      name: unitOf(view) === '' ? 'cumulative cost' : `cumulative cost (${unitOf(view)})`,
      nameGap: 30,
      splitNumber: narrow ? 3 : 6,
      splitLine: { show: false },
      axisLabel: { formatter: shortCount },
    }),
    yAxis: axis(layout, {
      type: 'value',
      min: low,
      max: high,
      axisLabel: { formatter: (share: number) => `${Math.round(100 * share)}%` },
    }),
    series: curves.flatMap((curve) =>
      curveSeries(
        curve,
        placedOn(curve, measured),
        narrow,
        curves.filter((other) => other !== curve),
      ),
    ),
  }
}

function placedOn(curve: Curve, measured: readonly Measured[]): Placed[] {
  return measured.flatMap((point) => {
    const accuracy = curve.of(point)
    return accuracy ? [{ point, accuracy }] : []
  })
}

/** The line joins what the loop built on; rejected checkpoints stand next to it. */
function curveSeries(curve: Curve, placed: readonly Placed[], narrow: boolean, others: readonly Curve[]): object[] {
  const color = COLORS[curve.color]
  const kept = placed.filter(({ point }) => !point.rejected)
  const rejected = placed.filter(({ point }) => point.rejected)
  const at = ({ point, accuracy }: Placed): [number, number] => [point.cost, accuracy.accuracy]
  return [
    errorBars(
      placed.map(({ point, accuracy }) => ({ x: point.cost, low: accuracy.low, high: accuracy.high })),
      color,
    ),
    {
      type: 'line',
      silent: true,
      z: 4,
      symbol: 'circle',
      symbolSize: 8,
      lineStyle: { color, width: 2.5, type: curve.dashed ? 'dashed' : 'solid' },
      itemStyle: { color, borderColor: COLORS.paper, borderWidth: 1.5 },
      data: kept.map(at),
    },
    endLabels(kept, others, narrow, color),
    {
      type: 'scatter',
      silent: true,
      z: 5,
      symbol: 'path://M0 0L10 10M10 0L0 10',
      symbolSize: 10,
      itemStyle: { color: 'transparent', borderColor: COLORS.ink, borderWidth: 2 },
      data: rejected.map(at),
    },
  ]
}

/** The first and the last share in figures, beyond their error bars: above where its curve is the upper one there, else below. */
function endLabels(kept: readonly Placed[], others: readonly Curve[], narrow: boolean, color: string): object {
  const last = kept.length - 1
  return {
    type: 'scatter',
    silent: true,
    z: 6,
    symbolSize: 0.01,
    itemStyle: { opacity: 1 },
    data: kept.flatMap(({ point, accuracy }, i) => {
      if (i !== last && i !== 0) return []
      const isUpper = others.every((other) => (other.of(point)?.accuracy ?? -1) <= accuracy.accuracy)
      const side = isUpper ? 'top' : 'bottom'
      const bound = isUpper ? accuracy.high : accuracy.low
      return [
        {
          value: [point.cost, isNumber(bound) ? bound : accuracy.accuracy],
          label: {
            show: true,
            position: side,
            distance: narrow ? 3 : 5,
            align: i === last && last > 0 ? 'right' : 'left',
            // The first point stands on the axis, whose figures are to its left.
            offset: [i === last && last > 0 ? 12 : 6, 0],
            formatter: percent(accuracy.accuracy),
            color,
            fontWeight: 600,
          },
        },
      ]
    }),
  }
}

function bounds(accuracy: Accuracy | null): number[] {
  return accuracy ? [accuracy.accuracy, accuracy.low, accuracy.high].filter(isNumber) : []
}

/** Whole tens of percent with room for the figures, at least 30 points apart, so that noise does not look like a cliff. */
function niceRange(shares: readonly number[]): [number, number] {
  const room = 0.35
  let low = Math.max(0, Math.floor(Math.min(...shares) * 10 - room))
  let high = Math.min(10, Math.ceil(Math.max(...shares) * 10 + room))
  while (high - low < 3) {
    if (low > 0) low--
    else high++
  }
  return [low / 10, high / 10]
}

function unitOf({ costs }: ReportView): string {
  return costs === null ? '' : costUnitName(costs)
}

function costWords(costs: ReportView['costs']): string {
  if (costs === null) return ''
  const rule = costRule(costs)
  switch (rule.kind) {
    case 'seconds':
      return `Cost is ${costUnitName(costs)} of activity.`
    case 'tokens':
      return `Cost is ${costUnitName(costs)}: ${amount(rule.drawn)} a token drawn, ${amount(rule.trained)} a token trained on.`
    case 'prices': {
      const { sample, train, iteration } = rule.costs
      return `Cost = ${sample} × sampled + ${train} × accepted${iteration > 0 ? ` + ${iteration} per iteration` : ''}.`
    }
  }
}

function altText(measured: readonly Measured[], curves: readonly Curve[]): string {
  const rows = measured.map((point) => {
    const shares = curves.flatMap((curve) => {
      const accuracy = curve.of(point)
      return accuracy ? [`${curve.name} ${percent(accuracy.accuracy)}`] : []
    })
    const name = point.iteration < 0 ? 'base' : `iteration ${nameOf(point.iteration)}`
    return `${name}${point.rejected ? ' (rejected)' : ''} at cost ${shortCount(point.cost)}: ${shares.join(', ')}`
  })
  return `Accuracy against cumulative cost. ${rows.join('; ')}.`
}
