/**
 * What it costs to plan with a wrong lambda, wrong acceptance rates, or the rate of the iteration before, in the Gaussian model.
 *
 *     node bench/wrong-guess.ts
 *
 * Regret: the expected cost c_g N + c_t n to reach a gap, with n_t proportional to lambda^-t / sqrt(c_t + c_g / r_t) from the wrong
 * numbers and the best T and n_0 for them, over the same from the right ones, less 1.
 */

import { pricesOf } from '../src/core/budget/least-variance.ts'
import { constantsOf, type GaussianModel, gaussianStates, noiselessRates, totalsOf } from '../src/simulate/gaussian.ts'
import { SETTINGS, sum } from '../test/simulate/reference.ts'

const COSTS = { sample: 1, train: 0.2 }
const MOST_ITERATIONS = 150

console.log('regret in cost to a gap   1-lambda x 0.5   x 1.5     r_t x 0.8   x 1.2')
for (const [name, model] of Object.entries(SETTINGS)) {
  const { contraction } = constantsOf(model)
  for (const gap of [1e-2, 1e-3]) {
    const right = costToReach(model, gap, contraction, 1)
    const wrong = [
      ...[0.5, 1.5].map((factor) => costToReach(model, gap, 1 - (1 - contraction) * factor, 1)),
      ...[0.8, 1.2].map((factor) => costToReach(model, gap, contraction, factor)),
    ]
    const cells = wrong.map((cost) => percent(cost / right - 1).padStart(10))
    console.log(`${name}, gap ${gap}, cost ${right.toFixed(0)}`.padEnd(28) + cells.join(' '))
  }
}

console.log('\nvariance beyond that of n_t ~ lambda^-t / sqrt(w_t), at the same cost')
for (const [name, model] of Object.entries(SETTINGS)) {
  const iterations = name === 'C' ? 20 : 10
  const { contraction } = constantsOf(model)
  const prices = pricesOf(COSTS, noiselessRates(model, iterations))
  const best = varianceOf(model, prices, shapeOf(contraction, prices))
  const before = prices.map((_, t) => prices[Math.max(0, t - 1)] ?? 1)
  const late = varianceOf(model, prices, shapeOf(contraction, before)) / best - 1
  const without = varianceOf(model, prices, shapeOf(contraction, Array<number>(iterations).fill(1))) / best - 1
  console.log(`${name}: with the price of the iteration before ${percent(late)}, without prices ${percent(without)}`)
}

/** The least expected cost over all T of a plan whose n_t are at least 1. */
function costToReach(model: GaussianModel, gap: number, lambda: number, rateFactor: number): number {
  const { bestReward } = constantsOf(model)
  const costs = Array.from({ length: MOST_ITERATIONS }, (_, last) => {
    const rates = noiselessRates(model, last + 1).map((rate) => Math.min(1, rate * rateFactor))
    const shape = shapeOf(lambda, pricesOf(COSTS, rates))
    const statesAt = (log: number) => [
      ...gaussianStates(
        model,
        shape.map((part) => Math.max(1, part * Math.exp(log))),
      ),
    ]
    const reaches = (log: number) => bestReward - (statesAt(log).at(-1)?.expectedReward ?? 0) <= gap
    let [low, high] = [-5, 30]
    if (!reaches(high)) return Number.POSITIVE_INFINITY
    while (high - low > 1e-9) {
      const middle = (low + high) / 2
      if (reaches(middle)) high = middle
      else low = middle
    }
    const { accepted, expectedSamples } = totalsOf(statesAt(high))
    return COSTS.train * accepted + COSTS.sample * expectedSamples
  })
  return Math.min(...costs)
}

function shapeOf(lambda: number, prices: readonly number[]): number[] {
  return prices.map((price, t) => lambda ** (prices.length - 1 - t) / Math.sqrt(price))
}

/** V_T of a shape, scaled to a cost that is the same for all. */
function varianceOf(model: GaussianModel, prices: readonly number[], shape: readonly number[]): number {
  const scale = 20_000 / sum(shape.map((part, t) => part * (prices[t] ?? 0)))
  return (
    [
      ...gaussianStates(
        model,
        shape.map((part) => part * scale),
      ),
    ].at(-1)?.variance ?? 0
  )
}

function percent(share: number): string {
  return `${(100 * share).toFixed(2)}%`
}
