/** Waves: an iteration's order of problems, a stretch at a time, each a function of the outcomes of finished ones before it. */

import { type Allocation, createRule, type ProblemState, type Rule, type Turn } from './allocation.ts'
import type { PosteriorOptions } from './posterior.ts'

/** A problem that takes its turns; `state` moves on as it is asked. */
export interface Place {
  /** Problem id. */
  readonly problem: string
  state: ProblemState
}

export interface SourcePlaces {
  /** Ratio of its prompts. */
  readonly weight: number
  readonly places: readonly Place[]
  /** Accepted traces it is to bring; undefined where the ratio is of prompts. */
  readonly quota: number | undefined
}

export interface WaveInput {
  readonly allocation: Allocation
  readonly posterior: Pick<PosteriorOptions, 'prior'>
  readonly sources: readonly SourcePlaces[]
  /** Most requests in the wave. */
  readonly size: number
  /** Eligible traces after which a problem is not asked again; null is no cap. */
  readonly maxPerProblem: number | null
}

/**
 * The next wave: problem ids in the order in which they are asked. The states of `input` move on with them.
 * @returns fewer than `size`, or none, where more has to be known first or nobody may be asked any more
 */
export function planWave(input: WaveInput): string[] {
  const queues = input.sources.map((source) => createQueue(source, input))
  const out: string[] = []
  while (out.length < input.size) {
    const [first] = queues.filter((queue) => queue.isOpen()).sort((a, b) => a.lead() - b.lead())
    const place = first?.take()
    // To continue without the source whose turn it is would bend the ratio, unless it has nobody left to ask at all.
    if (place === undefined) break
    out.push(place.problem)
  }
  return out
}

interface Queue {
  /** Whether this source may be asked, now or when more is known. */
  isOpen(): boolean
  /** Least goes first. */
  lead(): number
  take(): Place | undefined
}

function createQueue({ weight, places, quota }: SourcePlaces, input: WaveInput): Queue {
  const { maxPerProblem } = input
  const isCapped = ({ state }: Place): boolean => maxPerProblem !== null && state.eligible >= maxPerProblem
  const free = places.filter((place) => !isCapped(place))
  const rule = createRule(
    input.allocation,
    free.map((place) => place.state),
    input.posterior,
  )
  const heap = createHeap(free, rule)
  const sum = (of: (state: ProblemState) => number): number => places.reduce((total, { state }) => total + of(state), 0)
  let asked = sum((state) => state.asked)
  const ended = sum((state) => state.ended)
  const eligible = sum((state) => state.eligible)
  // Drawn towards a half while little is known.
  const rate = (eligible + 1) / (ended + 2)
  const needed = quota === undefined ? 0 : Math.ceil((quota - eligible) / rate) + ended
  return {
    isOpen: () => free.length > 0 && (quota === undefined || asked < needed),
    lead: () => (quota === undefined ? (asked + 0.5) / weight : (asked - needed) / needed),
    take() {
      const place = heap.take()
      if (place) asked++
      return place
    },
  }
}

interface Entry {
  readonly place: Place
  readonly turn: Turn
}

/** A binary heap of turns; whoever is taken comes back with the next turn it gets. */
function createHeap(places: readonly Place[], rule: Rule): { take(): Place | undefined } {
  const entries = places
    .flatMap((place): Entry[] => {
      const turn = rule(place.state)
      return turn ? [{ place, turn }] : []
    })
    .sort(compare)
  const sink = (): void => {
    for (let at = 0; ; ) {
      const [left, right] = [2 * at + 1, 2 * at + 2]
      let least = at
      if (isLess(entries[left], entries[least])) least = left
      if (isLess(entries[right], entries[least])) least = right
      if (least === at) return
      const [a, b] = [entries[at] as Entry, entries[least] as Entry]
      entries[at] = b
      entries[least] = a
      at = least
    }
  }
  return {
    take() {
      const [first] = entries
      if (first === undefined) return undefined
      const { place } = first
      place.state = { ...place.state, asked: place.state.asked + 1 }
      const turn = rule(place.state)
      const last = turn ? { place, turn } : entries.pop()
      if (last !== undefined && entries.length > 0) {
        entries[0] = last
        sink()
      }
      return place
    },
  }
}

function isLess(a: Entry | undefined, b: Entry | undefined): boolean {
  return a !== undefined && b !== undefined && compare(a, b) < 0
}

function compare(a: Entry, b: Entry): number {
  return a.turn.tier - b.turn.tier || a.turn.ratio - b.turn.ratio || a.place.state.rank - b.place.state.rank
}
