/** Formulas of a question in a box: how many problems would be trained on for repeating what they were asked. */

import { isRestated } from '../src/core/accept/restated.ts'
import { judge } from '../src/verify/decide.ts'

interface Problem {
  readonly problem: string
  readonly answer: string
}

const FORMULA = /\$\$([^$]+)\$\$|\$([^$\n]+)\$|\\\((.+?)\\\)|\\\[(.+?)\\\]/gs

/** Problems with a formula that equals the gold answer, and those where it is accepted for training all the same. */
export function restatedProblems(problems: readonly Problem[]): {
  readonly accepted: number
  readonly correct: number
} {
  let [accepted, correct] = [0, 0]
  for (const { problem, answer } of problems) {
    const formulas = [...problem.matchAll(FORMULA)].map(
      (match) => match.slice(1).find((part) => part !== undefined) ?? '',
    )
    const right = formulas.filter((formula) => judge(answer, `\\boxed{${formula}}`).kind === 'correct')
    if (right.length > 0) correct++
    if (right.some((formula) => !isRestated(problem, formula, answer))) accepted++
  }
  return { accepted, correct }
}
