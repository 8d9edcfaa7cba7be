/** What runs in a verifier thread: judges a batch in order, reports which item it is at, and times each. */

import { type Judgement, type JudgeOptions, judge } from './decide.ts'

export interface Pair {
  /** The gold answer, or a reference solution that ends with it. */
  readonly gold: string
  /** What the model wrote. */
  readonly text: string
}

export interface Batch {
  readonly pairs: readonly Pair[]
  readonly options: JudgeOptions
  /** One shared integer: 1 + index of the pair under work, 0 before and after. Outlives the thread, so it names the guilty. */
  readonly progress: Int32Array
}

/** A verdict with how its answer was found. */
export type TimedJudgement = Judgement & { readonly ms: number }

export default function verifyBatch(batch: Batch): TimedJudgement[] {
  return runBatch(batch, judge)
}

/** The loop of every verifier thread, whatever judges. */
export function runBatch(batch: Batch, judgePair: typeof judge): TimedJudgement[] {
  const verdicts = batch.pairs.map(({ gold, text }, index) => {
    Atomics.store(batch.progress, 0, index + 1)
    const start = performance.now()
    const judgement = judgePair(gold, text, batch.options)
    return { ...judgement, ms: performance.now() - start }
  })
  Atomics.store(batch.progress, 0, 0)
  return verdicts
}
