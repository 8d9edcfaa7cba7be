/** Points of several lines as a small plot of letters, for a terminal. */

import type { TextStyle } from './columns.ts'
import { columns, cutTo } from './columns.ts'

export interface PlotLine {
  readonly name: string
  readonly points: readonly (readonly [number, number])[]
}

export interface LinePlot {
  readonly title: string
  readonly lines: readonly PlotLine[]
  /** How values are written at the axes. */
  x(value: number): string
  y(value: number): string
}

const HEIGHT = 10
const MARKS = 'abcdefghijklmnopqrstuvwxyz'

/** The title with a letter a line, then the plot; where two lines meet, the first one shows. Nothing without points. */
export function plotLines({ title, lines, x, y }: LinePlot, style: TextStyle): string[] {
  const all = lines.flatMap(({ points }) => points).filter((point) => point.every(Number.isFinite))
  const [first] = all
  if (!first) return []
  const [left, right] = ends(all.map(([at]) => at))
  const [bottom, top] = ends(all.map(([, at]) => at))
  const labels = [y(top), y(bottom)]
  const margin = Math.max(...labels.map(columns))
  const width = Math.max(10, Math.min(60, style.width - margin - 3))
  const grid = Array.from({ length: HEIGHT }, () => Array<string>(width).fill(' '))
  for (const [i, line] of [...lines.entries()].reverse()) {
    const mark = MARKS[i % MARKS.length] ?? '*'
    for (const [px, py] of line.points) {
      const row = grid[HEIGHT - 1 - placeOf(py, bottom, top, HEIGHT)]
      if (row) row[placeOf(px, left, right, width)] = mark
    }
  }
  const legend = lines.map(({ name }, i) => `${MARKS[i % MARKS.length]} ${name}`).join(', ')
  const rows = grid.map((cells, i) => {
    const label = i === 0 ? labels[0] : i === HEIGHT - 1 ? labels[1] : ''
    return `${(label ?? '').padStart(margin)} │${cells.join('')}`.trimEnd()
  })
  const [from, to] = [x(left), x(right)]
  const under = `${' '.repeat(margin)} └${'─'.repeat(width)}`
  const ticks = `${' '.repeat(margin + 2)}${from}${' '.repeat(Math.max(1, width - columns(from) - columns(to)))}${to}`
  return [`${title}: ${legend}`, ...rows, under, ticks].map((line) => cutTo(line, style.width))
}

function ends(values: readonly number[]): [number, number] {
  return [Math.min(...values), Math.max(...values)]
}

/** A cell from 0 to size - 1; the middle where there is no width. */
function placeOf(value: number, low: number, high: number, size: number): number {
  return high === low ? size >> 1 : Math.round(((value - low) / (high - low)) * (size - 1))
}
