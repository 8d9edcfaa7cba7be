/**
 * What a wrong belief about lambda costs when it is corrected before every iteration, by measured acceptance rates alone.
 *
 *     node bench/wrong-prior.ts [--seeds 50]
 *
 * n_t = n_0 lambda^-t with the best n_0 for the right lambda; 1 - lambda is believed to be half or half as much again. Regret in the
 * expected cost to a gap, no evaluation charged, over the same with the right lambda.
 */

import { parseArgs } from 'node:util'
import { estimateContraction, type ProgressPoint } from '../src/core/contraction.ts'
import { type Random, randomFor } from '../src/core/seed.ts'
import { constantsOf, type GaussianModel, gaussianStates, rewardAt } from '../src/simulate/gaussian.ts'
import { SETTINGS } from '../test/simulate/reference.ts'

const COSTS = { sample: 1, train: 0.2 }
const MOST_ITERATIONS = 300
const INITIALS = [2, 3, 5, 8, 12, 20, 30, 50, 80, 120]
const { values } = parseArgs({ options: { seeds: { type: 'string', default: '50' } } })
const seeds = Number(values.seeds)

console.log('regret in cost to a gap      fixed: x 0.5      x 1.5   corrected: x 0.5      x 1.5')
for (const [name, model] of Object.entries(SETTINGS)) {
  for (const gap of [1e-2, 1e-3]) {
    const { contraction } = constantsOf(model)
    const fixedCost = (initial: number, lambda: number): number =>
      costToReach(
        model,
        Array.from({ length: MOST_ITERATIONS }, (_, t) => Math.max(1, Math.round(initial * lambda ** -t))),
        gap,
      ) ?? Number.POSITIVE_INFINITY
    const best = INITIALS.map((initial) => ({ initial, cost: fixedCost(initial, contraction) })).sort(
      (a, b) => a.cost - b.cost,
    )[0]
    if (!best) continue
    const wrong = [0.5, 1.5].map((factor) => 1 - (1 - contraction) * factor)
    const fixed = wrong.map((lambda) => fixedCost(best.initial, lambda) / best.cost - 1)
    const corrected = wrong.map((lambda) => {
      const costs = Array.from({ length: seeds }, (_, seed) => correctedCost(model, gap, best.initial, lambda, seed))
      return costs.reduce((sum, cost) => sum + cost, 0) / seeds / best.cost - 1
    })
    const cells = [...fixed, ...corrected].map((share) => `${(100 * share).toFixed(0)}%`.padStart(14))
    console.log(`${name}, gap ${gap}, n_0 ${best.initial}`.padEnd(26) + cells.join(''))
  }
}

function costToReach(model: GaussianModel, sizes: readonly number[], gap: number): number | undefined {
  const { bestReward } = constantsOf(model)
  let cost = 0
  for (const { n, expectedSamples, expectedReward } of gaussianStates(model, sizes)) {
    cost += COSTS.sample * expectedSamples + COSTS.train * n
    if (bestReward - expectedReward <= gap) return cost
  }
  return undefined
}

function correctedCost(model: GaussianModel, gap: number, initial: number, believed: number, seed: number): number {
  const { contraction, keptVariance } = constantsOf(model)
  const random = randomFor(seed, 'wrong-prior')
  const sizes: number[] = []
  const acceptance: ProgressPoint[] = []
  let theta = Array.from({ length: model.dimension }, (_, i) => (i === 0 ? Math.sqrt(model.theta2) : 0))
  for (let t = 0; t < MOST_ITERATIONS; t++) {
    const { mean } = estimateContraction(sizes, [acceptance], { contraction: believed, spread: 0.5 })
    const before = sizes.at(-1) ?? initial
    const n = Math.max(before, Math.min(Math.round(initial * mean ** -t), Math.ceil(before * mean ** -2)))
    sizes.push(n)
    const rate = rewardAt(
      model,
      theta.reduce((sum, x) => sum + x * x, 0),
    )
    const drawn = Math.max(n, Math.round(n / rate + (Math.sqrt(n * (1 - rate)) / rate) * normal(random)))
    acceptance.push({ updates: t, share: n / drawn, answers: drawn })
    theta = theta.map((x) => contraction * x + Math.sqrt(keptVariance / n) * normal(random))
    const cost = costToReach(model, sizes, gap)
    if (cost !== undefined) return cost
  }
  return Number.POSITIVE_INFINITY
}

function normal(random: Random): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random())
}
