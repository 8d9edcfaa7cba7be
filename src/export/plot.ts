/** A picture of a dataset as plain SVG: traces by length and by iteration, readable on light and on dark pages. */

import type { ExportSummary } from './summary.ts'

interface Bar {
  readonly name: string
  readonly count: number
}

const WIDTH = 860
const HEIGHT = 260
const TOP = 44
const BOTTOM = 52
const SIDE = 24
const MOST_LABELS = 20

/** Two panels side by side. */
export function plotSummary({ tokens, iterations }: ExportSummary): string {
  const lengths = tokens.histogram.map(({ from, to, count }) => ({
    name: from === to ? String(from) : `${from}–${to}`,
    count,
  }))
  const turns = Object.entries(iterations).map(([name, count]) => ({ name, count }))
  const width = WIDTH / 2
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" width="${WIDTH}" height="${HEIGHT}" role="img" aria-label="Traces by length in tokens and by iteration" font-family="system-ui, sans-serif" font-size="11" fill="#7a7f87">
${panel('Traces by length in tokens', lengths, 0, width)}
${panel('Traces by iteration', turns, width, width)}
</svg>
`
}

function panel(title: string, bars: readonly Bar[], left: number, width: number): string {
  const most = bars.reduce((top, { count }) => Math.max(top, count), 1)
  const step = (width - 2 * SIDE) / Math.max(bars.length, 1)
  const floor = HEIGHT - BOTTOM
  const everyNth = Math.ceil(bars.length / MOST_LABELS)
  const drawn = bars.map(({ name, count }, place) => {
    const height = Math.round(((floor - TOP) * count) / most)
    const x = Math.round(left + SIDE + place * step + step * 0.1)
    const size = Math.max(1, Math.round(step * 0.8))
    const middle = x + size / 2
    // Long names lean, so that neighbours stay apart.
    const label =
      place % everyNth > 0
        ? ''
        : `<text x="${middle}" y="${floor + 14}" text-anchor="end" transform="rotate(-35 ${middle} ${floor + 14})">${name}</text>`
    return `<rect x="${x}" y="${floor - height}" width="${size}" height="${height}" fill="#4c84c4"><title>${name}: ${count}</title></rect>${label}`
  })
  return `<text x="${left + SIDE}" y="20" font-size="13" font-weight="600">${title}</text>
<text x="${left + SIDE}" y="${TOP - 8}">most: ${most.toLocaleString('en')}</text>
<line x1="${left + SIDE}" y1="${floor}" x2="${left + width - SIDE}" y2="${floor}" stroke="#7a7f87"/>
${drawn.join('\n')}`
}
