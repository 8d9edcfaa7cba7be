/** A label: what a person says of one trace. Verdicts are the checker's; labels are what it is measured against. */

export const LABELS = ['right', 'wrong', 'unclear'] as const
/**
 * - `right`, `wrong`: of the final answer, by the question and the gold answer
 * - `unclear`: the gold answer itself is in doubt
 */
export type Label = (typeof LABELS)[number]

export interface TraceLabel {
  /** Row id of the completion. */
  readonly trace: number
  readonly label: Label
  readonly note: string | undefined
  /** Given without sight of the verdict: only these measure the checker. */
  readonly blind: boolean
  /** Milliseconds since 1970. */
  readonly at: number
}
