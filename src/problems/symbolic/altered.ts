/** PURE: whether a template's question, with its defaults, asks something else than the question it was made from. */

import { readWords } from './number-words.ts'

/** Share of the words that a faithful template changes at most; 59 of the 60 published ones stay below it. */
const MOST_CHANGED = 0.16

/** Folders whose templates add clauses to the question they were made from, and the one whose templates do not. */
const EXTENDED = /(?:^|[/\\])p\d+[/\\]/i
const FAITHFUL = /(?:^|[/\\])symbolic[/\\]/i

/**
 * True where the wording shows that no answer to this question was published: any difference in a folder p1, p2, …;
 * elsewhere other numbers or a sixth of other words; never in a folder symbolic.
 * @param question with the defaults filled in
 * @param path of the template, its folders included
 */
export function isAltered(question: string, published: string, path: string): boolean {
  const [mine, theirs] = [wordsIn(question), wordsIn(published)]
  const changed = difference(mine, theirs)
  const folder = innermost(path)
  if (folder === 'extended') return changed > 0
  if (folder === 'faithful') return false
  return (
    difference(mine.filter(isNumber), theirs.filter(isNumber)) > 0 ||
    changed > MOST_CHANGED * Math.max(mine.length, theirs.length)
  )
}

/** The nearest folder that says anything. */
function innermost(path: string): 'extended' | 'faithful' | undefined {
  // Files of several levels may lie in one folder: p1-0003.json.
  if (/[/\\]p\d+[-_][^/\\]*$/i.test(path)) return 'extended'
  for (const folder of path.split(/[/\\]/).slice(0, -1).reverse()) {
    if (EXTENDED.test(`${folder}/`)) return 'extended'
    if (FAITHFUL.test(`${folder}/`)) return 'faithful'
  }
  return undefined
}

function wordsIn(text: string): string[] {
  const joined = text.toLowerCase().replace(/(\d)[ ,](?=\d{3}\b)/g, '$1')
  return joined.match(/\d+(?:\.\d+)?(?:\/\d+)?|[a-z]+/g)?.map(asDigits) ?? []
}

/** `two` and `2` are one word; `one` comes and goes with `a`. */
function asDigits(word: string): string {
  const number = readWords(word)
  if (number === 1 || word === 'an') return 'a'
  // One thing or several are one word, also where a template puts an s behind an s.
  return typeof number === 'number' ? String(number) : word.replace(/(?:es|s+)$/, '')
}

function isNumber(word: string): boolean {
  return word !== 'a' && readWords(word) !== undefined
}

/** How many words stand in one list and not in the other. */
function difference(a: readonly string[], b: readonly string[]): number {
  const counts = new Map<string, number>()
  for (const word of a) counts.set(word, (counts.get(word) ?? 0) + 1)
  for (const word of b) counts.set(word, (counts.get(word) ?? 0) - 1)
  return [...counts.values()].reduce((sum, count) => sum + Math.abs(count), 0)
}
