/**
 * What a wrong belief about lambda costs when it is corrected before every iteration: by measured acceptance rates alone, or by a gate too.
 *
 *     node bench/wrong-prior.ts [--seeds 50] [--gaps 1e-2,1e-3] [--settings A,B,C,D]
 *
 * 1 - lambda is believed to be half or half as much again; regret in the expected cost to a gap.
 *
 * - fixed: n_t = n_0 lambda^-t with the best n_0 for the right lambda, over the same with the right lambda
 * - corrected: the same with the lambda estimated so far, no evaluation
 * - feedback: n_t = 1 / (lambda (1 - lambda) V), V what the n_t so far leave, which is the same n_t where lambda is right
 * - gate: the adaptive policy from n_0 = 15 with a gate of 500 problems an iteration that both pay for, over the same with the right belief
 * - free gate: the same, the gate costing nothing
 */

import { parseArgs } from 'node:util'
import { decideAdaptive } from '../src/core/budget/adaptive.ts'
import { estimateContraction, type ProgressPoint } from '../src/core/budget/contraction.ts'
import { drawBinomial, drawNormal } from '../src/core/measure/draws.ts'
import { randomFor } from '../src/core/seed.ts'
import { constantsOf, type GaussianModel } from '../src/simulate/gaussian.ts'
import { SETTINGS } from '../test/simulate/reference.ts'
import { costToReach, playModel } from './gaussian-play.ts'

const MOST_ITERATIONS = 300
const INITIALS = [2, 3, 5, 8, 12, 20, 30, 50, 80, 120]
const GATE_PROBLEMS = 500
const GATED_INITIAL = 15
const SPREAD = 0.5
const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '50' },
    gaps: { type: 'string', default: '1e-2,1e-3' },
    settings: { type: 'string', default: 'A,B,C,D' },
  },
})
const seeds = Number(values.seeds)

console.log('regret, 1 - lambda x 0.5 / x 1.5       fixed    corrected     feedback         gate    free gate')
for (const [name, model] of Object.entries(SETTINGS).filter(([name]) => values.settings.split(',').includes(name))) {
  for (const gap of values.gaps.split(',').map(Number)) {
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
    const meanOver = (cost: (seed: number) => number): number =>
      Array.from({ length: seeds }, (_, seed) => cost(seed)).reduce((sum, one) => sum + one, 0) / seeds
    const [corrected, feedback] = [correctedSize, feedbackSize].map((rule) =>
      wrong.map((lambda) => {
        const cost = meanOver((seed) =>
          playedCost(model, gap, { initial: best.initial, believed: lambda, rule, fee: 0, seed }),
        )
        return cost / best.cost - 1
      }),
    )
    const [gated, free] = [GATE_PROBLEMS, 0].map((fee) => {
      const gatedCost = (believed: number): number =>
        meanOver((seed) => playedCost(model, gap, { initial: GATED_INITIAL, believed, rule: undefined, fee, seed }))
      const right = gatedCost(contraction)
      return wrong.map((lambda) => gatedCost(lambda) / right - 1)
    })
    const cells = [fixed, corrected ?? [], feedback ?? [], gated ?? [], free ?? []].map((pair) =>
      pair
        .map((share) => `${(100 * share).toFixed(0)}%`)
        .join(' / ')
        .padStart(13),
    )
    console.log(`${name}, gap ${gap}, n_0 ${best.initial}`.padEnd(30) + cells.join(''))
  }
}

type SizeRule = (initial: number, sizes: readonly number[], lambda: number) => number

function correctedSize(initial: number, sizes: readonly number[], lambda: number): number {
  return Math.round(initial * lambda ** -sizes.length)
}

function feedbackSize(initial: number, sizes: readonly number[], lambda: number): number {
  if (sizes.length === 0) return initial
  const left = sizes.reduce((sum, n) => sum * lambda ** 2 + 1 / n, 0)
  return Math.round(1 / (lambda * (1 - lambda) * left))
}

interface Play {
  readonly initial: number
  readonly believed: number
  /** undefined for the adaptive policy, which sees a gate. */
  readonly rule: SizeRule | undefined
  readonly fee: number
  readonly seed: number
}

function playedCost(model: GaussianModel, gap: number, { initial, believed, rule, fee, seed }: Play): number {
  const random = randomFor(seed, 'wrong-prior')
  const played = playModel(model, random)
  const prior = { contraction: believed, spread: SPREAD }
  const sizes: number[] = []
  const acceptance: ProgressPoint[] = []
  const gate: ProgressPoint[] = []
  for (let t = 0; t < MOST_ITERATIONS; t++) {
    const rate = played.reward()
    const before = sizes.at(-1)
    let n: number
    if (rule) {
      const { mean } = estimateContraction(sizes, [acceptance], prior)
      const floor = before ?? initial
      n = Math.max(floor, Math.min(rule(initial, sizes, mean), Math.ceil(floor * mean ** -2)))
    } else {
      gate.push({
        updates: t,
        share: drawBinomial(GATE_PROBLEMS, rate, random) / GATE_PROBLEMS,
        answers: GATE_PROBLEMS,
      })
      const last = before === undefined ? undefined : { size: before, rejected: false, gain: undefined, cost: 0 }
      n = decideAdaptive({ initial, prior, stopBelow: 0 }, { sizes, gate, acceptance, last }).size
    }
    sizes.push(n)
    const drawn = Math.max(n, Math.round(n / rate + (Math.sqrt(n * (1 - rate)) / rate) * drawNormal(random)))
    acceptance.push({ updates: t, share: n / drawn, answers: drawn })
    played.update(n)
    const cost = costToReach(model, sizes, gap, fee)
    if (cost !== undefined) return cost
  }
  return Number.POSITIVE_INFINITY
}
