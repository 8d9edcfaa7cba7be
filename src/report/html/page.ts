/** The frame of a page: one HTML file that needs nothing else, no script, no request; it can be mailed, printed and kept. */

import { type Content, html, type Markup, trusted } from '../markup.ts'
import { STYLE } from './style.ts'

/** The whole file around what stands in its body. */
export function page(title: string, content: Content): Markup {
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${title}</title>
<style>${trusted(STYLE)}</style>
</head>
<body>
<main>
${content}
</main>
</body>
</html>
`
}

/** A page's opening: what kind it is, of what, and what is to be known first, a paragraph a sentence. */
export function pageHead(kind: string, name: string, sentences: readonly string[]): Markup {
  return html`<header>
<p class="eyebrow">${kind}</p>
<h1>${name}</h1>
${sentences.map((sentence) => html`<p>${sentence}</p>\n`)}</header>`
}
