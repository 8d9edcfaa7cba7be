/** What the cost to a target owes to how often a run is measured: one curve, 500 problems, by the first crossing and by the fitted one. */

import { type ComparedPoint, costToReach } from '../../src/core/measure/crossing.ts'
import { drawBinomial } from '../../src/core/measure/draws.ts'
import { meanInterval } from '../../src/core/measure/statistics.ts'
import { createRandom, type Random } from '../../src/core/seed.ts'

const CURVES: Readonly<Record<string, (cost: number) => number>> = {
  saturating: (cost) => 0.3 + 0.4 * (1 - Math.exp(-cost / 30)),
  slow: (cost) => 0.3 + 0.25 * (1 - Math.exp(-cost / 60)),
  'square root': (cost) => 0.3 + 0.03 * Math.sqrt(cost),
  straight: (cost) => 0.3 + 0.003 * cost,
}
const EVALUATIONS = [4, 8, 16, 32]
/** Of the way from the base to the end. */
const TARGETS = [0.6, 0.9]
const PROBLEMS = 500
const SPENT = 100

/** The rule before: straight to the first measurement that is above. */
function firstCrossing(points: readonly ComparedPoint[], target: number): number | null {
  const at = points.findIndex(({ accuracy }) => accuracy >= target)
  const [from, to] = [points[at - 1], points[at]]
  if (!to) return null
  if (!from) return to.cost
  return from.cost + ((target - from.accuracy) / (to.accuracy - from.accuracy)) * (to.cost - from.cost)
}

export function* costToTarget(runs: number): Generator<string> {
  yield `mean log(cost / true cost) at ${EVALUATIONS.join(', ')} evaluations, ${runs} runs each; in brackets by the first crossing, as it was`
  for (const [name, curve] of Object.entries(CURVES)) {
    for (const share of TARGETS) {
      const target = curve(0) + share * (curve(SPENT) - curve(0))
      const truth = inverse(curve, target)
      const cells = EVALUATIONS.map((evaluations) => {
        const random = createRandom(evaluations)
        const sums = [costToReach, firstCrossing].map((rule) => {
          let [sum, reached] = [0, 0]
          for (let run = 0; run < runs; run++) {
            const cost = rule(draw(curve, evaluations, random), target)
            if (cost === null) continue
            sum += Math.log(cost / truth)
            reached++
          }
          return (sum / reached).toFixed(3)
        })
        return `${sums[0]} (${sums[1]})`.padEnd(18)
      })
      yield `  ${name}, target at ${share}`.padEnd(30) + cells.join('')
    }
  }
  yield ''
  yield 'two arms of one curve, one measured 32 times and the other 4: ten seeds whose interval of the log ratio excludes 0'
  const sets = Math.ceil(runs / 10)
  for (const [name, rule] of [
    ['fitted', costToReach],
    ['first crossing', firstCrossing],
  ] as const) {
    const curve = CURVES.slow as (cost: number) => number
    const target = curve(0) + 0.6 * (curve(SPENT) - curve(0))
    const random = createRandom(9)
    let excluded = 0
    for (let set = 0; set < sets; set++) {
      const ratios = Array.from({ length: 10 }, () => {
        const [often, seldom] = [32, 4].map((evaluations) => rule(draw(curve, evaluations, random), target))
        return often && seldom ? Math.log(often / seldom) : undefined
      }).filter((ratio) => ratio !== undefined)
      const { low, high } = meanInterval(ratios)
      if (low > 0 || high < 0) excluded++
    }
    yield `  ${name}: ${((100 * excluded) / sets).toFixed(1)}% of ${sets} sets`
  }
}

function draw(curve: (cost: number) => number, evaluations: number, random: Random): ComparedPoint[] {
  return Array.from({ length: evaluations + 1 }, (_, i) => {
    const cost = (SPENT * i) / evaluations
    return { cost, accuracy: drawBinomial(PROBLEMS, curve(cost), random) / PROBLEMS }
  })
}

function inverse(curve: (cost: number) => number, target: number): number {
  let [low, high] = [0, SPENT]
  for (let halving = 0; halving < 60; halving++) {
    const middle = (low + high) / 2
    if (curve(middle) < target) low = middle
    else high = middle
  }
  return high
}
