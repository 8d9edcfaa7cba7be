/** Draws traces so that groups of them are as equal as they can be. */

import { type Random, shuffled } from '../core/seed.ts'

/**
 * How many of each group are taken: as equal as the groups' sizes allow, the remainder going to groups drawn by chance.
 * @param sizes traces of each group
 * @param total how many in all; undefined for as many of each group as the smallest one has
 */
export function balancedQuotas(sizes: readonly number[], total: number | undefined, random: Random): number[] {
  if (total === undefined) {
    const smallest = sizes.reduce((least, size) => Math.min(least, size), Number.POSITIVE_INFINITY)
    return sizes.map(() => smallest)
  }
  const quotas = sizes.map(() => 0)
  // From the smallest group on: each gets its share of what is left, or all it has.
  const order = shuffled([...sizes.keys()], random).sort((a, b) => (sizes[a] as number) - (sizes[b] as number))
  let left = total
  for (const [done, group] of order.entries()) {
    const share = Math.floor(left / (order.length - done))
    quotas[group] = Math.min(sizes[group] as number, share)
    left -= quotas[group] as number
  }
  return quotas
}

/**
 * Which traces are taken, each of a group as likely as any other of it.
 * @param groups group of each trace, in order
 * @returns a flag for each
 */
export function drawBalanced(groups: readonly number[], total: number | undefined, random: Random): Uint8Array {
  const left: number[] = []
  for (const group of groups) left[group] = (left[group] ?? 0) + 1
  const sizes = Array.from(left, (size) => size ?? 0)
  const wanted = balancedQuotas(sizes, total, random)
  // Selection sampling (Knuth, algorithm S), one stream for each group.
  return Uint8Array.from(groups, (group) => {
    const size = sizes[group] as number
    const quota = wanted[group] as number
    const isTaken = random() * size < quota
    sizes[group] = size - 1
    if (isTaken) wanted[group] = quota - 1
    return isTaken ? 1 : 0
  })
}
