/** Which endpoint a request goes to. Pure. */

import { hash32 } from '../core/seed.ts'

/** An endpoint as routing sees it. */
export interface Candidate {
  /** Stable name, for the hash. */
  readonly name: string
  /** Share of the work it is meant to have, next to the others'. */
  readonly weight: number
  readonly inFlight: number
  /** Requests it may have in flight now; 0 while it is out of order. */
  readonly limit: number
  /** Mean milliseconds of its answers lately; undefined before there are any. */
  readonly latencyMs: number | undefined
}

/** A favourite may have this much more than its share before its prompts go elsewhere (Mirrokni et al., bounded loads). */
const FAVOURITE_SHARE = 1.25

/** Up to so many times the fastest one's latency is noise, and a batch that is well filled. */
const SLOWER_BY_CHANCE = 3
/** An endpoint is taken to be at most so much slower than the fastest: its latency may have been one bad moment. */
const SLOWEST = 32

/**
 * The favourite of this prefix while it has room, else whoever is least loaded for its weight and speed. Prompts with one prefix
 * meet the same cache there; the favourite is found by rendezvous hashing, so that an endpoint that comes or goes moves only its own.
 *
 * @param prefix names what prompts share, such as the problem
 * @param avoid the endpoint that has just failed the request: taken only where there is no other
 * @returns undefined where nobody has room
 */
export function route<C extends Candidate>(candidates: readonly C[], prefix: string, avoid?: C): C | undefined {
  const open = candidates.filter(({ inFlight, limit }) => inFlight < limit)
  const others = avoid === undefined ? open : open.filter((candidate) => candidate !== avoid)
  const choice = others.length > 0 ? others : open
  const [only] = choice
  if (choice.length <= 1) return only
  const fastest = Math.min(...choice.map(({ latencyMs }) => latencyMs ?? Number.POSITIVE_INFINITY))
  const load = (candidate: C): number => (candidate.inFlight + 1) / pace(candidate, fastest)
  const favourite = most(choice, (candidate) => rendezvous(candidate, prefix))
  const inFlight = choice.reduce((sum, candidate) => sum + candidate.inFlight, 1)
  const paces = choice.reduce((sum, candidate) => sum + pace(candidate, fastest), 0)
  if (favourite) {
    const share = (FAVOURITE_SHARE * inFlight * pace(favourite, fastest)) / paces
    if (favourite.inFlight + 1 <= Math.ceil(share)) return favourite
  }
  return most(choice, (candidate) => -load(candidate))
}

/** Weight, less where answers take longer. */
function pace({ weight, latencyMs }: Candidate, fastest: number): number {
  if (latencyMs === undefined || latencyMs <= 0 || !Number.isFinite(fastest)) return weight
  const slower = latencyMs / Math.max(1, fastest) - (SLOWER_BY_CHANCE - 1)
  return weight / Math.min(SLOWEST, Math.max(1, slower))
}

/** Weighted rendezvous hashing: -weight / ln(uniform). */
function rendezvous(candidate: Candidate, prefix: string): number {
  const uniform = (hash32(`${candidate.name}|${prefix}`) + 0.5) / 2 ** 32
  return -candidate.weight / Math.log(uniform)
}

function most<C>(items: readonly C[], of: (item: C) => number): C | undefined {
  let best: C | undefined
  let highest = Number.NEGATIVE_INFINITY
  for (const item of items) {
    const value = of(item)
    if (value <= highest) continue
    best = item
    highest = value
  }
  return best
}
