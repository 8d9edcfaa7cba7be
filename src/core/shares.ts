/** Whole numbers in a given ratio. */

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
