/** The plan: what is known is summed, what is not is null, and what is missing is a subtraction. */

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { missing, type PlanInput, planRun } from '../../../src/core/budget/plan.ts'

const INPUT: PlanInput = {
  policy: { kind: 'exponential', initial: 100, growth: 2 },
  unit: 'accepted',
  batchSize: 1,
  iterations: 3,
  costs: { sample: 1, train: 2, iteration: 10 },
  acceptanceRate: 0.5,
}

describe('a plan', () => {
  test('tells accepted, expected samples and cost of every iteration and of all', () => {
    expect(planRun(INPUT)).toEqual({
      iterations: [
        { iteration: 0, accepted: 100, expectedSamples: 200, cost: 410 },
        { iteration: 1, accepted: 200, expectedSamples: 400, cost: 810 },
        { iteration: 2, accepted: 400, expectedSamples: 800, cost: 1610 },
      ],
      totals: { accepted: 700, samples: 1400, cost: 2830 },
    })
  })

  test('prices the probe, and every hinted sample as if it were trained on', () => {
    const { iterations, totals } = planRun({ ...INPUT, iterations: 1, extras: { probes: 24, hintShare: 0.25 } })
    // 10 + (200 + 24 + 25) + 2 (100 + 25)
    expect(iterations).toEqual([
      { iteration: 0, accepted: 100, expectedSamples: 200, cost: 509, probes: 24, hints: 25 },
    ])
    expect(totals).toEqual({ accepted: 100, samples: 200, cost: 509 })
    expect(planRun({ ...INPUT, iterations: 1, extras: { probes: 0, hintShare: 0 } })).toEqual(
      planRun({ ...INPUT, iterations: 1 }),
    )
  })

  test.each<[string, Partial<PlanInput>, [accepted: boolean, samples: boolean, cost: boolean]]>([
    ['everything measured', {}, [true, true, true]],
    ['no acceptance rate', { acceptanceRate: null }, [true, false, false]],
    ['no costs', { costs: null }, [true, true, false]],
    ['samples counted, no acceptance rate', { unit: 'sampled', acceptanceRate: null }, [false, true, false]],
    ['samples counted and a rate', { unit: 'sampled' }, [true, true, true]],
  ])('%s: unknown quantities are null and so are totals over them', (_, change, [accepted, samples, cost]) => {
    const { iterations, totals } = planRun({ ...INPUT, ...change })
    for (const row of iterations) {
      expect({
        accepted: row.accepted !== null,
        samples: row.expectedSamples !== null,
        cost: row.cost !== null,
      }).toEqual({
        accepted,
        samples,
        cost,
      })
    }
    expect({
      accepted: totals.accepted !== null,
      samples: totals.samples !== null,
      cost: totals.cost !== null,
    }).toEqual({
      accepted,
      samples,
      cost,
    })
  })

  test('no iterations cost nothing', () => {
    expect(planRun({ ...INPUT, iterations: 0 }).totals).toEqual({ accepted: 0, samples: 0, cost: 0 })
  })

  test.each([
    [21, 0.7, 30],
    [7, 0.07, 100],
    [100, 0.3, 334],
    [1, 1, 1],
  ])('%i accepted at a rate of %f need %i samples', (initial, acceptanceRate, samples) => {
    const plan = planRun({ ...INPUT, policy: { kind: 'constant', initial }, iterations: 1, acceptanceRate })
    expect(plan.totals.samples).toBe(samples)
  })

  test('expected samples are never fewer than the accepted ones, and the totals are the sums of the rows', () => {
    const rate = fc.double({ min: 1e-4, max: 1, noNaN: true })
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 5000 }),
        fc.integer({ min: 1, max: 20 }),
        rate,
        (initial, n, acceptanceRate) => {
          const policy = { kind: 'polynomial', initial, degree: 1 } as const
          const { iterations, totals } = planRun({ ...INPUT, policy, iterations: n, acceptanceRate })
          for (const row of iterations) expect(row.expectedSamples).toBeGreaterThanOrEqual(row.accepted ?? 0)
          expect(totals.accepted).toBe(iterations.reduce((sum, row) => sum + (row.accepted ?? 0), 0))
          expect(totals.samples).toBe(iterations.reduce((sum, row) => sum + (row.expectedSamples ?? 0), 0))
        },
      ),
    )
  })
})

describe('what is missing', () => {
  const keys = fc.uniqueArray(fc.nat(60).map(String))
  const wantedAndStored = fc.tuple(keys, keys)
  const lacking = (wanted: readonly string[], stored: readonly string[]): string[] =>
    missing(wanted, (key) => key, new Set(stored))

  test('is what is wanted less what is stored, in the order wanted', () => {
    fc.assert(
      fc.property(wantedAndStored, ([wanted, stored]) => {
        expect(lacking(wanted, stored)).toEqual(wanted.filter((key) => !stored.includes(key)))
      }),
    )
  })

  test('is all at the start and nothing at the end', () => {
    fc.assert(
      fc.property(keys, (wanted) => {
        expect(lacking(wanted, [])).toEqual(wanted)
        expect(lacking(wanted, wanted)).toEqual([])
      }),
    )
  })

  test('does not depend on where a run was killed: two stretches draw what one does', () => {
    fc.assert(
      fc.property(wantedAndStored, fc.nat(), ([wanted, stored], cut) => {
        const first = lacking(wanted, stored)
        const done = first.slice(0, first.length === 0 ? 0 : cut % first.length)
        expect([...done, ...lacking(wanted, [...stored, ...done])]).toEqual(first)
      }),
    )
  })
})
