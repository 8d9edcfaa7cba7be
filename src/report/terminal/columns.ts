/** Text measured in terminal columns, and tables that never exceed them. */

import { styleText } from 'node:util'
import sliceAnsi from 'slice-ansi'
import stringWidth from 'string-width'
import wrapAnsi from 'wrap-ansi'

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

/** Columns the text takes on a terminal; styles take none. */
export function columns(text: string): number {
  // Nearly all there is; the library's tables of wide signs are compiled at their first use, a tenth of a short command's time.
  return /^[ -~]*$/.test(text) ? text.length : stringWidth(text)
}

/** At most so many columns of plain text, an ellipsis in the last where something is left out. */
export function cutTo(text: string, width: number): string {
  if (columns(text) <= width) return text
  return width <= 0 ? '' : `${sliceAnsi(text, 0, width - 1)}…`
}

/** Plain text in lines of at most `width` columns, broken between words where they fit; line breaks and indentation are kept. */
export function wrap(text: string, width: number): string[] {
  const lines = text.replaceAll('\t', '  ').split('\n')
  return lines.flatMap((line) => {
    // Spaces at the start of a line are trimmed away; a sign that no text has is not.
    const indented = line.replace(/^ +/, (spaces) => INDENT.repeat(spaces.length))
    const wrapped = wrapAnsi(indented, Math.max(1, width), { hard: true }).split('\n')
    return wrapped.map((part) => part.replace(LEADING, (spaces) => ' '.repeat(spaces.length)).trimEnd())
  })
}

const INDENT = '\ue000'
const LEADING = new RegExp(`^${INDENT}+`)

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
