/** Accepted traces that each source is to bring, where the ratio of the sources is of accepted traces. */

import type { Quotas } from '../../core/accept/accept.ts'
import { largestRemainder } from '../../core/shares.ts'
import type { IterationRow } from '../../store/iterations.ts'
import type { RunContext } from '../context.ts'

/** n_t by the sources' weights, summing to n_t; undefined where the ratio is of prompts. */
export function quotasOf(
  context: Pick<RunContext, 'config' | 'problems' | 'weights'>,
  row: IterationRow,
): Quotas | undefined {
  if (context.config.budget.ratioOf === 'prompts') return undefined
  const sourceOf = new Map(context.problems.train.map((problem) => [problem.id, problem.source]))
  const sources = [...new Set(sourceOf.values())]
  const counts = largestRemainder(
    row.target.count,
    sources.map((source) => context.weights[source] ?? 1),
  )
  return {
    sourceOf: (problem) => sourceOf.get(problem) ?? '',
    most: new Map(sources.map((source, at) => [source, counts[at] ?? 0])),
  }
}
