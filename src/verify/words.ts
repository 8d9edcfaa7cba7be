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

/** The value of a number word; undefined for any other. */
export function numberWord(words: string): number | undefined {
  const at = NUMBER_WORDS.indexOf(words)
  return at < 0 ? undefined : at
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
  return a === b || predicateOf(a) === withoutCopula(b) || withoutCopula(a) === predicateOf(b)
}

function predicateOf(words: string): string {
  return withoutCopula(words.replace(PREDICATE, ''))
}

function withoutCopula(words: string): string {
  return words.replace(/^(?:is|are) (?=\S)/, '')
}
