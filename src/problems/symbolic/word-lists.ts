/** The word lists that templates draw from, ours: the published ones never were. */

import { readFileSync } from 'node:fs'
import { z } from 'zod'
import { ConfigError } from '../../core/errors.ts'
import { isNumeric } from './exact.ts'
import { readWords } from './number-words.ts'
import { listOf, type Value } from './value.ts'

const SHIPPED = new URL('../../../datasets/symbolic/words.json', import.meta.url)

/** A plain word, or a wording with the number that it counts for. */
const schema = z.record(z.string(), z.array(z.union([z.string(), z.tuple([z.string(), z.string()])])).min(1))

export type WordLists = Readonly<Record<string, Value>>

/**
 * @param path a JSON file of lists; the shipped one where left out
 * @throws ConfigError when it cannot be read or is no record of lists
 */
export function readWordLists(path?: string): WordLists {
  const where = path ?? 'datasets/symbolic/words.json'
  let content: unknown
  try {
    content = JSON.parse(readFileSync(path ?? SHIPPED, 'utf8'))
  } catch (cause) {
    throw new ConfigError(`${where}  cannot be read as JSON; it must hold word lists by their names.`, { cause })
  }
  const parsed = schema.safeParse(content)
  if (!parsed.success) {
    throw new ConfigError(`${where}  is no record of word lists: each is a list of texts, or of ["half", "1/2"].`)
  }
  const lists = Object.entries(parsed.data).map(([name, words]) => [
    name,
    listOf(words.map((word) => toValue(word, where))),
  ])
  return Object.fromEntries(lists)
}

function toValue(word: string | readonly [string, string], where: string): Value {
  if (typeof word === 'string') return word
  const [label, text] = word
  const number = readWords(text)
  if (!isNumeric(number)) throw new ConfigError(`${where}  "${text}" of "${label}" is no number; write 2, 0.5 or 1/2.`)
  return { kind: 'labelled', label, number }
}
