/** A verdict: what the verifier found about one completion, with its reason. Never a boolean. */

export const VERDICT_KINDS = [
  'correct',
  'incorrect',
  'no-answer',
  'unparsed',
  'undecided',
  'timeout',
  'too-large',
] as const
/**
 * - `correct`: the extracted answer equals the gold one
 * - `incorrect`: it was read and differs
 * - `no-answer`: no answer was found in the text
 * - `unparsed`: an answer was found and could not be read
 * - `undecided`: read, but no rule could decide (also when the gold answer itself cannot be read)
 * - `timeout`: the time limit ended the check; not the same as incorrect
 * - `too-large`: beyond the limits on length, digits or depth; not looked at
 */
export type VerdictKind = (typeof VERDICT_KINDS)[number]

export const VERDICT_METHODS = ['exact', 'probed'] as const
/** `probed` where numeric probing took part in the decision; `exact` otherwise. */
export type VerdictMethod = (typeof VERDICT_METHODS)[number]

export const VERDICT_SOURCES = ['checker', 'command', 'judge'] as const
/** Who decided: the checker, a verifier of the user's own, or a model. */
export type VerdictSource = (typeof VERDICT_SOURCES)[number]

export interface Verdict {
  readonly kind: VerdictKind
  /** The rule that decided, for example `number`, `extract:boxed`. */
  readonly rule: string
  /** Left out where it is not known: by a verifier of the user's own, or an older checker. */
  readonly method?: VerdictMethod
  /** How good it is, in [0, 1], where a verifier grades; left out, a correct one is worth 1 and any other 0. */
  readonly reward?: number
  /** Who decided, where it was not the checker. */
  readonly by?: Exclude<VerdictSource, 'checker'>
  /** The answer as it was taken from the text; undefined where none was. */
  readonly extracted: string | undefined
  /** Version of the checker that decided. */
  readonly checker: string
  readonly ms: number
}
