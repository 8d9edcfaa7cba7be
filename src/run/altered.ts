/** Traces that lack a part of what the model wrote are no examples of how it writes: they go nowhere unless somebody says so. */

import { ConfigError } from '../core/errors.ts'
import type { Store } from '../store/store.ts'

/**
 * @param iterations undefined for all
 * @param what the command that would take them, for the sentence
 * @throws ConfigError where accepted traces are altered
 */
export function refuseAltered(store: Store, iterations: readonly number[] | undefined, what: 'train' | 'export'): void {
  const { accepted, altered } = store.exports.altered(iterations)
  if (altered === 0) return
  throw new ConfigError(
    `${altered} of ${accepted} accepted traces lack the thinking that the server kept apart (sample.reasoning: drop), so the model never wrote them as they are; ${what} with --allow-altered to take them all the same, or sample with sample.reasoning: join.`,
  )
}
