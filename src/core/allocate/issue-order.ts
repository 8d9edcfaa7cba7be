/** PURE: which problem an iteration asks next. Sources by weight, problems of a source in seeded passes. */

import type { Problem } from '../problem.ts'
import { randomFor, shuffled } from '../seed.ts'

export interface Issue {
  readonly problem: Problem
  /** Number of the sample of this problem within the iteration, from 0. */
  readonly index: number
}

/**
 * The order in which an iteration issues its prompts: a function from the issue index 0, 1, 2, … to what is asked.
 * No (problem, index) comes twice; in every prefix of k issues a source of share w has been asked between kw-1 and kw+1
 * times; equal arguments give equal orders. Computed as far as it is asked for, so any index may come first.
 * @param problems of one split, at least one
 * @param weights ratio of prompts by source; 1 where a source is not named
 */
export function createIssueOrder(
  problems: readonly Problem[],
  weights: Readonly<Record<string, number>>,
  seed: number,
  iteration: number,
): (issue: number) => Issue {
  if (problems.length === 0) throw new RangeError('An issue order needs at least one problem.')
  const sources = [...Map.groupBy(problems, (problem) => problem.source)]
  const streams = sources.map(([source, own]) => createPasses(own, seed, `issue/${iteration}/${source}`))
  const nextSource = createInterleaving(sources.map(([source]) => weights[source] ?? 1))
  const places = new Map(problems.map((problem, place) => [problem, place]))
  // Four bytes for each of two numbers in place of objects, in blocks that never move: an iteration may issue millions.
  const blocks: Uint32Array[] = []
  let known = 0
  return (issue) => {
    while (known <= issue) {
      const next = streams[nextSource()]?.()
      if (next === undefined) continue
      const at = known++ % BLOCK
      if (at === 0) blocks.push(new Uint32Array(2 * BLOCK))
      blocks.at(-1)?.set([places.get(next.problem) as number, next.index], 2 * at)
    }
    const block = blocks[Math.floor(issue / BLOCK)] as Uint32Array
    const at = 2 * (issue % BLOCK)
    return { problem: problems[block[at] as number] as Problem, index: block[at + 1] as number }
  }
}

/** Issues in a block. */
const BLOCK = 4096

/** Endless passes over the problems, each in its own order; the pass number is the sample's index. */
function createPasses(problems: readonly Problem[], seed: number, name: string): () => Issue {
  let index = -1
  let order: readonly Problem[] = []
  let place = 0
  return () => {
    if (place === order.length) {
      index++
      order = shuffled(problems, randomFor(seed, `${name}/${index}`))
      place = 0
    }
    return { problem: order[place++] as Problem, index }
  }
}

/**
 * Turns of sources by weight: among those that are not ahead of their share, the one whose next turn is due first.
 * That keeps every count within 1 of its share at all times (earliest deadline first on one processor is optimal:
 * Baruah, Cohen, Plaxton, Varvel 1996, "Proportionate progress"), which taking the largest deficit does not.
 */
function createInterleaving(weights: readonly number[]): () => number {
  const sum = weights.reduce((total, weight) => total + weight, 0)
  const shares = weights.map((weight) => weight / sum)
  const taken = shares.map(() => 0)
  let turns = 0
  return () => {
    turns++
    let chosen = 0
    let earliest = Number.POSITIVE_INFINITY
    for (const [source, share] of shares.entries()) {
      const count = taken[source] ?? 0
      const due = (count + 1) / share
      if (count < share * turns && due < earliest) {
        earliest = due
        chosen = source
      }
    }
    taken[chosen] = (taken[chosen] ?? 0) + 1
    return chosen
  }
}
