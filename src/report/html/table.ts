/** Tables of the page: a header, rows, perhaps totals; wide ones scroll by themselves. */

import { type Content, html, type Markup } from '../markup.ts'

export interface HtmlColumn<Row> {
  readonly title: string
  /** Numbers stand at the right. */
  readonly number?: boolean
  cell(row: Row): Content
}

/** The first column names its row. */
export function htmlTable<Row>(
  caption: string,
  columns: readonly HtmlColumn<Row>[],
  rows: readonly Row[],
  total?: Row,
): Markup {
  const cells = (row: Row): Markup[] =>
    columns.map((column, place) => {
      const kind = column.number ? 'number' : ''
      return place === 0
        ? html`<th scope="row" class="${kind}">${column.cell(row)}</th>`
        : html`<td class="${kind}">${column.cell(row)}</td>`
    })
  // The caption stands outside what scrolls, so that it can be read on a phone.
  return html`<p class="caption">${caption}</p>
<div class="wide-table" role="region" aria-label="${caption}" tabindex="0"><table aria-label="${caption}">
<thead><tr>${columns.map((column) => html`<th scope="col" class="${column.number ? 'number' : ''}">${column.title}</th>`)}</tr></thead>
<tbody>
${rows.map((row) => html`<tr>${cells(row)}</tr>\n`)}</tbody>
${total !== undefined && html`<tfoot><tr>${cells(total)}</tr></tfoot>\n`}</table></div>
`
}
