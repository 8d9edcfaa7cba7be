/** The verifier of a run, as its configuration asks for: the checker's threads, and the user's own program behind them. */

import type { RunConfig } from '../../config/schema.ts'
import { createVerifierPool } from '../../verify/pool.ts'
import type { Verifier } from '../context.ts'
import { withCommand } from './command-verifier.ts'
import { createJudge, type JudgeInput } from './judge.ts'
import { withJudge } from './judge-verifier.ts'

/** What a judge keeps and says. */
export type JudgeKeeping = Pick<JudgeInput, 'votes' | 'onNote'>

/** Accepted traces of the first iteration from which threads warm up while the first completions are on their way. */
const WORTH_A_WARM_UP = 256

/** @param configDirectory where `verify.command` is started, and a judge's prompt is looked for */
export function createVerifier(
  { verify, budget }: RunConfig,
  configDirectory: string,
  keeping: JudgeKeeping = {},
): Verifier {
  const { percent, rounding, order, extra, units, parts } = verify
  const timeoutMs = verify.timeoutSeconds * 1000
  const pool = createVerifierPool({
    threads: verify.threads,
    timeoutMs,
    memoryMb: verify.memoryMb,
    warmUp: (budget.policy.initial ?? 0) >= WORTH_A_WARM_UP,
    judge: { percent, rounding, order, extra, units, parts },
  })
  const checked =
    verify.command === undefined
      ? pool
      : withCommand(pool, {
          command: verify.command,
          commandFor: verify.commandFor,
          directory: configDirectory,
          timeoutMs,
        })
  const { judge } = verify
  return judge === undefined
    ? checked
    : withJudge(checked, createJudge({ judge, configDirectory, ...keeping }), judge.for)
}
