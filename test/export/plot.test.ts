/** The picture of a dataset: bars that stand on their axis, as high as their counts, each with its name. */

import { XMLParser } from 'fast-xml-parser'
import { describe, expect, test } from 'vitest'
import { distributionOf } from '../../src/core/measure/distribution.ts'
import { plotSummary } from '../../src/export/plot.ts'
import type { ExportSummary } from '../../src/export/summary.ts'

interface Bar {
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
  readonly title: string
}

interface Label {
  readonly x: number
  readonly y: number
  readonly turn: string
  readonly text: string
}

interface Picture {
  readonly width: number
  readonly height: number
  readonly bars: readonly Bar[]
  readonly axes: readonly { readonly x1: number; readonly x2: number; readonly y: number }[]
  readonly labels: readonly Label[]
  readonly others: readonly { readonly x: number; readonly y: number; readonly text: string }[]
}

type Node = Readonly<Record<string, string>>

const parser = new XMLParser({
  ignoreAttributes: false,
  attributeNamePrefix: '',
  isArray: (name) => ['rect', 'text', 'line'].includes(name),
})

function draw(tokens: readonly number[], iterations: Readonly<Record<string, number>>): Picture {
  const svg = plotSummary({ tokens: distributionOf(tokens), iterations } as ExportSummary)
  const { svg: root } = parser.parse(svg)
  const texts = (root.text ?? []) as Node[]
  return {
    width: Number(root.width),
    height: Number(root.height),
    bars: ((root.rect ?? []) as Node[]).map(({ x, y, width, height, title = '' }) => ({
      ...{ x: Number(x), y: Number(y), width: Number(width), height: Number(height), title },
    })),
    axes: (root.line as Node[]).map(({ x1, x2, y1, y2 }) => {
      expect(y1).toBe(y2)
      return { x1: Number(x1), x2: Number(x2), y: Number(y1) }
    }),
    labels: texts.flatMap(({ x, y, transform: turn, '#text': text = '' }) =>
      turn === undefined ? [] : [{ x: Number(x), y: Number(y), turn, text: String(text) }],
    ),
    others: texts.flatMap(({ x, y, transform, '#text': text = '' }) =>
      transform === undefined ? [{ x: Number(x), y: Number(y), text: String(text) }] : [],
    ),
  }
}

/** As many iterations, of 1, 2, 3 and so on traces. */
const turns = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, i) => [`${i}`, i + 1]))

/** The bars of the panel on the right, which is the one of iterations. */
const ofIterations = (picture: Picture) => picture.bars.filter(({ x }) => x >= picture.width / 2)

test('lengths are on the left and iterations on the right, each with its title, its most and its axis', () => {
  const { others, axes, bars, width, height } = draw([5, 5, 6], { 0: 2_000, 1: 1 })
  expect([width, height]).toEqual([860, 260])
  expect(others).toEqual([
    { x: 24, y: 20, text: 'Traces by length in tokens' },
    { x: 24, y: 36, text: 'most: 2' },
    { x: 454, y: 20, text: 'Traces by iteration' },
    { x: 454, y: 36, text: 'most: 2,000' },
  ])
  expect(axes).toEqual([
    { x1: 24, x2: 406, y: 208 },
    { x1: 454, x2: 836, y: 208 },
  ])
  expect(bars.map(({ title }) => title)).toEqual(['5: 2', '6: 1', '0: 2000', '1: 1'])
})

test('a range of lengths is named by both of its ends', () => {
  const { bars } = draw([1, 1, 30], {})
  expect(bars.map(({ title }) => title).slice(0, 2)).toEqual(['1–3: 2', '4–6: 0'])
})

describe('bars', () => {
  test('stand on the axis, the highest as high as there is room, the others in proportion', () => {
    const bars = ofIterations(draw([], { 0: 100, 1: 50, 2: 25, 3: 0 }))
    for (const { y, height } of bars) expect(y + height).toBe(208)
    expect(bars.map(({ height }) => height)).toEqual([164, 82, 41, 0])
  })

  test.each([1, 2, 3, 7, 20])('%i of them share the axis evenly, with a fifth of their place between them', (count) => {
    const picture = draw([], turns(count))
    const { x1 = 0, x2 = 0 } = picture.axes[1] ?? {}
    const place = (x2 - x1) / count
    for (const [nth, { x, width }] of ofIterations(picture).entries()) {
      expect(Math.abs(x - (x1 + (nth + 0.1) * place))).toBeLessThanOrEqual(0.5)
      expect(Math.abs(width - 0.8 * place)).toBeLessThanOrEqual(0.5)
    }
  })

  test('are seen however many there are', () => {
    const bars = ofIterations(draw([], turns(1_000)))
    expect(bars).toHaveLength(1_000)
    for (const { width } of bars) expect(width).toBe(1)
  })

  test('of no trace at all are none, and the axes are still there', () => {
    const { bars, axes, others } = draw([], {})
    expect(bars.map(({ title, height }) => [title, height])).toEqual([['0: 0', 0]])
    expect(axes).toHaveLength(2)
    expect(others.map(({ text }) => text)).toContain('most: 1')
  })
})

describe('names', () => {
  test('lean under the middle of their bar', () => {
    const picture = draw([], turns(3))
    const bars = ofIterations(picture)
    const labels = picture.labels.filter(({ x }) => x >= picture.width / 2)
    expect(labels.map(({ text }) => text)).toEqual(['0', '1', '2'])
    for (const [nth, { x, y, turn }] of labels.entries()) {
      const { x: left = 0, width = 0 } = bars[nth] ?? {}
      expect([x, y, turn]).toEqual([left + width / 2, 222, `rotate(-35 ${left + width / 2} 222)`])
    }
  })

  test.each([
    [20, Array.from({ length: 20 }, (_, i) => i)],
    [21, Array.from({ length: 11 }, (_, i) => 2 * i)],
    [41, Array.from({ length: 14 }, (_, i) => 3 * i)],
  ])('of %i bars are at most twenty, evenly taken', (count, named) => {
    const { labels, width } = draw([], turns(count))
    expect(labels.filter(({ x }) => x >= width / 2).map(({ text }) => Number(text))).toEqual(named)
  })
})
