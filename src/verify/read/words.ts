/** Answers in words: one spelling for them, number words, and the letters of choices. */

const NUMBER_WORDS =
  'zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen twenty'.split(
    ' ',
  )

/** Lower case, no accents, no articles, no punctuation, single spaces. */
export function plainWords(text: string): string {
  return text
    .replace(/[\ue000\ue001]/g, ' ')
    .replace(/\\(?:text|mathrm|textbf|mbox)\s*/g, ' ')
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}+*/=<>^%-]+/gu, ' ')
    .replace(/\b(?:the|a|an)\b(?=\s+\S)/g, ' ')
    .replace(/\s+/g, ' ')
    .trim()
}

const TENS = 'twenty thirty forty fifty sixty seventy eighty ninety'.split(' ')

/** The value of a number in words below a thousand: `seven`, `forty-two`, `one hundred and five`. */
export function numberWord(words: string): number | undefined {
  const [, hundreds, rest] = /^(?:(\w+) hundred(?: and)?)?\s*(.*)$/.exec(words) ?? []
  const above = hundreds === undefined ? 0 : NUMBER_WORDS.indexOf(hundreds)
  if (above < 0 || above > 9 || (hundreds !== undefined && above === 0)) return undefined
  const below = rest === '' && above > 0 ? 0 : belowHundred(rest ?? '')
  return below === undefined ? undefined : 100 * above + below
}

function belowHundred(words: string): number | undefined {
  const at = NUMBER_WORDS.indexOf(words)
  if (at >= 0) return at
  const [ten = '', one] = words.split(/[- ]/)
  const tens = TENS.indexOf(ten)
  const ones = one === undefined ? 0 : NUMBER_WORDS.indexOf(one)
  return tens < 0 || ones < 0 || ones > 9 || words.split(/[- ]/).length > 2 ? undefined : 10 * (tens + 2) + ones
}

export interface Choice {
  readonly letter: string
  /** What stands behind the letter. */
  readonly rest: string
}

const ANNOUNCED =
  /^(?:the )?(?:correct |final |right |best )*(?:answer|option|choice|statement)(?: choice)?(?: is)?\s*:?\s*(?=[A-J(])/i
// Another choice behind the first, or a word on it: not what the letter stands for.
const NO_OPTION =
  /^(?:[,;/&]|(?:is|was|are|isn['’]t|cannot|or|and|nor|not)\b)|(?:^|[\s,;])\(?[A-J]\)|\b(?:wrong|incorrect|not correct|rejected|eliminated|ruled out)\b/i

/** `(C)`, `C.`, `C) 5`, `\text{(C)}`: the letter of a choice. A letter with more behind it needs its mark. */
export function choiceOf(text: string): Choice | undefined {
  if (!/[A-J]/.test(text)) return undefined
  const bare = text
    .replace(/\\(?:text(?:bf|it|rm)?|mathrm|mathbf|mbox|bf)\s*|[{}$*\ue000\ue001]|\\[ ,;!]/g, ' ')
    .replace(/\s+/g, ' ')
    .trim()
  const match = /^(?:\(\s*([A-J])\s*\)\s*[.:]?|([A-J])\s*(?:[.):]|$))\s*(.*)$/.exec(bare.replace(ANNOUNCED, ''))
  const letter = match?.[1] ?? match?.[2]
  const rest = (match?.[3] ?? '').trim()
  return letter === undefined || NO_OPTION.test(rest) ? undefined : { letter, rest }
}

// What a sentence may be about whose predicate is the answer; anything else in front of a verb may be another answer.
const SUBJECT =
  /^(?:(?:given|infinite|alternating|improper|resulting|final|correct|whole|original|first|real|winning) )*(?:it|this|that|they|these|there|series|sequence|integral|sum|limit|function|curve|graph|shape|figure|surface|solid|conic|locus|triangle|quadrilateral|polygon|set|system|equation|inequality|statement|claim|conclusion|answer|result|relation|matrix|matrices|vectors?|lines?|planes?|points?|events?|variables?|numbers?|value|expression|distribution|probability|converse|argument|proposition|formula|map|operator|group|ring|field|form|type|day|month|year|date|colou?r|person|winner|name|city|country|player|team|student|girl|boy|child|option|choice|angle|sign|parity|g|f|f x|g x|y|x|h)(?: (?:of|for|in|on) [a-z ]{1,40}?)? (?=(?:is|are|was|does|do|diverges?|converges?|exists?|has|have|will|cannot|tends?)\b)/

/** `The series diverges` says `diverges`, where the other side names no subject; what is denied stays denied. */
export function sayTheSame(a: string, b: string): boolean {
  const [left, right] = [canonical(a), canonical(b)]
  return (
    withoutHyphens(left) === withoutHyphens(right) || areSwapped(left, right) || says(left, right) || says(right, left)
  )
}

/** `north-east` and `northeast`; a sign before a number stays. */
function withoutHyphens(words: string): string {
  return words.replace(/(?<=\p{L})-(?=\p{L})/gu, '')
}

const WINS = / (?:wins|will win|can always win|has (?:a )?winning strategy)$/
const MORE_THAN_YES = /^yes |^no (?:it|they|he|she|we|this|that|there|because|since|as|you|i|f|is)\b/
const TAKES_BACK =
  /\b(?:wrong|incorrect|false|mistaken|untrue|yes|no|but|or|however|maybe|perhaps|wait|although|though|neither|nor)\b/

/** `on Tuesday`, `first player wins`, `yes it is possible` against the word alone. */
function says(long: string, short: string): boolean {
  if (predicateOf(long) === withoutCopula(short)) return true
  if (/^(?:yes|no)$/.test(short)) {
    return long.startsWith(`${short} `) && MORE_THAN_YES.test(long) && !TAKES_BACK.test(long.slice(short.length))
  }
  return long.replace(/^(?:on|in|at|by) /, '') === short || long.replace(WINS, '') === short
}

function predicateOf(words: string): string {
  return withoutCopula(words.replace(SUBJECT, ''))
}

function withoutCopula(words: string): string {
  return words.replace(/^(?:is|are|was) (?=\S)/, '')
}

// Words that are one answer in different parts of speech.
const SAME_WORDS = new Map(
  Object.entries({
    convergent: 'converges',
    converge: 'converges',
    divergent: 'diverges',
    diverge: 'diverges',
    dne: 'does not exist',
    'do not exist': 'does not exist',
    infinite: 'infinitely many',
    'infinitely many solutions': 'infinitely many',
    'infinitely many real solutions': 'infinitely many',
    'infinite solutions': 'infinitely many',
    'infinite number of solutions': 'infinitely many',
    'there are infinitely many': 'infinitely many',
    'there are infinitely many solutions': 'infinitely many',
    'an infinite number': 'infinitely many',
    'no solutions': 'no solution',
    correct: 'true',
    incorrect: 'false',
  }),
)

/** `Alice and Bob`, in either order. */
function areSwapped(a: string, b: string): boolean {
  const [, first, second] = TWO.exec(a) ?? []
  return first !== undefined && b === `${second} and ${first}`
}

const TWO = /^([a-z]+) and ([a-z]+)$/

function canonical(words: string): string {
  const bare = words
    .replace(/ only$/, '')
    .replace(/\bdon t\b/g, 'do not')
    .replace(/\bdoesn t\b/g, 'does not')
  return SAME_WORDS.get(bare) ?? (/^[ivx]+(?: (?:and )?[ivx]+)*$/.test(bare) ? bare.replace(/ and /g, ' ') : bare)
}

const MOST_OF_CHOICES = 80

/** The letters of several choices: `(A)(C)`, `A, C`, `ACD`; undefined for a single one and for anything else. */
export function choicesOf(text: string): string | undefined {
  if (text.length > MOST_OF_CHOICES || !/[A-H①-⑨]|\(\d\)/.test(text)) return undefined
  const bare = text
    .replace(/\((\d)\)/g, (_, digit: string) => String.fromCodePoint(0x245f + Number(digit)))
    .replace(
      /\\(?:text(?:bf|it|rm)?|mathrm|mathbf|mbox)\s*|\b(?:and|or)\b|[{}$*\s().,;、，&\ue000\ue001]|\\[ ,;!]/g,
      '',
    )
  if (!/^(?:[A-H]{2,6}|[①-⑨]{2,6})$/.test(bare)) return undefined
  // Two letters run together in no order are a product or a segment: BA.
  if (/[A-H]{2}/.test(text) && bare.length < 3 && [...bare].sort().join('') !== bare) return undefined
  return new Set(bare).size === bare.length ? [...bare].sort().join('') : undefined
}
