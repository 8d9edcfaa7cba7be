/** The train problems of a run as rows, for trainers that sample for themselves. */

import { randomFor } from '../../core/seed.ts'
import { drawBalanced } from '../../export/balance.ts'
import { type ContaminationHit, createTestIndex } from '../../export/decontaminate.ts'
import type { ExportRow } from '../../export/formats.ts'
import { renderPrompt } from '../../prompt/render.ts'
import type { RowSelection } from '../../run/rows.ts'
import type { Store } from '../../store/store.ts'

export interface OpenedProblems {
  /** In the order of the run's problems, with the training prompt. */
  readonly rows: readonly ExportRow[]
  /** Train problems that there are. */
  readonly candidates: number
  /** How many were left out, by why. */
  readonly dropped: Readonly<Record<'solve-rate' | 'contaminated' | 'not-drawn', number>>
  readonly hits: readonly ContaminationHit[]
}

/** Filters that look at a problem; all others are about traces. */
type ProblemSelection = Pick<
  RowSelection,
  'iterations' | 'minSolveRate' | 'maxSolveRate' | 'rows' | 'seed' | 'testSets' | 'ngram'
>

/** Nothing but the train split is read. A bound on the solve rate leaves out what was never asked. */
export function openProblems(store: Store, selection: ProblemSelection): OpenedProblems {
  const { iterations, minSolveRate, maxSolveRate, testSets, ngram } = selection
  const rates = new Map(
    [...store.exports.solveRates(iterations)].map(([number, rate]) => [store.exports.problemId(number), rate]),
  )
  const template = store.run.prompts().training
  const problems = store.run.problems('train')
  const index = testSets.length === 0 ? undefined : createTestIndex(testSets, ngram)
  const hits: ContaminationHit[] = []
  const dropped = { 'solve-rate': 0, contaminated: 0, 'not-drawn': 0 }
  const isBounded = minSolveRate !== undefined || maxSolveRate !== undefined
  const passing = problems.flatMap((problem, place): ExportRow[] => {
    const solveRate = rates.get(problem.id) ?? null
    if (isBounded && (solveRate === null || solveRate < (minSolveRate ?? 0) || solveRate > (maxSolveRate ?? 1))) {
      dropped['solve-rate']++
      return []
    }
    const overlap = index?.overlapWith(problem.question)
    if (overlap) {
      hits.push({ ...overlap, problem: problem.id, kind: 'question', traces: 0 })
      dropped.contaminated++
      return []
    }
    const { id, source, answer } = problem
    const prompt = renderPrompt(template, { question: problem.question })
    return [
      { api: template.api, prompt, completion: '', problem: { id, source, index: place, gold: answer, solveRate } },
    ]
  })
  const rows = draw(passing, selection)
  dropped['not-drawn'] = passing.length - rows.length
  return { rows, candidates: problems.length, dropped, hits }
}

function draw(rows: readonly ExportRow[], { rows: wanted, seed }: ProblemSelection): readonly ExportRow[] {
  if (wanted === undefined || wanted >= rows.length) return rows
  const groups = rows.map(() => 0)
  const taken = drawBalanced(groups, wanted, randomFor(seed, 'export'))
  return rows.filter((_, place) => taken[place] === 1)
}
