/** Sampling in virtual time: log-normal lengths, easier problems shorter, requests lost on the way, the loop's own rules of admission. */

import { mayAdmit } from '../../../src/core/accept/admission.ts'
import { createRandom, type Random } from '../../../src/core/seed.ts'

export interface Scene {
  readonly target: number
  readonly inFlight: number
  /** Share of attempts that are lost; long ones more often. A lost one is asked again under the same index. */
  readonly lost: number
}

export interface Outcome {
  readonly accepted: number
  readonly surplus: number
  /** Mean length of the first n_t accepted in index order. */
  readonly length: number
  /** The same of the first n_t to arrive. */
  readonly byArrival: number
}

const SIGMA = 0.6
/** How often a problem is solved, and the logarithm of its median length. */
export interface Level {
  readonly rate: number
  readonly logLength: number
}

/** Solve rates 0.1 to 0.9; the hardest take e times as long as the easiest. */
export const LEVELS: readonly Level[] = Array.from({ length: 9 }, (_, i) => ({
  rate: 0.1 + 0.1 * i,
  logLength: 5 + (8 - i) / 8,
}))

/** E[length | accepted]: lengths depend on the problem alone, so levels count by their rates. */
export const TRUE_LENGTH: number =
  LEVELS.reduce((sum, { rate, logLength }) => sum + rate * Math.exp(logLength + SIGMA ** 2 / 2), 0) /
  LEVELS.reduce((sum, { rate }) => sum + rate, 0)

const TYPICAL = Math.exp(5.5)

export function drawLength({ logLength }: Level, random: Random): number {
  return Math.exp(logLength + SIGMA * normal(random))
}

/** Twice as likely at twice the typical length. */
export function isLost(length: number, lost: number, random: Random): boolean {
  return random() < Math.min(0.9, (lost * length) / TYPICAL)
}

export function play({ target, inFlight, lost }: Scene, seed: number): Outcome {
  const random = createRandom(seed)
  const line = createTimeline()
  const drawn: { length: number; isRight: boolean }[] = []
  const arrived: number[] = []
  const ended = new Map<number, { length: number; isRight: boolean }>()
  let eligible = 0
  const state = () => ({ eligible, ended: ended.size, inFlight: line.size(), target, priorRate: 0.5 })
  for (;;) {
    while (line.size() < inFlight && mayAdmit(state())) {
      const level = LEVELS[Math.floor(random() * LEVELS.length)] ?? { rate: 0.5, logLength: 5 }
      const length = drawLength(level, random)
      drawn.push({ length, isRight: random() < level.rate })
      line.add(line.now() + length, drawn.length - 1)
    }
    const index = line.take()
    if (index === undefined) break
    const one = drawn[index]
    if (!one) throw new Error('an index that was never issued')
    // Asked again, it takes as long again.
    if (isLost(one.length, lost, random)) {
      line.add(line.now() + one.length, index)
      continue
    }
    ended.set(index, one)
    if (!one.isRight) continue
    eligible++
    arrived.push(one.length)
  }
  const inOrder = [...ended].filter(([, { isRight }]) => isRight).toSorted(([a], [b]) => a - b)
  const accepted = inOrder.slice(0, target).map(([, { length }]) => length)
  return {
    accepted: accepted.length,
    surplus: inOrder.length - accepted.length,
    length: mean(accepted),
    byArrival: mean(arrived.slice(0, target)),
  }
}

/** Mean over seeds, and its standard error. */
export function summarise(values: readonly number[]): { readonly mean: number; readonly error: number } {
  const center = mean(values)
  const variance = values.reduce((sum, value) => sum + (value - center) ** 2, 0) / (values.length - 1)
  return { mean: center, error: Math.sqrt(variance / values.length) }
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}

function normal(random: Random): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random())
}

/** A binary heap of ends. */
function createTimeline() {
  const heap: { at: number; index: number }[] = []
  let now = 0
  const swap = (a: number, b: number): void => {
    const [x, y] = [heap[a], heap[b]]
    if (x && y) [heap[a], heap[b]] = [y, x]
  }
  const at = (i: number): number => heap[i]?.at ?? Number.POSITIVE_INFINITY
  return {
    now: () => now,
    size: () => heap.length,
    add(time: number, index: number) {
      heap.push({ at: time, index })
      for (let i = heap.length - 1; i > 0 && at(i) < at((i - 1) >> 1); i = (i - 1) >> 1) swap(i, (i - 1) >> 1)
    },
    take(): number | undefined {
      const [first] = heap
      const last = heap.pop()
      if (!first || !last) return undefined
      now = first.at
      if (heap.length === 0) return first.index
      heap[0] = last
      for (let i = 0; ; ) {
        const child = at(2 * i + 2) < at(2 * i + 1) ? 2 * i + 2 : 2 * i + 1
        if (at(child) >= at(i)) return first.index
        swap(i, child)
        i = child
      }
    },
  }
}
