/** The results as one SVG: test accuracy of every run by arm beside the probes' means against cost. */

import { writeFileSync } from 'node:fs'
import * as echarts from 'echarts'
import type { ArmName, ExperimentPlan } from './plan.ts'
import type { Results } from './results.ts'

const COLORS: Readonly<Record<ArmName, string>> = {
  constant: '#4269d0',
  exponential: '#d1495b',
  decay: '#3a7d44',
  linear: '#b8860b',
}
const SIZE = { width: 960, height: 380 }
/** Points of the curves along the cost. */
const GRID = 30

export async function writeFigure(path: string, results: Results, plan: ExperimentPlan): Promise<void> {
  const names = results.arms.map(({ name }) => name)
  const drawing = echarts.init(null, null, { renderer: 'svg', ssr: true, ...SIZE })
  const text = { fontFamily: 'system-ui, sans-serif', fontSize: 12, color: '#444' }
  const percents = { formatter: (value: number) => `${value}%` }
  drawing.setOption({
    animation: false,
    backgroundColor: '#ffffff',
    textStyle: text,
    title: [
      { text: 'Probe accuracy (mean over seeds) against cost', left: 50, top: 4, textStyle: { ...text, fontSize: 13 } },
      { text: 'Test accuracy at the end', left: 600, top: 4, textStyle: { ...text, fontSize: 13 } },
    ],
    legend: { data: names, left: 50, top: 26, itemGap: 18, textStyle: text },
    grid: [
      { left: 60, width: 480, top: 60, bottom: 50 },
      { left: 610, width: 320, top: 60, bottom: 50 },
    ],
    xAxis: [
      { type: 'value', gridIndex: 0, name: 'cost', nameLocation: 'middle', nameGap: 28, max: plan.cost },
      { type: 'category', gridIndex: 1, data: names, axisLabel: { interval: 0 } },
    ],
    yAxis: [
      { type: 'value', gridIndex: 0, scale: true, axisLabel: percents },
      { type: 'value', gridIndex: 1, scale: true, axisLabel: percents },
    ],
    series: names.flatMap((name) => {
      const color = COLORS[name]
      const shared = { name, itemStyle: { color }, lineStyle: { color, width: 2 } }
      const mean = results.arms.find((row) => row.name === name)?.accuracy.mean ?? 0
      return [
        { ...shared, type: 'line', symbol: 'none', data: curveOf(results, name, plan.cost) },
        {
          ...shared,
          type: 'scatter',
          xAxisIndex: 1,
          yAxisIndex: 1,
          symbolSize: 7,
          data: results.finals.filter(({ arm }) => arm === name).map(({ accuracy }) => [name, round(accuracy)]),
        },
        {
          ...shared,
          type: 'scatter',
          xAxisIndex: 1,
          yAxisIndex: 1,
          symbol: 'rect',
          symbolSize: [46, 3],
          data: [[name, round(mean)]],
        },
      ]
    }),
  })
  writeFileSync(path, `${drawing.renderToSVGString()}\n`)
  drawing.dispose()
}

/** Straight between probes, then the mean over the arm's runs. */
function curveOf({ runs }: Results, arm: ArmName, cost: number): [number, number][] {
  const own = runs.filter((run) => run.arm === arm)
  return Array.from({ length: GRID + 1 }, (_, i) => {
    const at = (cost * i) / GRID
    const sum = own.reduce((total, { points }) => total + accuracyAt(points, at), 0)
    return [Math.round(at), round(sum / own.length)]
  })
}

function accuracyAt(points: Results['runs'][number]['points'], cost: number): number {
  const next = points.findIndex((point) => point.cost >= cost)
  const after = points[next]
  const before = points[next - 1]
  if (!after) return points.at(-1)?.accuracy ?? 0
  if (!before) return after.accuracy
  return before.accuracy + ((cost - before.cost) / (after.cost - before.cost)) * (after.accuracy - before.accuracy)
}

function round(share: number): number {
  return Math.round(share * 10_000) / 100
}
