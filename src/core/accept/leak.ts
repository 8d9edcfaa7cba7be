/** The leak filter of rationalization: a trace that was written with the answer before its eyes must not lean on it. */

/** Ways in which a text speaks of its answer as of something it was given. */
const GIVEN = '(?:given|provided|supplied|stated|known|expected|intended|desired|reference|target)'
const ANSWER = '(?:final |correct |right )?(?:answer|result|solution)'
const LEAKS: readonly RegExp[] = [
  /\bhint(?:s|ed|ing)?\b/i,
  new RegExp(`\\b${GIVEN} ${ANSWER}\\b`, 'i'),
  new RegExp(
    `\\b${ANSWER} (?:is|was|has been|that (?:is|was)|we (?:are|were)|i (?:am|was)|you) (?:already |been )?(?:given|gave|provided|told|known|stated)\\b`,
    'i',
  ),
  new RegExp(`\\b(?:told|given|informed|know(?:ing|n)?)(?: us| me)?(?: that)? (?:the|that the) ${ANSWER}\\b`, 'i'),
  new RegExp(
    `\\b(?:since|because|as|given that|assuming) the ${ANSWER} (?:is|must be|should be|equals|has to be)\\b`,
    'i',
  ),
  new RegExp(
    `\\b(?:match(?:es|ing)?|agrees? with|consistent with|work(?:ing)? backwards?(?: from)?) (?:the|our|this) (?:${GIVEN} )?${ANSWER}\\b`,
    'i',
  ),
]

/** A solution that was written with the gold answer in the prompt, and what it was asked. */
export interface HintedSolution {
  /** Without the hint. */
  readonly question: string
  readonly gold: string
  readonly text: string
}

/**
 * What gives a solution away; undefined where nothing does. In any language: the gold answer stands in it before the first equation that
 * ends in it, or before any number that could have led there (in the same sentence, where the answer is a plain number), though the
 * question does not name it. In English also words that speak of an answer as given. It drops some honest solutions (that state their
 * result first) rather than keep a dishonest one.
 */
export function leakIn({ question, gold, text }: HintedSolution): string | undefined {
  for (const pattern of LEAKS) {
    const found = pattern.exec(text)
    if (found) return found[0].trim()
  }
  const mention = mentionOf(gold)
  if (mention === undefined || findFirst(withoutSeparators(question), mention) !== undefined) return undefined
  const plain = withoutSeparators(text)
  const first = findFirst(plain, mention)
  if (first === undefined) return undefined
  const result = findFirst(plain, new RegExp(`${RESULT_SIGN}${mention.source}`, mention.flags))
  const isStatedFirst = result !== undefined && first < result
  const isResult = result === first
  const before = plain.slice(0, first)
  const source = /^-?[\d.]+$/.test(gold.trim()) && !isResult ? sentenceAtEnd(before) : before
  if (isStatedFirst || !/\p{N}/u.test(source))
    return plain
      .slice(0, first + gold.length)
      .slice(-MOST)
      .trim()
  return undefined
}

/** The sentence that is under way at the end of a text; a line `#### answer` belongs to all that is before it. */
function sentenceAtEnd(text: string): string {
  if (/####\s*$/.test(text)) return text
  const ends = [...text.matchAll(/[.!?。](?=\s)|\n/g)]
  return text.slice((ends.at(-1)?.index ?? -1) + 1)
}

/** Between an equation's sign and its result: blanks, a currency, the beginning of a box. */
const RESULT_SIGN = String.raw`(?<=[=≈]\s*(?:\\(?:boxed|text|d?frac(?=\{))\s*\{?|[$€£({\[*\s]|\\[(,;!$])*)`
/** Characters of what gives it away. */
const MOST = 80

/** The gold answer as it may stand in a text: never a part of a longer number or word. */
function mentionOf(gold: string): RegExp | undefined {
  const plain = withoutSeparators(gold.trim())
  if (plain === '') return undefined
  const before = /^[\p{L}\p{N}]/u.test(plain) ? '(?<![\\p{L}\\p{N}]|\\p{N}[.,])' : ''
  const behind = /[\p{L}\p{N}]$/u.test(plain) ? '(?![\\p{L}\\p{N}]|[.,]\\p{N})' : ''
  return new RegExp(`${before}${plain.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&')}${behind}`, 'iu')
}

/** 4,500 and $4500 are one number. */
function withoutSeparators(text: string): string {
  return text.replace(/(?<=\d)(?:,|\\,|\{,\})(?=\d{3}(?!\d))/g, '')
}

function findFirst(text: string, pattern: RegExp): number | undefined {
  return pattern.exec(text)?.index
}
