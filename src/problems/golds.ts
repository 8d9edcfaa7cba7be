/** Gold answers as published sets write them: a text, a number, a list, a JSON list in a text, or words for "none". */

import type { GoldList } from '../core/datasets.ts'

/** What a set writes where it has no answer that can be checked. */
const NO_ANSWER = /^(?:proof|not[\s_-]?found|unsolved|n\/?a|nan|null|unknown|no answer|see (?:the )?solution)\.?$/i

/** The gold of a row, or why there is none. */
export type Gold = { readonly answer: string } | { readonly reason: string }

/**
 * @param value what stands in the column
 * @param golds how several are meant; where it is not said, several are refused
 */
export function goldOf(value: unknown, golds: GoldList | undefined): Gold {
  const items = itemsOf(value)
  const texts = items.flatMap((item) => textOf(item) ?? [])
  if (texts.length < items.length) return { reason: 'has an answer that is not a text or a number' }
  const [first] = texts
  if (first === undefined) return { reason: 'has no answer' }
  const none = texts.find((text) => NO_ANSWER.test(text))
  if (none !== undefined) return { reason: `has the answer "${none}", which nothing can be checked against` }
  if (texts.length === 1) return { answer: first }
  if (golds === undefined) return { reason: `has ${texts.length} answers; say golds: any or golds: all` }
  // The checker reads a JSON list of texts as answers of which any is right.
  return { answer: golds === 'any' ? JSON.stringify(texts) : texts.map(withoutDollars).join(', ') }
}

function itemsOf(value: unknown): readonly unknown[] {
  if (value === null || value === undefined) return []
  if (Array.isArray(value)) return value
  if (typeof value !== 'string') return [value]
  return value.trim() === '' ? [] : (listInText(value) ?? [value])
}

/** `["\\frac{3}{5}"]`, as Skywork-OR1 has its answers; a list of numbers is an answer of its own. */
function listInText(text: string): readonly string[] | undefined {
  if (!/^\s*\["/.test(text)) return undefined
  try {
    const list: unknown = JSON.parse(text)
    return Array.isArray(list) && list.every((item) => typeof item === 'string') ? list : undefined
  } catch {
    return undefined
  }
}

function textOf(value: unknown): string | undefined {
  if (typeof value === 'string') return value.trim() === '' ? undefined : value
  return typeof value === 'number' && Number.isFinite(value) && Math.abs(value) <= Number.MAX_SAFE_INTEGER
    ? String(value)
    : undefined
}

function withoutDollars(text: string): string {
  return /^\$([^$]+)\$$/.exec(text.trim())?.[1] ?? text.trim()
}
