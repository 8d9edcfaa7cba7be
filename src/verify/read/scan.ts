/** Looks through a tidied answer without parsing it: brackets, and what stands outside of all of them. */

import { TEXT_CLOSE, TEXT_OPEN } from '../marks.ts'

const OPENING = '{([⦃⟨'
const CLOSING = '})]⦄⟩'

/** Calls `visit` for every place outside of brackets, text and environments; a command counts as its backslash. */
export function scanTop(text: string, visit: (at: number, character: string) => void): void {
  let depth = 0
  for (let at = 0; at < text.length; at++) {
    const character = text.charAt(at)
    if (character === TEXT_OPEN) {
      const end = text.indexOf(TEXT_CLOSE, at)
      at = end < 0 ? text.length : end
    } else if (character === '\\') {
      if (text.startsWith('\\begin', at)) depth++
      else if (text.startsWith('\\end', at)) depth--
      if (depth === 0) visit(at, character)
      const letters = /^[A-Za-z]+/.exec(text.slice(at + 1, at + 24))
      at += letters ? letters[0].length : 1
    } else if (OPENING.includes(character)) {
      if (depth === 0) visit(at, character)
      depth++
    } else if (CLOSING.includes(character)) {
      depth--
      if (depth === 0) visit(at, character)
    } else if (depth === 0) {
      visit(at, character)
    }
  }
}

/** The parts between separators that stand outside of all brackets, with the separators. */
export function splitTop(text: string, separators: string): { parts: string[]; found: string[] } {
  const parts: string[] = []
  const found: string[] = []
  let start = 0
  // Most texts have none of them: looking for the characters alone costs a tenth of the scan.
  if (![...separators].some((separator) => text.includes(separator))) return { parts: [text], found }
  scanTop(text, (at, character) => {
    if (!separators.includes(character)) return
    parts.push(text.slice(start, at))
    found.push(character)
    start = at + character.length
  })
  parts.push(text.slice(start))
  return { parts, found }
}

/** The inside of a text that is one pair of brackets from its first character to its last. */
export function unwrap(text: string): { open: string; close: string; inside: string } | undefined {
  const open = text.charAt(0)
  const close = text.charAt(text.length - 1)
  if (text.length < 2 || !OPENING.includes(open) || !CLOSING.includes(close)) return undefined
  let depth = 0
  for (let at = 0; at < text.length; at++) {
    const character = text.charAt(at)
    if (character === TEXT_OPEN) {
      const end = text.indexOf(TEXT_CLOSE, at)
      if (end < 0) return undefined
      at = end
    } else if (character === '\\') at++
    else if (OPENING.includes(character)) depth++
    else if (CLOSING.includes(character) && --depth === 0) {
      return at === text.length - 1 ? { open, close, inside: text.slice(1, -1) } : undefined
    }
  }
  return undefined
}
