/** Streams of chance: every draw's seed is a hash of what it is for, so that a killed run repeats itself. */

import { type CompletionKey, keyText, type Purpose } from './completion.ts'

/**
 * The request seed of a key: hash(seed, purpose, iteration, problem, index).
 * @returns an integer in [0, 2^31), which every OpenAI-compatible server takes
 */
export function requestSeed(runSeed: number, key: CompletionKey): number {
  return hash32(`${runSeed}/${keyText(key)}`) >>> 1
}

/**
 * The seed of a measurement's request, the same for every checkpoint: what the base was asked with. Two checkpoints that are alike then answer
 * alike, so that their difference has less chance in it (common random numbers).
 * @param sample number of the problem's sample within the measurement, from 0
 */
export function measuringSeed(runSeed: number, purpose: Purpose, problem: string, sample: number): number {
  return requestSeed(runSeed, { purpose, iteration: -1, problem, index: sample })
}

/**
 * A 32-bit hash of a text: FNV-1a over its UTF-16 units, then the murmur3 finalizer, so that near texts get far hashes.
 */
export function hash32(text: string): number {
  let h = 0x811c9dc5
  for (let i = 0; i < text.length; i++) {
    h = Math.imul(h ^ text.charCodeAt(i), 0x01000193)
  }
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b)
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35)
  return (h ^ (h >>> 16)) >>> 0
}

/** Uniform numbers in [0, 1). */
export type Random = () => number

/** mulberry32: a small generator with one 32-bit word of state; equal seeds give equal streams on every machine. */
export function createRandom(seed: number): Random {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }
}

/** A generator for a named purpose: equal (seed, name) pairs give equal streams. */
export function randomFor(seed: number, name: string): Random {
  return createRandom(hash32(`${seed}/${name}`))
}

/** An integer in [0, n). */
export function randomInteger(random: Random, n: number): number {
  return Math.floor(random() * n)
}

/** A shuffled copy (Fisher-Yates). */
export function shuffled<T>(items: readonly T[], random: Random): T[] {
  const out = items.slice()
  for (let i = out.length - 1; i > 0; i--) {
    const j = randomInteger(random, i + 1)
    const a = out[i] as T
    out[i] = out[j] as T
    out[j] = a
  }
  return out
}

/** `count` different places in [0, n), in the order in which they were drawn (Fisher-Yates, of which only what moved is kept). */
export function drawPlaces(n: number, count: number, random: Random): number[] {
  const moved = new Map<number, number>()
  return Array.from({ length: Math.min(n, count) }, (_, i) => {
    const j = i + randomInteger(random, n - i)
    const place = moved.get(j) ?? j
    moved.set(j, moved.get(i) ?? i)
    return place
  })
}
