/**
 * A short list of endpoints for a prompt, out of a thousand, in a time that does not grow with their number: consistent hashing
 * (Karger et al. 1997), where whoever comes or goes moves only what lies next to it. Pure.
 */

import { hash32 } from '../core/seed.ts'

/** Points of all members on the circle of 32-bit hashes, in order. */
export interface Ring<C> {
  readonly points: readonly number[]
  readonly owners: readonly C[]
}

/** So many points on average: with more the shares are more even, and the ring longer to make. */
const POINTS_EACH = 16

export function ringOf<C extends { readonly name: string; readonly weight: number }>(members: readonly C[]): Ring<C> {
  const mean = members.reduce((sum, { weight }) => sum + weight, 0) / members.length
  const marks = members.flatMap((owner) => {
    const count = Math.max(1, Math.round((POINTS_EACH * owner.weight) / mean))
    return Array.from({ length: count }, (_, i) => ({ point: hash32(`${owner.name}#${i}`), owner }))
  })
  marks.sort((a, b) => a.point - b.point)
  return { points: marks.map(({ point }) => point), owners: marks.map(({ owner }) => owner) }
}

/**
 * The first different members from the place of this text on that are wanted.
 *
 * @param most members to return
 * @param steps points to look at
 */
export function nearby<C>(
  { points, owners }: Ring<C>,
  text: string,
  isWanted: (member: C) => boolean,
  most: number,
  steps: number,
): C[] {
  const start = firstFrom(points, hash32(text))
  const found = new Set<C>()
  for (let i = 0; i < Math.min(steps, owners.length) && found.size < most; i++) {
    const owner = owners[(start + i) % owners.length]
    if (owner !== undefined && isWanted(owner)) found.add(owner)
  }
  return [...found]
}

/** Index of the first point that is not below; the length where there is none. */
function firstFrom(points: readonly number[], value: number): number {
  let [low, high] = [0, points.length]
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((points[middle] ?? 0) < value) low = middle + 1
    else high = middle
  }
  return low
}
