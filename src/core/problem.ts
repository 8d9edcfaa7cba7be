/** A problem: a question with its gold answer, in one split. */

export const SPLITS = ['train', 'gate', 'evaluate'] as const
/** Rule: nothing but `train` trains, rules look at `gate` only, reported numbers come from `evaluate` only. */
export type Split = (typeof SPLITS)[number]

export interface Problem {
  /** Stable, for example `gsm8k/train/000123`. */
  readonly id: string
  readonly split: Split
  /** Name of the source it came from (`gsm8k`, `steps/P1`, …): weights and reports group by it. */
  readonly source: string
  /** Difficulty as its dataset states it; reports break accuracies down by it. */
  readonly level: string | undefined
  readonly question: string
  /** The gold answer in a form the verifier reads: `72`, `3/4`, `50%`. */
  readonly answer: string
  /** Share of answers that some other model got right, as the dataset publishes it, in [0, 1]; a prior for allocation. */
  readonly solveRate?: number
}
