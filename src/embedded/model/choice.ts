/** The choice of one token from its logits: greedy, by temperature, or among the most probable ones. */

import type { Random } from '../../core/seed.ts'
import type { Pointer, Workspace } from './kernels.ts'

export interface Choice {
  /** 0 is greedy. */
  readonly temperature: number
  /** Share of probability that the tokens to choose among make up, the most probable first; 1 is all. */
  readonly topP: number
  /** Choose among so many of the most probable tokens; 0 is all. */
  readonly topK: number
}

/** Chooses one of `count` tokens; the logits' row of `stride` floats is used up. Draws one number unless greedy. */
export function chooseToken(
  { kernels, floats }: Workspace,
  logits: Pointer,
  count: number,
  stride: number,
  { temperature, topP, topK }: Choice,
  random: Random,
): number {
  if (temperature === 0) return kernels.largest(logits, count)
  kernels.softmax(logits, count, stride, 1 / temperature)
  if (topP >= 1 && topK === 0) return kernels.pick(logits, count, random())
  return pickAmongBest(floats(logits, count), topP, topK === 0 ? count : topK, random())
}

/** Nucleus sampling (Holtzman et al., arXiv 1904.09751): the fewest tokens whose probabilities reach `topP`, at most `topK`. */
function pickAmongBest(probabilities: Float32Array, topP: number, topK: number, uniform: number): number {
  const order = Array.from(probabilities, (probability, token) => ({ probability, token }))
  order.sort((a, b) => b.probability - a.probability || a.token - b.token)
  let kept = 0
  let sum = 0
  for (const { probability } of order) {
    kept++
    sum += probability
    if (sum >= topP || kept === topK) break
  }
  let left = uniform * sum
  for (const { probability, token } of order.slice(0, kept)) {
    left -= probability
    if (left < 0) return token
  }
  return order[kept - 1]?.token ?? 0
}
