/** The results as one SVG: mean accuracy of every arm against cost, with the 95% interval of each as thin lines. */

import { writeFileSync } from 'node:fs'
import * as echarts from 'echarts'
import type { Results } from './analysis.ts'
import type { ArmName } from './plan.ts'

const COLORS: Readonly<Record<ArmName, string>> = {
  exponential: '#d1495b',
  linear: '#b8860b',
  'constant 100': '#9ec5fe',
  'constant 400': '#4269d0',
  'constant 1600': '#1b2a6b',
  decay: '#3a7d44',
  adaptive: '#8d5fb8',
}
const SIZE = { width: 900, height: 460 }

export async function writeFigure(path: string, { arms, budgets }: Results): Promise<void> {
  const drawing = echarts.init(null, null, { renderer: 'svg', ssr: true, ...SIZE })
  const text = { fontFamily: 'system-ui, sans-serif', fontSize: 12, color: '#444' }
  const round = (share: number): number => Math.round(share * 10_000) / 100
  drawing.setOption({
    animation: false,
    backgroundColor: '#ffffff',
    textStyle: text,
    title: {
      text: 'Test accuracy against cost: means over seeds, thin lines 95%',
      left: 50,
      top: 4,
      textStyle: { ...text, fontSize: 13 },
    },
    legend: { data: arms.map(({ name }) => name), left: 50, top: 26, itemGap: 18, textStyle: text },
    grid: { left: 60, right: 30, top: 60, bottom: 50 },
    xAxis: {
      ...{ type: 'category', data: budgets.map((budget) => budget.toLocaleString('en')), boundaryGap: false },
      ...{ name: 'cost (steps of the budgets, not to scale)', nameLocation: 'middle', nameGap: 28 },
      splitLine: { show: true },
    },
    yAxis: { type: 'value', scale: true, axisLabel: { formatter: (value: number) => `${value}%` } },
    series: arms.flatMap(({ name, curve }) =>
      (['mean', 'low', 'high'] as const).map((key) => ({
        type: 'line',
        name: key === 'mean' ? name : `${name} ${key}`,
        symbol: key === 'mean' ? 'circle' : 'none',
        symbolSize: 5,
        itemStyle: { color: COLORS[name] },
        lineStyle: {
          color: COLORS[name],
          width: key === 'mean' ? 2.5 : 0.6,
          type: key === 'mean' ? 'solid' : 'dotted',
        },
        data: curve.map((point) => round(point[key])),
      })),
    ),
  })
  writeFileSync(path, `${drawing.renderToSVGString()}\n`)
  drawing.dispose()
}
