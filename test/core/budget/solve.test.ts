/** Solving a plan: it spends what there is and no more, and the growth is the best there is. */

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { planRun } from '../../../src/core/budget/plan.ts'
import { leastVarianceGrowth, type Open, type SolveInput, solvePlan } from '../../../src/core/budget/solve.ts'
import { constantsOf, gaussianStates, noiselessRates } from '../../../src/simulate/gaussian.ts'
import { descend } from '../../simulate/descend.ts'
import { SETTINGS, sum } from '../../simulate/reference.ts'

const INPUT: SolveInput = {
  policy: { kind: 'exponential', initial: 100, growth: 1.5 },
  unit: 'accepted',
  iterations: 6,
  costs: { sample: 1, train: 2, iteration: 50 },
  acceptanceRate: 0.5,
  available: 20_000,
}

const costOf = (input: SolveInput, change: Partial<SolveInput>): number =>
  planRun({ ...input, ...change }).totals.cost ?? Number.NaN

describe('what is left open', () => {
  const anyInput = fc.record({
    policy: fc.oneof(
      fc.record({ kind: fc.constant('constant' as const), initial: fc.integer({ min: 1, max: 200 }) }),
      fc.record({
        kind: fc.constant('polynomial' as const),
        initial: fc.integer({ min: 1, max: 200 }),
        degree: fc.double({ min: 0.1, max: 3, noNaN: true }),
      }),
      fc.record({
        kind: fc.constant('exponential' as const),
        initial: fc.integer({ min: 1, max: 200 }),
        growth: fc.double({ min: 1.01, max: 3, noNaN: true }),
      }),
      fc.record({
        kind: fc.constant('cost-aware' as const),
        initial: fc.integer({ min: 1, max: 200 }),
        growth: fc.double({ min: 1.01, max: 3, noNaN: true }),
      }),
    ),
    unit: fc.constantFrom('accepted' as const, 'sampled' as const, 'batches' as const),
    batchSize: fc.integer({ min: 1, max: 64 }),
    iterations: fc.integer({ min: 2, max: 12 }),
    costs: fc.record({
      sample: fc.double({ min: 0.01, max: 10, noNaN: true }),
      train: fc.double({ min: 0, max: 10, noNaN: true }),
      iteration: fc.double({ min: 0, max: 100, noNaN: true }),
    }),
    acceptanceRate: fc.oneof(
      fc.double({ min: 0.01, max: 1, noNaN: true }),
      fc.array(fc.double({ min: 0.01, max: 1, noNaN: true }), { minLength: 1, maxLength: 12 }),
    ),
    available: fc.double({ min: 10, max: 1e7, noNaN: true }),
  })

  test.each(['initial', 'growth', 'iterations'] as const)('%s is as large as can be paid, and no larger', (kind) => {
    fc.assert(
      fc.property(anyInput, (input) => {
        const solution = solvePlan(input, { kind })
        if (solution.kind === 'unbounded') return
        if (solution.kind === 'unaffordable') {
          expect(solution.cost).toBeGreaterThan(input.available)
          return
        }
        const { policy, iterations } = solution
        expect(costOf(input, { policy, iterations })).toBeLessThanOrEqual(input.available)
        const more = {
          initial: { policy: { ...policy, initial: policy.initial + 1 } },
          growth: {
            policy: 'growth' in policy ? { ...policy, growth: Math.round(policy.growth * 1e4 + 1) / 1e4 } : policy,
          },
          iterations: { iterations: iterations + 1 },
        }[kind]
        expect(costOf(input, { policy, iterations, ...more })).toBeGreaterThan(input.available)
      }),
    )
  })

  test('growth and initial: one over lambda where all samples cost the same, and what it pays for', () => {
    const solution = solvePlan(INPUT, { kind: 'growth-and-initial', contraction: 0.8 })
    expect(solution).toMatchObject({ kind: 'solved', iterations: 6, policy: { kind: 'exponential', growth: 1.25 } })
  })

  test.each<[string, Partial<SolveInput>, Open]>([
    ['no growth pays for one iteration too many', { iterations: 1000 }, { kind: 'growth' }],
    ['the fixed cost alone is too much', { costs: { sample: 1, train: 2, iteration: 1e6 } }, { kind: 'initial' }],
  ])('%s: unaffordable, with what it would cost', (_, change, open) => {
    expect(solvePlan({ ...INPUT, ...change }, open)).toMatchObject({ kind: 'unaffordable' })
  })

  test('what costs nothing has no end', () => {
    const free = { ...INPUT, costs: { sample: 0, train: 0, iteration: 1 } }
    expect(solvePlan(free, { kind: 'initial' })).toEqual({ kind: 'unbounded' })
    expect(solvePlan({ ...INPUT, iterations: 1 }, { kind: 'growth' })).toEqual({ kind: 'unbounded' })
  })
})

test('equal places: the best growth is one over lambda', () => {
  fc.assert(
    fc.property(fc.double({ min: 0.1, max: 0.99, noNaN: true }), fc.integer({ min: 2, max: 60 }), (lambda, count) => {
      const places = Array.from({ length: count }, () => ({ price: 3, yield: 1 }))
      expect(leastVarianceGrowth(lambda, places) * lambda).toBeCloseTo(1, 4)
    }),
  )
})

test.each([
  ['A', 10],
  ['B', 10],
  ['C', 20],
  ['D', 10],
] as const)('n_t of the best exponential is within 0.1%% of a generic optimiser’s in %s', (setting, iterations) => {
  const model = SETTINGS[setting]
  const costs = { sample: 1, train: 0.2 }
  const budget = 20_000
  const prices = noiselessRates(model, iterations).map((rate) => costs.train + costs.sample / rate)
  const { contraction } = constantsOf(model)
  const sizesAt = (growth: number): number[] => {
    const scale = budget / sum(prices.map((price, t) => price * growth ** t))
    return prices.map((_, t) => scale * growth ** t)
  }
  const growth = leastVarianceGrowth(
    contraction,
    prices.map((price) => ({ price, yield: 1 })),
  )
  const varianceOf = (sizes: readonly number[]): number => [...gaussianStates(model, sizes)].at(-1)?.variance ?? 0
  const [found = 0] = descend(([log = 0]) => Math.log(varianceOf(sizesAt(Math.exp(log)))), [0])
  const best = sizesAt(Math.exp(found))
  for (const [t, n] of sizesAt(growth).entries()) expect(Math.abs(n / (best[t] ?? 0) - 1)).toBeLessThan(1e-3)
  expect(growth).toBeGreaterThan(1 / contraction)
})
