/** Accepted traces that each source is to bring, where the ratio of the sources is of accepted traces. */

import type { Quotas } from '../../core/accept/accept.ts'
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

/**
 * Splits a total by weights: every share is its quota rounded down, and what is left goes to the largest remainders, the
 * earlier first among equals.
 * @param total a whole number of at least 0
 * @param weights at least one above 0
 */
export function largestRemainder(total: number, weights: readonly number[]): number[] {
  const sum = weights.reduce((all, weight) => all + weight, 0)
  const quotas = weights.map((weight) => (total * weight) / sum)
  const shares = quotas.map(Math.floor)
  const left = total - shares.reduce((all, share) => all + share, 0)
  const byRemainder = quotas.map((quota, at) => ({ at, remainder: quota - Math.floor(quota) }))
  byRemainder.sort((a, b) => b.remainder - a.remainder || a.at - b.at)
  for (const { at } of byRemainder.slice(0, left)) shares[at] = (shares[at] ?? 0) + 1
  return shares
}
