/** Optimisation of one iteration out of the run's settings. */

import { describe, expect, test } from 'vitest'
import { type OptimizationSettings, optimizationOf, stepsOver } from '../../../src/core/budget/optimization.ts'

const SETTINGS: OptimizationSettings = {
  epochs: 2,
  steps: undefined,
  batch: 32,
  lr: 8e-6,
  lrSchedule: 'run-decay',
  warmupSteps: 3,
  optimizerState: 'keep',
}
const TARGETS = [100, 200, 500]

function lrOf(settings: OptimizationSettings, lrFactor = 1): [number, number][] {
  return TARGETS.map((rows, iteration) => {
    const { lrStart, lrEnd } = optimizationOf(settings, { iteration, rows, targets: TARGETS, lrFactor })
    return [lrStart, lrEnd]
  })
}

describe('a decay over the run', () => {
  test('falls with the accepted traces, since epochs follow them', () => {
    expect(lrOf({ ...SETTINGS, lr: 8 })).toEqual([
      [8, 7],
      [7, 5],
      [5, 0],
    ])
  })

  test('falls evenly where every iteration takes the same steps', () => {
    const third = 8e-6 / 3
    for (const [i, [start, end]] of lrOf({ ...SETTINGS, epochs: undefined, steps: 50 }).entries()) {
      expect(start).toBeCloseTo(8e-6 - i * third, 15)
      expect(end).toBeCloseTo(8e-6 - (i + 1) * third, 15)
    }
  })

  test('continues from where it stands to the end that is expected by now', () => {
    const at = (iteration: number, startsAt: number | undefined, targets: readonly number[]): number[] => {
      const of = { iteration, rows: 1, targets, lrFactor: 1, startsAt }
      const { lrStart, lrEnd } = optimizationOf({ ...SETTINGS, lr: 8 }, of)
      return [lrStart, lrEnd]
    }
    // As long as the expectation holds it is the same decay.
    expect(at(1, 7 / 8, TARGETS)).toEqual([7, 5])
    expect(at(2, 5 / 8, TARGETS)).toEqual([5, 0])
    // More is to come than was thought, or nothing more.
    expect(at(1, 7 / 8, [100, 200, 400, 800])).toEqual([7, 6])
    expect(at(1, 7 / 8, [100, 200])).toEqual([7, 0])
    expect(at(3, 0, [...TARGETS, 800])).toEqual([4, 0])
  })

  test('is scaled as a whole for another attempt', () => {
    expect(lrOf(SETTINGS, 0.5)).toEqual(lrOf({ ...SETTINGS, lr: 4e-6 }))
  })
})

test.each([
  ['the batch as it is set', {}, 100, { batch: 32, epochs: 2, steps: undefined }],
  [
    'steps alone, which split the rows evenly',
    { epochs: undefined, steps: 10, batch: undefined },
    105,
    { batch: 11, epochs: undefined, steps: 10 },
  ],
  [
    'more steps than rows',
    { epochs: undefined, steps: 10, batch: undefined },
    3,
    { batch: 1, epochs: undefined, steps: 10 },
  ],
  ['steps, before which epochs do not count', { steps: 10 }, 100, { batch: 32, epochs: undefined, steps: 10 }],
])('%s', (_, changes, rows, expected) => {
  const optimization = optimizationOf(
    { ...SETTINGS, ...changes },
    { iteration: 0, rows, targets: TARGETS, lrFactor: 1 },
  )
  expect(optimization).toMatchObject({ ...expected, warmupSteps: 3, optimizerState: 'keep' })
})

test('steps over a dataset are its epochs in batches, the last one perhaps not full', () => {
  const of = (rows: number, changes: Partial<OptimizationSettings> = {}): number =>
    stepsOver(optimizationOf({ ...SETTINGS, ...changes }, { iteration: 0, rows, targets: TARGETS, lrFactor: 1 }), rows)
  expect(of(64)).toBe(4)
  expect(of(65)).toBe(6)
  expect(of(65, { steps: 7 })).toBe(7)
})
