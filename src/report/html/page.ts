/** The frame of a page: one HTML file that needs nothing else, no script, no request; it can be mailed, printed and kept. */

import { createHash } from 'node:crypto'
import { type Content, html, type Markup, trusted } from '../markup.ts'
import { STYLE } from './style.ts'

/**
 * The whole file around what stands in its body.
 * @param script of ours; left out for pages that need none
 * @param images whether it shows images, which stand in the file itself
 */
export function page(title: string, content: Content, script = '', images = false): Markup {
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="${policyOf(STYLE, script)}${images && '; img-src data:'}">
<title>${title}</title>
<style>${trusted(STYLE)}</style>
</head>
<body>
<main>
${content}
</main>${script !== '' && html`\n<script>${trusted(script)}</script>`}
</body>
</html>
`
}

/** Nothing is loaded, and nothing runs or styles but what this program wrote: each by its hash, no style attribute at all. */
export function policyOf(style: string, script: string): string {
  const hashOf = (text: string): string => `'sha256-${createHash('sha256').update(text).digest('base64')}'`
  const scripts = script === '' ? '' : `; script-src ${hashOf(script)}`
  return `default-src 'none'; style-src ${hashOf(style)}${scripts}; base-uri 'none'; form-action 'none'`
}

/** A page's opening: what kind it is, of what, and what is to be known first, a paragraph a sentence. */
export function pageHead(kind: string, name: string, sentences: readonly string[]): Markup {
  return html`<header>
<p class="eyebrow">${kind}</p>
<h1>${name}</h1>
${sentences.map((sentence) => html`<p>${sentence}</p>\n`)}</header>`
}
