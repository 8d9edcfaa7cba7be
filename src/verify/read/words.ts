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

/** `(C)`, `C.`, `C) 5`, `\text{(C)}`: the letter of a choice. A letter with more behind it needs its mark. */
export function choiceOf(text: string): Choice | undefined {
  const bare = text
    .replace(/\\(?:text(?:bf|it|rm)?|mathrm|mathbf|mbox|bf)\s*|[{}$*\ue000\ue001]|\\[ ,;!]/g, ' ')
    .replace(/\s+/g, ' ')
    .trim()
  const match = /^(?:\(\s*([A-J])\s*\)\s*[.:]?|([A-J])\s*(?:[.):]|$))\s*(.*)$/.exec(bare)
  const letter = match?.[1] ?? match?.[2]
  return letter === undefined ? undefined : { letter, rest: (match?.[3] ?? '').trim() }
}

const PREDICATE =
  /^(?:(?!(?:not|no|never|neither|nor|non|un)\b)[a-z]+ ){1,5}(?=(?:is|are|does|do|diverges?|converges?|exists?|has|have|will|cannot|tends?)\b)/

/** `The series diverges` says `diverges`, where the other side names no subject; what is denied stays denied. */
export function sayTheSame(a: string, b: string): boolean {
  return a === b || says(a, b) || says(b, a)
}

const WINS = / (?:wins|will win|can always win|has (?:a )?winning strategy)$/
const MORE_THAN_YES = /^(?:yes (?=\S)|no (?=(?:it|they|he|she|we|this|that|because|since|you|i)\b)).*$/

/** `on Tuesday`, `first player wins`, `yes it is possible` against the word alone. */
function says(long: string, short: string): boolean {
  if (predicateOf(long) === withoutCopula(short)) return true
  if (/^(?:yes|no)$/.test(short)) return long.startsWith(`${short} `) && MORE_THAN_YES.test(long)
  return long.replace(/^(?:on|in|at|by) /, '') === short || long.replace(WINS, '') === short
}

function predicateOf(words: string): string {
  return withoutCopula(words.replace(PREDICATE, ''))
}

function withoutCopula(words: string): string {
  return words.replace(/^(?:is|are) (?=\S)/, '')
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
  return new Set(bare).size === bare.length ? [...bare].sort().join('') : undefined
}
