/** The leak filter of rationalization: a trace that was written with the answer before its eyes must not say so. */

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
    `\\b(?:match(?:es|ing)?|agrees? with|consistent with|work(?:ing)? backwards?(?: from)?|arrives? at|confirm(?:s|ing)?) (?:the|our|this) (?:${GIVEN} )?${ANSWER}\\b`,
    'i',
  ),
]
/** The answer comes before any work. */
const FIRST = new RegExp(`^\\s*(?:\\W*(?:the|my|so|thus)\\s+)*${ANSWER}\\s*(?:is|:|=)|^\\s*(?:####|\\\\boxed)`, 'i')

/**
 * What gives a trace away; undefined where nothing does. It goes by words, so that it drops some honest traces ("the known
 * result that") rather than keep a dishonest one.
 */
export function leakIn(text: string): string | undefined {
  for (const pattern of [FIRST, ...LEAKS]) {
    const found = pattern.exec(text)
    if (found) return found[0].trim()
  }
  return undefined
}
