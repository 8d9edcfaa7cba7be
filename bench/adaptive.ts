/**
 * The adaptive policy against fixed ones in the Gaussian model, under evaluation noise and with the evaluation paid for.
 *
 *     node bench/adaptive.ts [--seeds 200] [--problems 500] [--initial 15] [--only cost,regret]
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
import { constantsOf, type GaussianModel, rewardAt } from '../src/simulate/gaussian.ts'
import { BUDGET_SHARES } from '../src/simulate/regret.ts'
import { SETTINGS } from '../test/simulate/reference.ts'
import { costsAndRewards, costToReach, playModel } from './gaussian-play.ts'

const MOST_ITERATIONS = 400
/** Of the budgets at which policies are compared: how many times the cheapest way to this gap. */
const HORIZON = 2
const NEAREST = 1e-3
const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '200' },
    problems: { type: 'string', default: '500' },
    initial: { type: 'string', default: '15' },
    only: { type: 'string', default: 'cost,regret' },
  },
})
const seeds = Number(values.seeds)
const problems = Number(values.problems)
const initial = Number(values.initial)

/** What a user would take who knows neither the setting nor the budget; the adaptive policy is judged next to these. */
const PLAIN: Readonly<Record<string, (t: number) => number>> = {
  '1.05^t': (t) => initial * 1.05 ** t,
  '1.25^t': (t) => initial * 1.25 ** t,
  linear: (t) => initial * (1 + t),
  'constant 50': () => 50,
  'constant 200': () => 200,
  'constant 1000': () => 1000,
}

if (values.only.includes('cost')) {
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
}
if (values.only.includes('regret')) {
  console.log(
    `\nworst regret over ${BUDGET_SHARES.length} budgets up to C, in points of the best reward, and at C; C is ${HORIZON} times what the best fixed policy of the grid takes to a gap of ${NEAREST}; all from n_0 ${initial}, ${problems} problems an evaluation charged to adaptive alone`,
  )
  for (const [name, model] of Object.entries(SETTINGS)) reportRegret(name, model)
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

/** Worst regret over budgets, in points of the best reward; the evaluation is charged to the adaptive policy alone. */
function reportRegret(name: string, model: GaussianModel): void {
  const { bestReward } = constantsOf(model)
  const cheapest = fixedPolicies(model).map(({ size }) => costToReach(model, sizesOf(size), NEAREST))
  const most = HORIZON * Math.min(...cheapest.map((cost) => cost ?? Number.POSITIVE_INFINITY))
  const budgets = BUDGET_SHARES.map((share) => share * most)
  const plain = Object.values(PLAIN).map((size) => rewardsWithin(model, sizesOf(size), budgets, 0))
  const tables = Array.from({ length: seeds }, (_, seed) => {
    const sizes = adaptiveSizes(model, 1000 + seed, most)
    const arms = [rewardsWithin(model, sizes, budgets, problems), ...plain]
    const best = budgets.map((_, at) => Math.max(...arms.map((own) => own[at] ?? 0)))
    return arms.map((own) => own.map((reward, at) => (100 * ((best[at] ?? 0) - reward)) / bestReward))
  })
  const cells = ['adaptive', ...Object.keys(PLAIN)].map((arm, place) => {
    const worst = tables.map((table) => Math.max(...(table[place] ?? [])))
    const end = tables.map((table) => table[place]?.at(-1) ?? 0)
    return `${arm} ${meanOf(worst).toFixed(1)} (${meanOf(end).toFixed(2)})`
  })
  console.log(`${name}, C ${most.toFixed(0)}`.padEnd(14) + cells.join('   '))
}

function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}

function sizesOf(size: (t: number) => number): number[] {
  return Array.from({ length: MOST_ITERATIONS }, (_, t) => Math.max(1, Math.floor(size(t) + 0.5)))
}

/** Expected reward of the newest model that each budget pays for, of the first one where it pays for none. */
function rewardsWithin(
  model: GaussianModel,
  sizes: readonly number[],
  budgets: readonly number[],
  fee: number,
): number[] {
  const points = costsAndRewards(model, sizes, fee)
  const base = rewardAt(model, model.theta2)
  return budgets.map((budget) => points.findLast(({ cost }) => cost <= budget)?.reward ?? base)
}

/** A run that sees what a run sees, until the cost is spent. */
function adaptiveSizes(model: GaussianModel, seed: number, most: number): readonly number[] {
  let sizes: readonly number[] = []
  adaptiveRun(model, seed, (chosen) => {
    sizes = [...chosen]
    return (costsAndRewards(model, chosen, problems).at(-1)?.cost ?? 0) >= most
  })
  return sizes
}

function adaptiveCost(model: GaussianModel, target: number, seed: number): number {
  let cost: number | undefined
  adaptiveRun(model, seed, (sizes) => {
    cost = costToReach(model, sizes, target, problems)
    return cost !== undefined
  })
  return cost ?? Number.POSITIVE_INFINITY
}

/** @param isOver is asked after every iteration */
function adaptiveRun(model: GaussianModel, seed: number, isOver: (sizes: readonly number[]) => boolean): void {
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
    if (isOver(sizes)) return
  }
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
