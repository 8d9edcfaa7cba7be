/** Model text made safe to look at: control and direction characters become visible, and a megabyte becomes a page. */

/** Everything that could move a terminal's cursor, end a page early or turn the reading direction round. */
const HIDDEN = /[\p{Cc}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\u2028\u2029\ufeff\ufffe\uffff]/gu

/**
 * The text with control characters (line breaks and tabs aside) written out: `␀` for a null byte, `⟨U+202E⟩` for a
 * right-to-left override. Half characters become `�`.
 */
export function visible(text: string): string {
  return text.toWellFormed().replace(/\r\n?/g, '\n').replace(HIDDEN, show)
}

/** The same on one line. */
export function visibleLine(text: string): string {
  return visible(text).replace(/[\n\t]+/g, ' ')
}

function show(character: string): string {
  if (character === '\n' || character === '\t') return character
  const code = character.codePointAt(0) ?? 0
  if (code < 0x20) return String.fromCodePoint(0x2400 + code)
  if (code === 0x7f) return '␡'
  return `⟨U+${code.toString(16).toUpperCase().padStart(4, '0')}⟩`
}

/** At most `limit` characters from the front, with a word on how many there are when some are left out. */
export function clip(text: string, limit: number): string {
  if (text.length <= limit) return text
  return `${text.slice(0, limit).toWellFormed()} … (${text.length.toLocaleString('en-US')} characters in all)`
}
