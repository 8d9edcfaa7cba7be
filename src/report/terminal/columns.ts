/** Text measured in terminal columns, and tables that never exceed them. */

import { stripVTControlCharacters, styleText } from 'node:util'

/** How to write for a terminal or a file. */
export interface TextStyle {
  /** Colours and weights; off for files and under NO_COLOR, as the caller decides. */
  readonly color: boolean
  /** Columns that no line exceeds; at least 20 are used. */
  readonly width: number
}

export type Format = Parameters<typeof styleText>[0]

/** The text in a style where colours are on. The stream is not asked: the caller has decided. */
export function paint(style: Pick<TextStyle, 'color'>, format: Format, text: string): string {
  return style.color ? styleText(format, text, { validateStream: false }) : text
}

// Approximates East Asian Width W and F (Unicode annex 11) and emoji, which take two columns.
const WIDE =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|\p{Emoji_Presentation}|[\u{20000}-\u{3fffd}]/u
const ZERO = /^[\p{Mn}\p{Me}\p{Cf}]$/u
const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' })

/** Columns the text takes on a terminal; styles take none. */
export function columns(text: string): number {
  const plain = stripVTControlCharacters(text)
  if (/^[\x20-\x7e]*$/.test(plain)) return plain.length
  let sum = 0
  for (const { segment } of graphemes.segment(plain)) sum += graphemeColumns(segment)
  return sum
}

function graphemeColumns(grapheme: string): number {
  if (WIDE.test(grapheme)) return 2
  return ZERO.test(grapheme) ? 0 : 1
}

/** At most so many columns of plain text, an ellipsis in the last where something is left out. */
export function cutTo(text: string, width: number): string {
  if (columns(text) <= width) return text
  if (width <= 0) return ''
  let out = ''
  let used = 0
  for (const { segment } of graphemes.segment(text)) {
    used += graphemeColumns(segment)
    if (used > width - 1) break
    out += segment
  }
  return `${out}…`
}

/** Plain text in lines of at most `width` columns, broken between words where they fit; line breaks are kept. */
export function wrap(text: string, width: number): string[] {
  const limit = Math.max(1, width)
  return text.split('\n').flatMap((line) => wrapLine(line.replaceAll('\t', '  '), limit))
}

function wrapLine(line: string, width: number): string[] {
  const out: string[] = []
  let current = ''
  for (const word of line.split(/(?<= )/)) {
    if (columns(current) + columns(word.trimEnd()) <= width) {
      current += word
      continue
    }
    if (current !== '') out.push(current.trimEnd())
    const pieces = chop(word, width)
    out.push(...pieces.slice(0, -1))
    current = pieces.at(-1) ?? ''
  }
  out.push(current.trimEnd())
  return out
}

function chop(word: string, width: number): string[] {
  if (columns(word.trimEnd()) <= width) return [word]
  const pieces: string[] = []
  let current = ''
  let used = 0
  for (const { segment } of graphemes.segment(word)) {
    const size = graphemeColumns(segment)
    if (used + size > width && current !== '') {
      pieces.push(current)
      current = ''
      used = 0
    }
    current += segment
    used += size
  }
  pieces.push(current)
  return pieces
}

export interface Column<Row> {
  readonly title: string
  /** Numbers stand at the right, words at the left. */
  readonly align: 'left' | 'right'
  /** Columns with higher numbers are left out first where the width does not suffice; 0 stays. */
  readonly spare: number
  cell(row: Row): string
  readonly format?: (row: Row) => Format | undefined
}

const GAP = '  '

/** Aligned lines: the titles, then a line a row. */
export function table<Row>(columnsWanted: readonly Column<Row>[], rows: readonly Row[], style: TextStyle): string[] {
  const chosen = fitting(columnsWanted, rows, style.width)
  const title = chosen.map(({ column, size }) => pad(cutTo(column.title, size), size, column.align)).join(GAP)
  const lines = rows.map((row) =>
    chosen
      .map(({ column, size }) => {
        const text = pad(cutTo(column.cell(row), size), size, column.align)
        const format = column.format?.(row)
        return format ? paint(style, format, text) : text
      })
      .join(GAP)
      .trimEnd(),
  )
  return [paint(style, 'dim', cutTo(title.trimEnd(), style.width)), ...lines]
}

/** Drops the most dispensable columns until the rest fits; the last resort cuts cells. */
function fitting<Row>(
  wanted: readonly Column<Row>[],
  rows: readonly Row[],
  width: number,
): { readonly column: Column<Row>; readonly size: number }[] {
  let chosen = wanted.map((column) => ({
    column,
    size: Math.max(columns(column.title), ...rows.map((row) => columns(column.cell(row)))),
  }))
  const total = (): number => chosen.reduce((sum, { size }) => sum + size + GAP.length, -GAP.length)
  while (total() > width) {
    const spare = Math.max(...chosen.map(({ column }) => column.spare))
    if (spare <= 0) break
    const last = chosen.findLastIndex(({ column }) => column.spare === spare)
    chosen = chosen.filter((_, i) => i !== last)
  }
  while (total() > width && chosen.some(({ size }) => size > 1)) {
    const widest = chosen.reduce((a, b) => (b.size > a.size ? b : a))
    chosen = chosen.map((it) => (it === widest ? { ...it, size: it.size - 1 } : it))
  }
  return chosen
}

function pad(text: string, width: number, align: 'left' | 'right'): string {
  const space = ' '.repeat(Math.max(0, width - columns(text)))
  return align === 'right' ? space + text : text + space
}
