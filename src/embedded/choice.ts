/** The choice of one token from its logits: greedy, by temperature, or among the most probable ones. */

import type { Random } from '../core/seed.ts'
import type { Pointer, Workspace } from './kernels.ts'

export interface Choice {
  /** 0 is greedy. */
  readonly temperature: number
  /** Share of probability that the tokens to choose among make up, the most probable first; 1 is all. */
  readonly topP: number
}

/** Chooses one of `count` tokens; the logits' row of `stride` floats is used up. Draws one number unless greedy. */
export function chooseToken(
  { kernels, floats }: Workspace,
  logits: Pointer,
  count: number,
  stride: number,
  { temperature, topP }: Choice,
  random: Random,
): number {
  if (temperature === 0) return kernels.largest(logits, count)
  kernels.softmax(logits, count, stride, 1 / temperature)
  return topP < 1 ? pickNucleus(floats(logits, count), topP, random()) : kernels.pick(logits, count, random())
}

/** Nucleus sampling (Holtzman et al., arXiv 1904.09751): the fewest tokens whose probabilities reach `topP`. */
function pickNucleus(probabilities: Float32Array, topP: number, uniform: number): number {
  const order = Array.from(probabilities, (probability, token) => ({ probability, token }))
  order.sort((a, b) => b.probability - a.probability || a.token - b.token)
  let kept = 0
  let sum = 0
  for (const { probability } of order) {
    kept++
    sum += probability
    if (sum >= topP) break
  }
  let left = uniform * sum
  for (const { probability, token } of order.slice(0, kept)) {
    left -= probability
    if (left < 0) return token
  }
  return order[kept - 1]?.token ?? 0
}
