/** What stands around a marker: a denial, a comparison, another subject than the answer, a doubt. */

import type { Standing } from './found.ts'

const MOST_BEFORE = 300

/** The sentence in front of a place, as far as it goes back. */
export function sentenceBefore(text: string, at: number): string {
  const window = text.slice(Math.max(0, at - MOST_BEFORE), at)
  const stop = Math.max(window.lastIndexOf('\n'), lastStop(window))
  return window.slice(stop + 1)
}

function lastStop(window: string): number {
  for (let at = window.length - 2; at >= 0; at--) {
    const character = window.charAt(at)
    if ('。？！'.includes(character)) return at
    if (
      '.!?'.includes(character) &&
      /\s/.test(window.charAt(at + 1)) &&
      !/\b(?:vs|approx|e\.g|i\.e|Eq|No)$/.test(window.slice(Math.max(0, at - 6), at))
    )
      return at
  }
  return -1
}

// Delimiters, stars and braces between the words and the value.
const DRESS =
  /(?:[\s$*_`:({[]|\\[([,;! ]|\\(?:text|mathbf|textbf|displaystyle|quad|left)(?![A-Za-z])|(?:^|(?<=[^A-Za-z\\]))[A-Za-z]\s*=)+$/
const TAGS = /(?:<\/?[a-z|｜][^<>\s]{0,40}>\s*)+$/i
const NEGATED =
  /(?:\b(?:not|never|neither|nor|cannot|without)|n['’]t|\bcan ?not)(?:\s+(?:be|equal|equals|equal to|exactly|simply|just|possibly|always|necessarily|get|obtain|have|find|a|an|the))*$|(?:≠|\\neq?|\\not\s*=?|!=|\\lnot|\\neg)$|(?:不(?:可能|会|應該|应该|应|能|该)?是|并非|並非|不等于|不等於|不为|不為|不会是|不能是|ではなく)$|\b(?:no|non|ne|nicht|kein|não|niet|nie|не)\s+(?:es|est|ist|é|jest|is|равно|это)$|(?<!\p{L})не$|\bn['’]est pas$|\b(?:ist|war) nicht$/iu
const COMPARED =
  /\b(?:greater|less|more|fewer|larger|smaller|bigger|higher|lower|other|rather|different|distinct|differs?|bounded|excluding|except)(?:\s+(?:than|from|by|above|below|for))?(?:\s+or\s+equal\s+to)?$|\b(?:at (?:least|most)|up to|over|under|above|below|exceeds?|exceeding|between|within|instead of|no (?:more|less|fewer) than|not|nearly|almost|twice|half(?: of)?|double|triple|(?:multiples?|factors?|divisors?|powers?|root|square|cube|third|quarter|digits?|part|fraction) of|(?:divisible|divided) by|(?:close|congruent|proportional|coprime|prime|adjacent) to|coprime with)$|(?:大于|小于|大於|小於|至少|至多|最多为?|不超过|超过|少于|多于|不小于|不大于)$|\b(?:mayor|menor|más|menos) (?:que|de)$|(?:[<>≤≥]|\\(?:leq?|geq?|lt|gt|leqslant|geqslant))$/i
const BETWEEN = /\bbetween\b[^,;.]{1,40}\band$/i

/** How a value that follows `before` stands: by what is said right in front of it. */
export function standingOfValue(before: string): Standing {
  // The end of a tag compares nothing: `</s> \boxed{2}`.
  const bare = before.replace(DRESS, '').replace(TAGS, '').replace(DRESS, '').trimEnd()
  if (NEGATED.test(bare)) return 'denied'
  if (INSTRUCTED.test(bare)) return 'other'
  // A colon announces a value: `one half: $\frac12$`.
  const isAnnounced = before.slice(bare.length).includes(':')
  if (!isAnnounced && (COMPARED.test(bare) || BETWEEN.test(bare))) return 'other'
  const answer = lastAnswerWord(bare)
  return answer === undefined
    ? DERIVED.test(bare) || SUPPOSED.test(clauseOf(bare))
      ? 'other'
      : 'stated'
    : standingOfSubject(bare.slice(0, answer), bare.slice(answer))
}

// `the reciprocal of this is`, where the answer is not named.
const DERIVED =
  /\b(?:wrong|incorrect|mistaken|tempting)\s+(?:answer|value|result|choice|option|guess)s?\s+(?:is|was|would be|are)$/i

// `Give your answer as`: how an answer is to be written, and none.
const INSTRUCTED =
  /\b(?:your (?:final )?answer (?:as|in|inside|within|like|should be)|(?:written|expressed|given|put|enclosed) (?:as|in|inside|within)(?: the form(?: of)?)?|of the form|e\.g\.,?|for example,?|such as)$/i

// `One might think it is`: what somebody may take for the answer.
const SUPPOSED =
  /\b(?:might|could|may|would|tempt\w*) (?:\w+ )?(?:to )?(?:think|say|believe|guess|conclude|claim|argue|expect|assume|answer)\b/i

function lastAnswerWord(text: string): number | undefined {
  let last: number | undefined
  for (const match of text.matchAll(/\banswers?\b/gi)) last = match.index
  return last
}

const ADJECTIVES = String.raw`(?:(?:final|correct|required|exact|right|desired|actual|true|numerical|simplified)\s+)*`
const DETERMINER = String.raw`(?:(?:the|this|our|your|my|any|these|those|that|all|its|a|an)\s+)*`
const OF_ANSWER = new RegExp(
  String.raw`\b(?:of|than|from|about|without|twice|half|double|triple|thrice|not|no|none|neither|nor|squared?|reciprocal)\s+${DETERMINER}${ADJECTIVES}$`,
  'i',
)
const TO_ANSWER = new RegExp(String.raw`\b(?:for|to|on|by|with|as)\s+${DETERMINER}${ADJECTIVES}$`, 'i')
const OTHER_ANSWER =
  /\b(?:wrong|incorrect|false|bad|naive|tempting|possible|alternative|other|another|common|previous|old|initial|intermediate|partial|invalid|trivial|rejected|erroneous|mistaken|student['’]?s|his|her|their)\s+(?:\w+\s+)?$/i
const HYPOTHESIS = new RegExp(
  String.raw`\b(?:if|suppose|supposing|assume|assuming|whether|unless|imagine|pretend|say|is|are|was|could|might|would)\s+(?:that\s+)?${DETERMINER}${ADJECTIVES}$`,
  'i',
)
const DOUBT =
  /\b(?:doubt\w*|mistake|mistaken|error|(?:wrong|incorrect|silly|tempting|tempted|premature) to|(?:false|untrue|wrong|incorrect|impossible|unlikely) that|not (?:true|the case|clear|sure|certain|believe|think|mean|imply)|(?:don|doesn|didn|isn|can)['’]t (?:\w+ )?(?:think|believe|mean|imply|say|true|know|see)|hardly|den(?:y|ies)|disagree\w*|contradict\w*|(?:would|might|may|could) (?:\w+ )?(?:think|say|believe|guess|conclude|claim|argue|expect)|(?:first|initially|originally|previously|mistakenly|wrongly) (?:\w+ )?(?:thought|believed|guessed|assumed|concluded|said|claimed|wrote)|claims? that|nobody|no one)\b/i
const CERTAIN = /\b(?:no|without|beyond|not|n['’]t)\s+(?:a\s+|any\s+|the\s+)?(?:doubt\w*|mistake|hard|difficult)\b/gi

// `The answer plus one is 7`: what is done to it first.
const WORKED_ON =
  /^answers?[*_]*,?\s+(?:(?:when|if|once|after|being)\s+(?:it\s+is\s+|being\s+)?)?(?:plus|minus|times|divided|multiplied|squared|cubed|raised|mod(?:ulo)?|increased|decreased|reduced|added|doubled|halved|tripled|rounded|to the power)\b/i
// `If I had forgotten the sign, the answer would be 5.`
const COUNTERFACTUAL =
  /\b(?:if|had|were)\b.*\b(?:had|were|was|did|forgot\w*|ignored?|mistake\w*|wrong\w*|misread|instead|not|only)\b/is

/** How `before answer after` stands: whose value the answer is said to be. */
export function standingOfSubject(before: string, after: string): Standing {
  const clause = clauseOf(before)
  if (WORKED_ON.test(after)) return 'other'
  if (/^answers?\s+(?:would|could|might)\b/i.test(after) && COUNTERFACTUAL.test(before)) return 'other'
  const isColon = /^answers?[*_]*\s*[:：]/i.test(after)
  if (OTHER_ANSWER.test(clause) || OF_ANSWER.test(clause) || HYPOTHESIS.test(clause)) return 'other'
  if (!isColon && TO_ANSWER.test(clause)) return 'other'
  if (DOUBT.test(clause.replace(CERTAIN, ' '))) return 'other'
  if (/^answers?\b[^.;]*?(?:\b(?:not|never|cannot)\b|n['’]t\b)/i.test(after)) return 'denied'
  return /^answers?\b[^.;]*?\b(?:could|might|may|between|other than|different from|less|greater|more|fewer|at least|at most)\b/i.test(
    after,
  )
    ? 'other'
    : 'stated'
}

function clauseOf(before: string): string {
  const cut =
    /^.*(?:[,;:，；：]|\b(?:so|therefore|thus|hence|then|but|because|since|which means|giving|and so)\b)/is.exec(before)
  return cut ? before.slice(cut[0].length) : before
}

const BEHIND = String.raw`^(?:[\s$*_\`)}\].]|\\[)\],;:! ]|\\(?:text|mathrm|textbf)\s*\{|\\quad){0,12}`
const TAKEN_BACK = new RegExp(
  String.raw`${BEHIND}(?:(?:,\s*)?(?:(?:but|however|though|although|and),?\s+)?(?:(?:which|this|that|it)\s+)?(?:is|was|are|would be|seems|looks|cannot be|can['’]t be)\s+(?:\w+\s+){0,2}?(?:not\b|wrong|incorrect|false|impossible|invalid|extraneous|rejected|mistaken|too (?:large|small|big|high|low))|(?:isn['’]t|cannot|can['’]t|fails)\b|(?:before|earlier|previously|at first|initially|originally)\s*[.)]|(?:(?:hmm+|wait|oh|no|oops|sorry|actually|but)[,.!…\s-]+)*(?:(?:that|this|it) (?:doesn['’]t|does not|can['’]t|cannot|isn['’]t|is not)\s+(?:\w+ )?(?:right|correct|true|be|make sense|work)|(?:that|this) was for|I(?:['’]ve| have)? (?:made|found|see) (?:a|an|my) (?:\w+ )?(?:mistake|error))\b)`,
  'i',
)
// `\boxed{3} more than that`: a distance, and not where it leads.
const COMPARED_BEHIND = new RegExp(
  String.raw`${BEHIND}(?:(?:more|less|fewer|greater|larger|smaller|higher|lower) than|short of|away from|too (?:many|few|much|little)|times (?:as|the|that|its|more|larger|greater))\b`,
  'i',
)

/** True where what follows a value takes it back: `is wrong`, `cannot be right`. */
export function isTakenBack(after: string): boolean {
  return TAKEN_BACK.test(after)
}

/** True where the answer is said to lie at that distance from something: `the answer is 3 more than 5`. */
export function isCompared(before: string, after: string): boolean {
  return lastAnswerWord(before) !== undefined && COMPARED_BEHIND.test(after)
}
