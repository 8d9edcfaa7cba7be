/** HTML by a tagged template: whatever is put in is escaped, unless it is markup itself. */

import { visible } from './visible.ts'

/** Text that is already HTML; only `html` and `trusted` make it. */
export interface Markup {
  readonly markup: string
}

export type Content = Markup | string | number | null | undefined | false | readonly Content[]

/**
 * @example html`<p title="${title}">${paragraphs}</p>`
 */
export function html(parts: TemplateStringsArray, ...values: readonly Content[]): Markup {
  let out = parts[0] ?? ''
  for (const [i, value] of values.entries()) out += render(value) + (parts[i + 1] ?? '')
  return { markup: out }
}

/** Markup made here, by us: style sheets and drawn charts. Never for text from outside. */
export function trusted(markup: string): Markup {
  return { markup }
}

function render(value: Content): string {
  if (value === null || value === undefined || value === false) return ''
  if (typeof value === 'string') return escapeHtml(value)
  if (typeof value === 'number') return String(value)
  if (isList(value)) return value.map(render).join('')
  return value.markup
}

function isList(value: Markup | readonly Content[]): value is readonly Content[] {
  return Array.isArray(value)
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

/** Safe as text and inside quoted attributes. */
export function escapeHtml(text: string): string {
  return visible(text).replace(/[&<>"']/g, (character) => ENTITIES[character] ?? '')
}
