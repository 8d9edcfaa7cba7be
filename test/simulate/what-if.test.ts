/** Policies played in drawn worlds: what they draw, what it costs, and what the bands hold. */

import { expect, test } from 'vitest'
import { VAGUE_CURVE } from '../../src/core/budget/contraction.ts'
import { drawCurves } from '../../src/core/budget/learning-curve.ts'
import type { RunBudget } from '../../src/core/budget/next-target.ts'
import { drawBinomial } from '../../src/core/measure/draws.ts'
import { createRandom } from '../../src/core/seed.ts'
import { constantsOf, gaussianStates, rewardAt } from '../../src/simulate/gaussian.ts'
import { playPolicy, type WhatIfTerms, type World } from '../../src/simulate/what-if.ts'
import { bandsOf, differenceOf } from '../../src/simulate/what-if-bands.ts'
import { SETTINGS } from './reference.ts'

const START = {
  iteration: 0,
  sizes: [],
  measuredAt: 0,
  gate: [],
  acceptance: [],
  rates: [],
  spent: 0,
  before: undefined,
}
const TERMS: WhatIfTerms = {
  start: START,
  problems: 1000,
  maxPerProblem: null,
  gateAnswers: 500,
  costs: { sample: 1, train: 2, iteration: 50 },
  seed: 1,
}
const POOL = { rate: 0.4, size: 1, unsolvable: 0, texts: Number.POSITIVE_INFINITY }
const FLAT: World = { pool: POOL, curve: undefined }
const CURVE = { contraction: 0.5, terms: [{ best: -Math.log(0.8), bias: Math.log(2), noise: 0 }] }
const BUDGET: RunBudget = { policy: { kind: 'exponential', initial: 400, growth: 2 }, unit: 'accepted', iterations: 3 }

test('without a curve N_t is n_t over the rate that was measured, and the cost follows by hand', () => {
  const runs = Array.from({ length: 200 }, (_, place) => playPolicy(BUDGET, FLAT, place, TERMS))
  const { iterations, totals } = bandsOf(runs)
  expect(iterations.map(({ accepted }) => accepted.median)).toEqual([400, 800, 1600])
  for (const { accepted, samples, accuracy } of iterations) {
    expect(Math.abs((samples.median * 0.4) / accepted.median - 1)).toBeLessThan(0.02)
    expect(samples.low).toBeLessThan(samples.median)
    expect(accuracy).toBeNull()
  }
  // 2,800 traces: 7,000 samples, 5,600 for training, 150 fixed.
  expect(Math.abs((totals.cost?.median ?? 0) / 12_750 - 1)).toBeLessThan(0.02)
  for (const { iterations: rows } of runs) {
    for (const row of rows) expect(row.cost).toBe(row.samples + 2 * row.accepted + 50)
    expect(rows.at(-1)?.spent).toBe(rows.reduce((sum, { cost }) => sum + (cost ?? 0), 0))
  }
})

test('with a curve the rate rises as the accuracy does, from what was measured', () => {
  const { iterations } = playPolicy(BUDGET, { pool: POOL, curve: CURVE }, 0, { ...TERMS, problems: 100_000 })
  // -log of the share: log 2 above the best, then a quarter of that, and a sixteenth.
  const shares = [0.8 * 2 ** -0.25, 0.8 * 2 ** -0.0625, 0.8 * 2 ** -0.015625]
  expect(iterations.map(({ accuracy }) => Number(accuracy?.toFixed(9)))).toEqual(
    shares.map((share) => Number(share.toFixed(9))),
  )
  const [, second, third] = iterations
  expect(Math.abs((second?.rate ?? 0) / (shares[0] ?? 1) - 1)).toBeLessThan(0.1)
  expect(Math.abs((third?.rate ?? 0) / (shares[1] ?? 1) - 1)).toBeLessThan(0.1)
})

test('a budget in cost ends the run, and one that cannot be priced does not bind', () => {
  const budget: RunBudget = { ...BUDGET, policy: { kind: 'constant', initial: 100 }, iterations: 50, cost: 2000 }
  const costs = { sample: 1, train: 2, iteration: 0 }
  const ends = Array.from({ length: 50 }, (_, place) => playPolicy(budget, FLAT, place, { ...TERMS, costs }))
  for (const { iterations } of ends) {
    // A trace costs 2.5 + 2, give or take; the last iteration takes what is left.
    expect(Math.abs((iterations.at(-1)?.spent ?? 0) / 2000 - 1)).toBeLessThan(0.15)
  }
  expect(playPolicy(budget, FLAT, 0, { ...TERMS, costs: null }).iterations).toHaveLength(50)
})

test('problems that cannot give n_t end the run there', () => {
  const run = playPolicy(BUDGET, FLAT, 0, { ...TERMS, maxPerProblem: 1 })
  const { iterations, exhaustedAt } = run
  expect(exhaustedAt).not.toBeNull()
  expect(iterations).toHaveLength(exhaustedAt ?? 0)
  expect(bandsOf([run]).totals.exhausted).toBe(1)
})

test('an adaptive policy sees noisy gate shares and grows; the same world gives the same run', () => {
  const policy = { kind: 'adaptive', initial: 200, contraction: 0.8, spread: 0.9, stopBelow: 0 } as const
  const play = () => playPolicy({ ...BUDGET, policy, iterations: 6 }, { pool: POOL, curve: CURVE }, 3, TERMS)
  const run = play()
  const { iterations } = run
  expect(iterations).toHaveLength(6)
  expect(iterations.at(-1)?.accepted).toBeGreaterThan(300)
  expect(play()).toEqual(run)
})

test('policies are compared world by world', () => {
  const world = (noise: number): World => ({
    pool: POOL,
    curve: { ...CURVE, terms: [{ best: 0.2, bias: 0.7, noise }] },
  })
  const worlds = [10, 50, 100].map(world)
  const play = (initial: number) =>
    worlds.map((one, place) =>
      playPolicy({ ...BUDGET, policy: { kind: 'constant', initial } }, one, place, { ...TERMS, problems: 50_000 }),
    )
  const difference = differenceOf(play(1000), play(100))
  expect(difference?.better).toBe(1)
  expect(difference?.accuracy.low).toBeGreaterThan(0)
  expect(differenceOf([playPolicy(BUDGET, FLAT, 0, TERMS)], [])).toBeNull()
})

test('in the Gaussian model the bands hold the expected reward that comes, from a measured base and an assumed curve', () => {
  const model = SETTINGS.B
  const { contraction, bestReward } = constantsOf(model)
  const truth = [...gaussianStates(model, [50, 60, 75, 95])].map(({ expectedReward }) => expectedReward)
  const base = rewardAt(model, model.theta2)
  let held = 0
  const seeds = 20
  for (let seed = 0; seed < seeds; seed++) {
    const random = createRandom(seed)
    const share = drawBinomial(400, base, random) / 400
    const best = { mean: -Math.log(bestReward), variance: 0.05 ** 2 }
    const curves = drawCurves(
      100,
      [],
      [[{ updates: 0, share, answers: 400 }]],
      { contraction: { contraction, spread: 0.15 }, curve: { ...VAGUE_CURVE, best } },
      random,
    )
    const budget: RunBudget = {
      policy: { kind: 'exponential', initial: 50, growth: 1.24 },
      unit: 'accepted',
      iterations: 4,
    }
    const runs = curves.map((curve, place) =>
      playPolicy(budget, { pool: { ...POOL, rate: share }, curve }, place, { ...TERMS, seed }),
    )
    const { iterations } = bandsOf(runs)
    expect(iterations.map(({ accepted }) => accepted.median)).toEqual([50, 62, 77, 95])
    const last = iterations.at(-1)?.accuracy
    if (last && last.low <= (truth.at(-1) ?? 0) && (truth.at(-1) ?? 0) <= last.high) held++
    expect((last?.high ?? 1) - (last?.low ?? 0)).toBeLessThan(0.25)
  }
  expect(held / seeds).toBeGreaterThanOrEqual(0.9)
})
