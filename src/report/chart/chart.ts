/** Draws charts as plain SVG text, without a browser: no script, no request, colours that follow the page's style sheet. */

import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
import type { EChartsCoreOption, init } from 'echarts/core'
import { escapeHtml, html, type Markup, trusted } from '../markup.ts'

/** Two drawings of each chart, for wide and for narrow pages: scaling one down would make its words too small. */
export interface Layout {
  readonly kind: 'wide' | 'narrow'
  readonly width: number
  readonly height: number
  readonly fontSize: number
}

export interface Chart {
  /** Names the drawing within the page: letters and dashes. */
  readonly id: string
  readonly title: string
  /** One or two sentences under the title: how to read it. */
  readonly caption: string
  /** What it shows, for those who cannot see it. */
  readonly alt: string
  readonly legend: readonly LegendEntry[]
  /** Half the page's width is enough. */
  readonly small?: boolean
  readonly height?: number
  option(layout: Layout): EChartsCoreOption
}

export interface LegendEntry {
  readonly name: string
  readonly color: ColorName
  readonly mark: 'line' | 'area' | 'tick' | 'cross'
}

export type ColorName = keyof typeof COLORS

/**
 * Colours are written as these unlikely numbers and become variables of the style sheet afterwards,
 * so that one drawing is readable on light, on dark and on paper.
 */
export const COLORS = {
  ink: '#010203',
  soft: '#010204',
  grid: '#010205',
  paper: '#010206',
  one: '#010211',
  two: '#010212',
  three: '#010213',
  four: '#010214',
  five: '#010215',
  six: '#010216',
  seven: '#010217',
  eight: '#010218',
  faint: '#010219',
} as const

/** Colours of a series by its place. */
export const SERIES_COLORS = ['one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight'] as const

/** Charts as figures of the page, in order. The drawing library is loaded only now. */
export async function drawCharts(charts: readonly Chart[]): Promise<Markup[]> {
  if (charts.length === 0) return []
  const draw = loadDrawing()
  return charts.map((chart) => {
    const height = chart.height ?? 300
    const wide = chart.small
      ? { kind: 'wide' as const, width: 470, height, fontSize: 12 }
      : { kind: 'wide' as const, width: 960, height: height + 80, fontSize: 13 }
    const narrow = { kind: 'narrow' as const, width: 360, height: Math.min(height, 280), fontSize: 12 }
    return figure(chart, [draw(chart, wide), draw(chart, narrow)])
  })
}

function figure(chart: Chart, drawings: readonly Markup[]): Markup {
  return html`<figure id="chart-${chart.id}" class="${chart.small ? 'small' : 'large'}">
<figcaption><h3>${chart.title}</h3><p>${chart.caption}</p>${
    chart.legend.length > 0 &&
    html`<ul class="legend">${chart.legend.map(
      (entry) => html`<li><i class="${entry.mark} c-${entry.color}"></i>${entry.name}</li>`,
    )}</ul>`
  }</figcaption>
${drawings}
</figure>
`
}

/** What the charts use of ECharts, in one file; scripts/build-drawing.ts writes it. */
const DRAWING = fileURLToPath(new URL('../../../assets/report/drawing.cjs', import.meta.url))

function loadDrawing(): (chart: Chart, layout: Layout) => Markup {
  const echarts = createRequire(import.meta.url)(DRAWING) as { init: typeof init }
  return (chart, layout) => {
    const { width, height } = layout
    const drawing = echarts.init(null, null, { renderer: 'svg', ssr: true, width, height })
    try {
      drawing.setOption({ ...frame(layout), ...chart.option(layout) })
      return trusted(adopt(drawing.renderToSVGString(), chart, layout))
    } finally {
      // Without this its timer keeps the process alive.
      drawing.dispose()
    }
  }
}

function frame({ kind, fontSize }: Layout): EChartsCoreOption {
  return {
    animation: false,
    backgroundColor: 'transparent',
    textStyle: { fontFamily: 'system-ui, sans-serif', fontSize, color: COLORS.ink },
    grid: { left: kind === 'wide' ? 58 : 46, right: 22, top: 22, bottom: 46, containLabel: false },
  }
}

/**
 * Makes a drawing part of the page: its own names, the page's colours, no fixed size, a description; and without the
 * library's numbering, which continues from drawing to drawing, so that the same view gives the same bytes.
 */
function adopt(svg: string, chart: Chart, layout: Layout): string {
  const variables = new Map<string, string>(Object.entries(COLORS).map(([name, color]) => [color, `var(--${name})`]))
  const body = svg
    .replace(/^<svg[^>]*>/, '')
    .replace(/<style[^>]*>.*?<\/style>/gs, '')
    .replace(/ (?:class|ecmeta_\w+|pointer-events)="[^"]*"/g, '')
    .replace(/ style="([^"]*)"/g, (_, style: string) => asAttributes(style))
    .replace(/zr\d+-/g, `${chart.id}-${layout.kind}-`)
    .replace(/#0102[0-9a-f]{2}\b/g, (color) => variables.get(color) ?? color)
  const head = `<svg class="${layout.kind}" viewBox="0 0 ${layout.width} ${layout.height}" role="img" aria-label="${escapeHtml(chart.alt)}">`
  return head + body
}

/** Declarations that drawings make as attributes of their own, which no policy of a page keeps out. */
function asAttributes(style: string): string {
  const pairs = style.split(';').map((declaration) => declaration.split(':', 2).map((part) => part.trim()))
  const kept = pairs.filter(([name = '']) => /^(?:font-(?:size|weight|family|style)|opacity|fill|stroke)$/.test(name))
  return kept.map(([name = '', value = '']) => ` ${name}="${escapeHtml(value.replaceAll('&quot;', "'"))}"`).join('')
}

/** An axis of numbers or names, in the page's quiet colours. */
export function axis(layout: Layout, options: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const { name, axisLabel, ...rest } = options
  return {
    name,
    nameLocation: 'middle',
    nameTextStyle: { color: COLORS.soft, fontSize: layout.fontSize },
    axisLine: { lineStyle: { color: COLORS.grid } },
    axisTick: { show: false },
    splitLine: { lineStyle: { color: COLORS.grid, width: 1 } },
    ...rest,
    axisLabel: {
      color: COLORS.soft,
      fontSize: layout.fontSize,
      hideOverlap: true,
      ...(axisLabel as object | undefined),
    },
  }
}
