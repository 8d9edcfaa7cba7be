/** Where the reader of plain LaTeX stands in its text, and the steps that it makes there. */

export type MathJson = number | string | { readonly num: string } | readonly MathJson[]

export interface Reader {
  readonly text: string
  at: number
  /** True between bars, where another one closes. */
  isInBars: boolean
  /** Reads a sum from here: what stands in brackets. */
  readonly readSum: (reader: Reader) => MathJson | undefined
}

/** The next character that is not a space; empty at the end. */
export function peek(reader: Reader): string {
  let character = reader.text.charAt(reader.at)
  while (character === ' ') character = reader.text.charAt(++reader.at)
  return character
}

export function takes(reader: Reader, character: string): boolean {
  if (peek(reader) !== character) return false
  reader.at++
  return true
}

/** The name of the command that stands here; it is not taken. */
export function commandAt(reader: Reader): string {
  return peek(reader) === '\\' ? (matchHere(COMMAND, reader) ?? '') : ''
}

const COMMAND = /(?<=\\)[A-Za-z]+/y

export function matchHere(pattern: RegExp, { text, at }: Reader): string | undefined {
  pattern.lastIndex = pattern === COMMAND ? at + 1 : at
  return pattern.exec(text)?.[0]
}
