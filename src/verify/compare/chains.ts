/** Chains of equals signs and approximations that do not hold. */

import { type RelationTree, symbolsOf } from '../tree.ts'
import type { Context } from './outcome.ts'
import { realValueOf } from './points.ts'

/** `cos e ≈ 0.912`: a number that the value before it is far from. */
export function isFalselyRounded({ operators, sides }: RelationTree, context: Context): boolean {
  const at = operators.indexOf('≈')
  const [exact, rounded] = sides
    .slice(at, at + 2)
    .map((side) =>
      side.kind === 'expression' && !side.unit && !side.percent && symbolsOf(side.expression).size === 0
        ? realValueOf(side.expression, context.steps)
        : undefined,
    )
  if (at < 0 || exact === undefined || rounded === undefined) return false
  return Math.abs(exact - rounded) > 0.1 * Math.max(Math.abs(exact), Math.abs(rounded))
}
