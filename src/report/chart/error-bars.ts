/** Vertical error bars for charts: a stem with two caps. */

import type {
  CustomSeriesRenderItemAPI,
  CustomSeriesRenderItemParams,
  CustomSeriesRenderItemReturn,
} from 'echarts/types/dist/echarts'

export interface ErrorBar {
  readonly x: number | string
  readonly low: number
  readonly high: number
}

const CAP = 4

/** A series that draws them; bars with an unbounded end are left out. */
export function errorBars(bars: readonly ErrorBar[], color: string): object {
  const shown = bars.filter((bar) => Number.isFinite(bar.low) && Number.isFinite(bar.high))
  return {
    type: 'custom',
    silent: true,
    z: 3,
    data: shown.map((bar) => [bar.x, bar.low, bar.high]),
    encode: { x: 0, y: [1, 2] },
    renderItem(_: CustomSeriesRenderItemParams, api: CustomSeriesRenderItemAPI): CustomSeriesRenderItemReturn {
      const [x = 0, bottom = 0] = api.coord([api.value(0), api.value(1)])
      const [, top = 0] = api.coord([api.value(0), api.value(2)])
      const line = (x1: number, y1: number, x2: number, y2: number) => ({
        type: 'line' as const,
        shape: { x1, y1, x2, y2 },
        style: { stroke: color, lineWidth: 1.5, opacity: 0.65 },
      })
      return {
        type: 'group',
        children: [line(x, bottom, x, top), line(x - CAP, bottom, x + CAP, bottom), line(x - CAP, top, x + CAP, top)],
      }
    },
  }
}
