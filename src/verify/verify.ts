/** The checker for programs: one call, one timed verdict. */

import { type JudgeOptions, judge } from './decide.ts'
import type { TimedJudgement } from './worker.ts'

/**
 * Whether a completion gives the gold answer, in this thread: bounded in steps, but for texts from outside a thread that
 * can be killed (`createVerifierPool`) is the safer place.
 * @param gold a bare answer or a reference solution that ends with a marked one
 * @param completion what the model wrote
 */
export function verify(gold: string, completion: string, options: JudgeOptions = {}): TimedJudgement {
  const start = performance.now()
  return { ...judge(gold, completion, options), ms: performance.now() - start }
}
