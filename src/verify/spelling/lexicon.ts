/** Words that say something about a value next to them. A word that is none of these names what was counted or measured. */

const set = (words: string): ReadonlySet<string> => new Set(words.split(/\s+/).filter((word) => word !== ''))

/** Names of small numbers and of parts: behind a value they make another one. */
const NUMBERS =
  set(`zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen
  seventeen eighteen nineteen twenty thirty forty fifty sixty seventy eighty ninety half halves third thirds quarter quarters
  fourth fourths fifth fifths sixth sixths seventh sevenths eighth eighths ninth ninths tenth tenths eleventh elevenths twelfth
  twelfths twentieth hundredth hundredths thousandth thousandths millionth millionths point ppm ppb mille permille percentile
  dozen dozens score gross hundred hundreds thousand thousands million millions billion billions trillion trillions lakh
  lakhs crore crores myriad googol`)

/** What is done to a value. */
const OPERATIONS =
  set(`plus minus times over divided multiplied added subtracted increased decreased reduced raised squared
  cubed power powers factorial factorials mod modulo modulus root roots base choose permute remainder rem inverse reciprocal
  reciprocals complement complements conjugate transpose transposed negative negated opposite absolute double doubled triple
  tripled twice thrice quadruple followed preceded prime primed sqrt sin cos tan cot sec csc log ln exp inf infinity ratio sum
  difference product quotient square cube digits factor`)

/** What joins a value with another, or bounds it. */
const CONNECTIVES =
  set(`and or nor xor either neither both versus vs to through thru till until up more less fewer greater
  smaller larger bigger lower higher least most minimum maximum upwards downwards onwards above below beyond under within outside
  inside between from off out bc bce than exceeding exceeds approaching almost nearly roughly about around bound bounds range
  ago before after behind ahead o y e u ou et und oder mehr weniger más menos moins non nicht kein pas или и не больше меньше`)

/** What denies a value, doubts it, takes it back, or makes it depend on something. */
const VERDICTS =
  set(`not no never none nothing without except excepting excluding excluded unless but however although though
  instead rather if when whenever whether while where provided assuming suppose supposing only-if wrong incorrect incorrectly
  false invalid impossible extraneous rejected reject discarded discard mistaken mistake mistakes error errors bad fake untrue
  unlikely doubtful doubt maybe perhaps possibly probably guess guessed wait hmm sorry oops actually correction corrected
  previously formerly initially originally earlier first-guess cannot can't isn't aren't wasn't weren't won't don't doesn't didn't
  shouldn't couldn't wouldn't ain't contradiction contradicts fails fail failed refuted counterexample ruled unknown
  undefined unclear uncertain`)

/** Verbs and pronouns of whole sentences: what they say is not looked into. */
const SENTENCES =
  set(`is are was were be been being am has have had do does did will would can could shall should may might must
  becomes become equals equal gives give makes make that which who whose whom because since therefore thus hence so then
  he she i you his her my your`)

const CHANGES: readonly ReadonlySet<string>[] = [NUMBERS, OPERATIONS, CONNECTIVES, VERDICTS]

/** True for a word that makes a value another one, bounds it, or denies it. */
export function changesValue(word: string): boolean {
  const lower = word.toLowerCase().replace(/’/g, "'")
  return CHANGES.some((words) => words.has(lower)) || /^(?:non|sub|super|multi)-/.test(lower)
}

/** True for a word that changes a value, or belongs to a sentence about it. */
export function hasMeaning(word: string): boolean {
  return changesValue(word) || SENTENCES.has(word.toLowerCase())
}

/** True for a word that denies what it stands next to, doubts it, or takes it back. */
export function isVerdict(word: string): boolean {
  return VERDICTS.has(word.toLowerCase().replace(/’/g, "'"))
}

// Words that have a meaning elsewhere and are what was counted, or say nothing, at these places.
const HARMLESS =
  /^(?:is |are )?(?:the |our |my |your )?(?:final |correct |right |required |desired |exact |only |possible )*(?:answers?|solutions?|results?|values?|times|in total|in all|altogether|square units?|cubic units?|units? squared|units? cubed|prime numbers?|primes?|square numbers?|squares|digits|roots|real roots|factors)$/
const MOST_WORDS = 8

/**
 * True for words behind a value that name what it counts: `red marbles`, `ways to choose them`, `of the cake`. A word with a
 * meaning anywhere in them, or more words than a name has, and they are not.
 */
export function namesOnly(words: string): boolean {
  const plain = words
    .toLowerCase()
    .replace(/[.,;:!()'’"]+(?=\s|$)|(?<=^|\s)[('"]+/g, ' ')
    .replace(/\s+/g, ' ')
    .trim()
  if (plain === '' || HARMLESS.test(plain)) return true
  const parts = plain.split(' ')
  // A part of the answer is another one, and so is what a suffix makes of it.
  if (/\b(?:of|than|from) (?:the |this |that |its |my |our )*(?:answers?|results?)\b|(?:^|\s)-/.test(plain))
    return false
  // Counters of other scripts are known one by one: 以上 is `or more`.
  if (parts.length > MOST_WORDS || /[\u3040-\u30ff\u4e00-\u9fff\uac00-\ud7af]/.test(plain)) return false
  return parts.every((word, at) => {
    // `ways to choose`, `handshakes between them`: behind a name, and before another one.
    const isInside = at > 0 && at < parts.length - 1
    if (isInside && /^(?:to|from|between|both|within|about|that|which|out)$/.test(word)) return true
    if (at > 0 && /^to$/.test(parts[at - 1] ?? '') && /^(?:choose|make|give|be|do|have|add|square)$/.test(word))
      return true
    return !hasMeaning(word) && !/\d/.test(word)
  })
}

/** True for words before a value that only announce it: `The area is`, `Total number of handshakes:`. */
export function announces(words: string): boolean {
  const plain = words.toLowerCase().replace(/\s+/g, ' ').trim()
  const subject =
    /^(.*?)\s*(?:\b(?:is|are|equals|was|will be|would be|is equal to|are equal to|is exactly|is given by|comes to)|[:=])\s*$/.exec(
      plain,
    )?.[1]
  if (subject === undefined) return APPROXIMATELY.test(plain)
  if (/^(?:no|not|none|never)\b/.test(subject)) return false
  const parts = subject.split(' ').filter((word) => word !== '')
  return parts.length <= 12 && parts.every((word) => SUBJECT_WORDS.has(word) || !hasMeaning(word))
}

const APPROXIMATELY =
  /^(?:(?:approximately|approx\.?|exactly|precisely|about|around|roughly|nearly|only|just|simply|a total of|in total|altogether|total|answer|result|value)\s*:?)$/
// `The sum is 5`, `the least value is 5`: which value is asked for; `the reciprocal is 5` may be about another one.
const SUBJECT_WORDS =
  set(`sum difference product quotient remainder ratio least most minimum maximum smallest larger smaller largest
  greater digits between both two three four square triangle cube root roots base power absolute from to over within and no prime
  factor that which first second third fourth fifth sixth seventh eighth ninth tenth point quarter so therefore thus hence then
  since because real total we have can is`)
