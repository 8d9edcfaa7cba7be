/** The checker with a judge behind it: what it leaves open, a model decides, and the verdict says so. */

import type { Verdict, VerdictKind } from '../../core/verdict.ts'
import type { Verifier } from '../context.ts'
import type { Judge, JudgeConfig, Judged } from './judge.ts'

/** Verdicts of the checker that go to the judge. */
const OPEN: Readonly<Record<JudgeConfig['for'], readonly VerdictKind[]>> = {
  undecided: ['undecided'],
  unread: ['undecided', 'unparsed'],
}

/** What the verdict becomes; undefined leaves it as the checker has it. */
const KINDS: Readonly<Record<Judged, VerdictKind | undefined>> = {
  same: 'correct',
  different: 'incorrect',
  unclear: undefined,
  turned: undefined,
}

export function withJudge(checker: Verifier, judge: Judge, which: JudgeConfig['for']): Verifier {
  return {
    async verify(batch, signal) {
      const verdicts = await checker.verify(batch, signal)
      return await Promise.all(
        verdicts.map(async (verdict, at): Promise<Verdict> => {
          const { extracted, kind } = verdict
          const { gold, question, completion } = batch[at] ?? {}
          const isOpen = OPEN[which].includes(kind) && extracted !== undefined
          if (!isOpen || gold === undefined || question === undefined) return verdict
          const start = performance.now()
          const judged = await judge.ask({ question, gold, answer: extracted }, completion, signal)
          const decided = judged && KINDS[judged]
          if (decided === undefined) return verdict
          return {
            kind: decided,
            rule: `judge:${judged}`,
            by: 'judge',
            extracted,
            checker: judge.name,
            ms: performance.now() - start,
          }
        }),
      )
    },
    close: () => checker.close(),
  }
}
