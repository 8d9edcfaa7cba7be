/** Looks at traces for words of test questions, and keeps a list of every hit. */

import type { Overlap, TestIndex } from './decontaminate.ts'

/** A test question met in a problem's own question, with all traces of that problem, or in one completion. */
export type ContaminationHit = Overlap & {
  /** Id of the problem. */
  readonly problem: string
} & (
    | { readonly kind: 'question'; readonly traces: number }
    | { readonly kind: 'completion'; readonly iteration: number; readonly index: number }
  )

/** What is looked at. */
export interface LookedAt {
  readonly problem: number
  readonly iteration: number
  readonly index: number
  readonly text: string
}

export interface ContaminationCheck {
  isContaminated(trace: LookedAt): boolean
  /** Those of questions first. */
  hits(): ContaminationHit[]
}

/** Each question is looked at once, however many traces it has. */
export function createContaminationCheck(
  index: TestIndex,
  problem: (number: number) => { readonly id: string; readonly question: string },
): ContaminationCheck {
  const questions = new Map<number, { readonly overlap: Overlap; traces: number } | null>()
  const completions: { readonly overlap: Overlap; readonly trace: Omit<LookedAt, 'text'> }[] = []
  const questionOf = (number: number) => {
    const known = questions.get(number)
    if (known !== undefined) return known
    const overlap = index.overlapWith(problem(number).question)
    const entry = overlap ? { overlap, traces: 0 } : null
    questions.set(number, entry)
    return entry
  }
  return {
    isContaminated(trace) {
      const question = questionOf(trace.problem)
      if (question) {
        question.traces++
        return true
      }
      const overlap = index.overlapWith(trace.text)
      if (!overlap) return false
      const { problem: number, iteration, index: place } = trace
      completions.push({ overlap, trace: { problem: number, iteration, index: place } })
      return true
    },
    hits: () => [
      ...[...questions].flatMap(([number, entry]): ContaminationHit[] =>
        entry ? [{ kind: 'question', problem: problem(number).id, traces: entry.traces, ...entry.overlap }] : [],
      ),
      ...completions.map(
        ({ overlap, trace }): ContaminationHit => ({
          kind: 'completion',
          problem: problem(trace.problem).id,
          iteration: trace.iteration,
          index: trace.index,
          ...overlap,
        }),
      ),
    ],
  }
}
