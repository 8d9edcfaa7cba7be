/** Finds the {slots} of a text; braces and commas inside quotes and brackets belong to the slot's expression. */

import { TemplateFault } from './fault.ts'
import { excerpt } from './tokens.ts'

export interface SlotSource {
  /** What stands between the braces. */
  readonly source: string
  /** Characters of the text before the opening brace. */
  readonly at: number
}

/** Texts and slots in turn. `{{` and `}}` are braces of the text, and so is an empty pair. */
export function parseSlots(text: string): (string | SlotSource)[] {
  const parts: (string | SlotSource)[] = []
  let plain = ''
  for (let i = 0; i < text.length; i++) {
    const sign = text[i] ?? ''
    if ((sign === '{' || sign === '}') && text[i + 1] === sign) {
      plain += sign
      i++
    } else if (sign === '{') {
      const end = closingBrace(text, i)
      const source = text.slice(i + 1, end)
      if (source.trim() === '') plain += text.slice(i, end + 1)
      else {
        parts.push(plain, { source, at: i })
        plain = ''
      }
      i = end
    } else plain += sign
  }
  parts.push(plain)
  return parts.filter((part) => part !== '')
}

function closingBrace(text: string, opening: number): number {
  const end = scan(text, opening, true) ?? scan(text, opening, false)
  if (end === undefined)
    throw new TemplateFault(`a brace is opened and not closed at "${excerpt(text.slice(opening))}"`)
  return end
}

/** A default behind a comma may hold an apostrophe (`{item, baker's dozen}`): from there on quotes are plain signs. */
function scan(text: string, opening: number, heedsQuotes: boolean): number | undefined {
  let depth = 0
  let quote = ''
  let isDefault = !heedsQuotes
  for (let i = opening; i < text.length; i++) {
    const sign = text[i] ?? ''
    if (quote !== '') {
      if (sign === '\n') return undefined
      if (sign === quote) quote = ''
    } else if (!isDefault && (sign === '"' || sign === "'")) quote = sign
    else if (sign === ',' && depth === 1) isDefault = true
    else if (sign === '{' || (!isDefault && (sign === '(' || sign === '['))) depth++
    else if (!isDefault && (sign === ')' || sign === ']')) depth--
    else if (sign === '}' && --depth === 0) return i
  }
  return undefined
}

/** The head and the default of `{name, default}`; the default keeps its commas. */
export function splitDefault(source: string): { readonly head: string; readonly default: string | undefined } {
  let depth = 0
  for (let i = 0; i < source.length; i++) {
    const sign = source[i] ?? ''
    if ('([{'.includes(sign)) depth++
    else if (')]}'.includes(sign)) depth--
    else if (sign === ',' && depth === 0)
      return { head: source.slice(0, i).trim(), default: source.slice(i + 1).trim() }
  }
  return { head: source.trim(), default: undefined }
}
