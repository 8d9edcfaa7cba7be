/**
 * The adaptive policy against fixed ones in the Gaussian model, under evaluation noise and with the evaluation paid for.
 *
 *     node bench/adaptive.ts [--seeds 200] [--problems 500] [--initial 15]
 *
 * Cost to a target: c_g E N + c_t n of every iteration, and an evaluation of so many problems each at c_g, until the expected gap to the
 * best reward, given the n_t that were chosen, is small enough. The adaptive policy sees binomial shares of the gate problems and its
 * acceptance rates; never r*, lambda or the gap. The fixed ones are the best of a grid in hindsight. Seeds 0 to 99 were used in tuning the prior;
 * the seeds here begin at 1000.
 */

import { parseArgs } from 'node:util'
import { decideAdaptive } from '../src/core/budget/adaptive.ts'
import { type ProgressPoint, VAGUE_CONTRACTION } from '../src/core/budget/contraction.ts'
import { drawBinomial, drawNormal } from '../src/core/measure/draws.ts'
import { type Random, randomFor } from '../src/core/seed.ts'
import { constantsOf, type GaussianModel } from '../src/simulate/gaussian.ts'
import { SETTINGS } from '../test/simulate/reference.ts'
import { costToReach, playModel } from './gaussian-play.ts'

const MOST_ITERATIONS = 400
const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '200' },
    problems: { type: 'string', default: '500' },
    initial: { type: 'string', default: '15' },
  },
})
const seeds = Number(values.seeds)
const problems = Number(values.problems)
const initial = Number(values.initial)

console.log(`${seeds} seeds, ${problems} problems an evaluation, n_0 ${initial} of the adaptive policy`)
console.log(
  'setting, gap      best fixed                  best constant        adaptive: mean   median     90%   of fixed  of constant',
)
for (const gap of [1e-2, 1e-3]) {
  for (const [name, model] of Object.entries(SETTINGS)) report(`${name}, ${gap}`, model, gap, true)
}
console.log('\nwith the evaluation charged to the adaptive policy alone')
for (const gap of [1e-2, 1e-3]) {
  for (const [name, model] of Object.entries(SETTINGS)) report(`${name}, ${gap}`, model, gap, false)
}

function report(title: string, model: GaussianModel, gap: number, fixedPay: boolean): void {
  const fixed = fixedPolicies(model)
    .map(({ name, size }) => {
      const sizes = Array.from({ length: MOST_ITERATIONS }, (_, t) => Math.max(1, Math.floor(size(t) + 0.5)))
      return { name, cost: costToReach(model, sizes, gap, fixedPay ? problems : 0) ?? Number.POSITIVE_INFINITY }
    })
    .sort((a, b) => a.cost - b.cost)
  const [best] = fixed
  const constant = fixed.find(({ name }) => name.startsWith('constant'))
  if (!best || !constant) return
  const costs = Array.from({ length: seeds }, (_, seed) => adaptiveCost(model, gap, 1000 + seed)).sort((a, b) => a - b)
  const mean = costs.reduce((sum, cost) => sum + cost, 0) / costs.length
  const at = (p: number): number => costs[Math.floor(p * (costs.length - 1))] ?? Number.NaN
  const cells = [
    title.padEnd(12),
    `${best.name} ${best.cost.toFixed(0)}`.padEnd(32),
    `${constant.name} ${constant.cost.toFixed(0)}`.padEnd(24),
    ...[mean, at(0.5), at(0.9)].map((cost) => cost.toFixed(0).padStart(8)),
    percent(mean / best.cost - 1).padStart(9),
    percent(mean / constant.cost - 1).padStart(9),
  ]
  console.log(cells.join('  '))
}

function fixedPolicies(model: GaussianModel): { name: string; size: (t: number) => number }[] {
  const growths = [1.05, 1.1, 1.25, 1.5, 2, 1 / constantsOf(model).contraction]
  return [10, 15, 20, 50, 100, 200, 500, 1000, 2000].flatMap((n) => [
    { name: `constant ${n}`, size: () => n },
    ...[1, 2].map((degree) => ({ name: `${n} (1+t)^${degree}`, size: (t: number) => n * (1 + t) ** degree })),
    ...growths.map((growth) => ({ name: `${n} ${growth.toFixed(4)}^t`, size: (t: number) => n * growth ** t })),
  ])
}

/** A run that sees what a run sees. */
function adaptiveCost(model: GaussianModel, target: number, seed: number): number {
  const random = randomFor(seed, 'adaptive')
  const played = playModel(model, random)
  const rules = { initial, prior: VAGUE_CONTRACTION, stopBelow: 0 }
  const sizes: number[] = []
  const gate: ProgressPoint[] = []
  const acceptance: ProgressPoint[] = []
  for (let t = 0; t < MOST_ITERATIONS; t++) {
    const reward = played.reward()
    gate.push({ updates: t, share: drawBinomial(problems, reward, random) / problems, answers: problems })
    const size = sizes.at(-1)
    const last = size === undefined ? undefined : { size, rejected: false, gain: undefined, cost: 0 }
    const n = decideAdaptive(rules, { sizes, gate, acceptance, last }).size
    sizes.push(n)
    const drawn = drawsFor(random, n, reward)
    acceptance.push({ updates: t, share: n / drawn, answers: drawn })
    played.update(n)
    const cost = costToReach(model, sizes, target, problems)
    if (cost !== undefined) return cost
  }
  return Number.POSITIVE_INFINITY
}

/** Draws until n are kept; from 1,000 on by its normal limit. */
function drawsFor(random: Random, n: number, rate: number): number {
  if (n >= 1000) return Math.max(n, Math.round(n / rate + (Math.sqrt(n * (1 - rate)) / rate) * drawNormal(random)))
  let drawn = 0
  for (let kept = 0; kept < n; drawn++) if (random() < rate) kept++
  return drawn
}

function percent(share: number): string {
  return `${share > 0 ? '+' : ''}${(100 * share).toFixed(1)}%`
}
