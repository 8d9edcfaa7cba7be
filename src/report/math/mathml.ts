/** Text with its formulas as MathML: no script, no font, no request. KaTeX is loaded by whoever calls it. */

import katex from 'katex'
import { html, type Markup, trusted } from '../markup.ts'
import { visible } from '../visible.ts'
import { KATEX_OPTIONS } from './options.ts'
import { segmentsOf } from './segments.ts'

/**
 * Model text as markup: everything is escaped, formulas between delimiters become MathML, and one that cannot be set stays
 * as it was written.
 */
export function mathText(text: string): Markup {
  return html`${segmentsOf(visible(text)).map((segment) =>
    segment.kind === 'text' ? segment.text : (formula(segment.tex, segment.display) ?? segment.source),
  )}`
}

function formula(tex: string, displayMode: boolean): Markup | undefined {
  try {
    const markup = katex.renderToString(tex, { ...KATEX_OPTIONS, macros: {}, displayMode, output: 'mathml' })
    return trusted(withoutStyles(markup))
  } catch {
    // Half a formula, an unknown command, a bomb: what stands in the text is shown.
    return undefined
  }
}

/** The page's policy allows no style attribute; colours and rules of a formula go without. */
function withoutStyles(markup: string): string {
  return markup.replace(/ style="[^"]*"/g, '')
}
