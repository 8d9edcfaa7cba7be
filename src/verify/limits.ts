/** Limits on what is looked at: model text is hostile, so size is checked before any work is done on it. */

export interface VerifyLimits {
  /** Characters of a completion; longer ones are not searched for an answer. */
  readonly textCharacters: number
  /** Characters of one extracted answer. */
  readonly answerCharacters: number
  /** Digits of one decimal; a fraction may have as many above and below. */
  readonly digits: number
  /** Largest absolute power of ten in scientific notation. */
  readonly exponent: number
  /** Nesting of braces, brackets and parentheses in one answer. */
  readonly depth: number
  /** Steps of reading one side, and of one comparison: about two million a second. */
  readonly steps: number
}

// A completion of 128k tokens has about half a million characters; the longest honest final answer has a few hundred.
export const DEFAULT_LIMITS: VerifyLimits = {
  textCharacters: 2_000_000,
  answerCharacters: 4_096,
  digits: 1_000,
  exponent: 1_000,
  depth: 64,
  steps: 200_000,
}

/** True where brackets of any kind nest deeper than `depth`; one pass, no recursion. */
export function isDeeperThan(text: string, depth: number): boolean {
  let open = 0
  for (const character of text) {
    if (character === '{' || character === '(' || character === '[') open++
    else if (character === '}' || character === ')' || character === ']') open--
    if (open > depth) return true
  }
  return false
}
