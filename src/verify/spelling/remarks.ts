/** What is said about an answer behind it: which letters are whole numbers, where it came from, what it is about. */

import { isUnitWordName } from '../units/units.ts'
import { changesValue, isVerdict } from './lexicon.ts'

// `, k ∈ Z`, `(k ∈ Z)`, `, where n, m ∈ N`: the letters of an answer and the numbers that they stand for.
const SET = String.raw`(?:\{\s*)?(?:\\mathbb\s*\{[NZQRC]\}|[NZQRC](?![A-Za-z(]))(?:\s*\})?(?:\s*[_^]\s*(?:\{[^{}]*\}|[\w+*]))*`
const LETTER = String.raw`[A-Za-z](?:_\{?\w\}?)?`
const SAID = String.raw`(?:\ue000\s*(?:where|for|with|and|any|all|every|each|some|here)[a-z ]*\ue001\s*)`
const DECLARATION = new RegExp(
  String.raw`(?:(?:\s*[,，;]\s*|\s*\(\s*|\s*(?=\ue000))${SAID}*${LETTER}(?:\s*,\s*${LETTER})*|(?<=[\w})\]])\s+${LETTER})\s*∈\s*${SET}\s*\)?(?=\s*⦄?\s*$)`,
)

const REMARK = /^(.*[^\s(])\s*\(([^()]*(?:\([^()]*\)[^()]*)*)\)$/s
// These make the answer another one, take it back, or are part of it.
const MEANINGFUL =
  /\ue000[^\ue001]*\b(?:mod|modulo|base|or|if|when|unless|except|excluding|where|for|each|not|no|reject\w*|invalid|discard\w*|extraneous|impossible|wrong|incorrect|false|times|squared|cubed|percent|million|thousand)\b/i

/** The answer itself; a remark in brackets goes where it has words, unless they say more than where it came from. */
export function withoutRemarks(tidied: string): string {
  if (!tidied.includes('∈') && !tidied.includes('\ue000')) return tidied
  const declared = tidied.includes('∈') ? tidied.replace(DECLARATION, '').trim() : tidied
  const text = declared === '' || declared === '⦄' ? tidied : declared
  const [, head, inside] = text.endsWith(')') && text.includes('\ue000') ? (REMARK.exec(text) ?? []) : []
  if (head === undefined || inside === undefined || !inside.includes('\ue000')) return text
  const words = /\ue000\s*([A-Za-z]+)/.exec(inside)?.[1] ?? ''
  if (/[-+*/^_=<>≤≥\\({,]\s*$/.test(head) || (isUnitWordName(words) && /^\s*\ue000/.test(inside))) return text
  // An answer next to it that was thrown away is said with its own equation.
  const isOther = /=/.test(inside) && /\b(?:extraneous|reject\w*|invalid|discard\w*|not)\b/i.test(inside)
  return (MEANINGFUL.test(inside) || saysMore(inside)) && !isOther ? text : head.trim()
}

/** Words that change the value, unless they only say why: `since`, `because`, `by`. */
function saysMore(inside: string): boolean {
  if (/^[^A-Za-z]*(?:a )?(?:double|triple|simple|repeated)(?: real)? (?:root|solution|zero)/i.test(inside)) return false
  const words = inside.match(/[A-Za-z'’]{2,}/g) ?? []
  const isReason =
    /^\s*\ue000\s*(?:since|because|as|by|using|from|see|i\.?e|namely|that is|which is|in|to|rounded|approximately|after)\b/i.test(
      inside,
    )
  return isReason ? words.some(isVerdict) : words.some(changesValue)
}
