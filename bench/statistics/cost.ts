/** What the cost to a target owes to how often a run is measured: one curve, 500 problems, by the first crossing and by the fitted one. */

import { compareArms } from '../../src/core/measure/compare.ts'
import { type ComparedPoint, costToReach } from '../../src/core/measure/crossing.ts'
import { drawBinomial } from '../../src/core/measure/draws.ts'
import { meanInterval } from '../../src/core/measure/intervals.ts'
import { createRandom, type Random } from '../../src/core/seed.ts'

const CURVES: Readonly<Record<string, (cost: number) => number>> = {
  saturating: (cost) => 0.3 + 0.4 * (1 - Math.exp(-cost / 30)),
  slow: (cost) => 0.3 + 0.25 * (1 - Math.exp(-cost / 60)),
  'square root': (cost) => 0.3 + 0.03 * Math.sqrt(cost),
  straight: (cost) => 0.3 + 0.003 * cost,
}
const EVALUATIONS = [4, 8, 16, 32]
const OFTEN = 32
const SEEDS = 10
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
  const sets = Math.ceil(runs / SEEDS)
  yield `log cost ratio of two arms of one curve, one measured ${EVALUATIONS.join(', ')} times and the other ${OFTEN} times: mean over ${sets} sets of ${SEEDS} seeds, and the share of sets whose interval excludes 0`
  yield 'in brackets: the mean over the seeds at which both arms get there, as it was, and that by the first crossing, as it was before'
  for (const [name, curve] of Object.entries(CURVES)) {
    for (const share of TARGETS) {
      const target = curve(0) + share * (curve(SPENT) - curve(0))
      const cells = EVALUATIONS.map((evaluations) => ratioOf(curve, target, evaluations, sets).padEnd(34))
      yield `  ${name}, target at ${share}`.padEnd(30) + cells.join('')
    }
  }
}

function ratioOf(curve: (cost: number) => number, target: number, evaluations: number, sets: number): string {
  const random = createRandom(evaluations)
  let [sum, excluded, told] = [0, 0, 0]
  const reached: number[] = []
  const first: number[] = []
  for (let set = 0; set < sets; set++) {
    const runs = Array.from({ length: SEEDS }, (_, seed) => [
      { arm: 'seldom', seed, greedy: null, points: draw(curve, evaluations, random) },
      { arm: 'often', seed, greedy: null, points: draw(curve, OFTEN, random) },
    ]).flat()
    const ratio = compareArms(runs, 'often', target).find(({ arm }) => arm === 'seldom')?.toTarget.logRatio
    if (ratio) {
      sum += ratio.mean
      told++
      if (ratio.low > 0 || ratio.high < 0) excluded++
    }
    for (const [rule, into] of [
      [costToReach, reached],
      [firstCrossing, first],
    ] as const) {
      for (let at = 0; at < runs.length; at += 2) {
        const [a, b] = [rule(runs[at]?.points ?? [], target), rule(runs[at + 1]?.points ?? [], target)]
        if (a !== null && b !== null) into.push(Math.log(a / b))
      }
    }
  }
  const before = [reached, first].map((values) => meanInterval(values).mean.toFixed(3))
  return `${(sum / told).toFixed(3)}, ${((100 * excluded) / told).toFixed(0)}% (${before.join('; ')})`
}

function draw(curve: (cost: number) => number, evaluations: number, random: Random): ComparedPoint[] {
  return Array.from({ length: evaluations + 1 }, (_, i) => {
    const cost = (SPENT * i) / evaluations
    return { cost, accuracy: drawBinomial(PROBLEMS, curve(cost), random) / PROBLEMS }
  })
}
