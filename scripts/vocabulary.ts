/** What the base checkpoint's tokenizer knows: every word and sign that step problems and their solutions can hold. */

import { SPECIAL_TOKENS } from '../src/embedded/model/tokenizer.ts'
import type { StepsFile } from '../src/problems/steps/file.ts'

/** Splits a text into words with their leading space, words without one, the answer mark, single digits, and single signs. */
export const STEPS_PIECE = / ?[A-Za-z]+|####|\d|[^A-Za-z\d]/g

/**
 * All pieces (by STEPS_PIECE) of all questions and solutions that the file can give, sorted by their code units, distinct.
 */
export function stepsVocabulary(file: StepsFile): string[] {
  const texts = [
    ...file.openings.map((part) => part.text),
    ...file.shops.map((shop) => `${shop.text} ${shop.question}`),
    ...[...file.clauses.map((part) => part.text), ...file.questions].map((text) => ` ${text}`),
  ]
  const pieces = new Set<string>('0123456789')
  for (const piece of '1+2-3*4/5=6. #### 7'.match(STEPS_PIECE) ?? []) pieces.add(piece)
  const longest = Math.max(...Object.values(file.words).map((words) => words.length))
  for (const text of texts) {
    for (let turn = 0; turn < longest; turn++) {
      for (const piece of fill(file, text, turn).match(STEPS_PIECE) ?? []) pieces.add(piece)
    }
  }
  return [...pieces].sort()
}

/** The text with the turn-th word of each list in its slots, and a digit for each number. */
function fill({ words }: StepsFile, text: string, turn: number): string {
  const lists: Record<string, readonly string[]> = { ...words, friend: words.name, other: words.item }
  return text.replace(/\{([a-z]+)\}/g, (_, slot: string) => {
    const list = lists[slot]
    return list?.[turn % list.length] ?? '0'
  })
}

/** The vocabulary of texts made of `pieces`: special tokens, newline, printable ASCII, equation signs, and the pieces. */
export function createVocabulary(pieces: Iterable<string>): string[] {
  const ascii = Array.from({ length: 95 }, (_, i) => String.fromCharCode(32 + i))
  const words = [...new Set(pieces)].filter((piece) => /^ ?[A-Za-z]{2,}$|^ [A-Za-z]$/.test(piece)).sort()
  return [...SPECIAL_TOKENS, '\n', ...ascii, '. ', '#### ', ...words]
}
