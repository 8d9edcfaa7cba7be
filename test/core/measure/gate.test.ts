/** The gate: it lets harmless checkpoints through and catches real harm, with the error budget of a whole run. */

import { describe, expect, test } from 'vitest'
import { type GateInput, judgeGate } from '../../../src/core/measure/gate.ts'
import { createRandom, type Random } from '../../../src/core/seed.ts'

const RUN = { margin: 0.02, alpha: 0.05, tests: 10 }

/** Right answers by problem, each problem with a difficulty of its own, as both checkpoints meet it. */
function measure(random: Random, chances: readonly number[]): Map<string, number> {
  return new Map(chances.map((chance, i) => [`p${i}`, random() < chance ? 1 : 0]))
}

function scores(n: number, right: number): Map<string, number> {
  return new Map(Array.from({ length: n }, (_, i) => [`p${i}`, i < right ? 1 : 0]))
}

describe('the decision', () => {
  test.each<[string, Partial<GateInput>, string]>([
    ['the same answers pass', {}, 'passed'],
    ['a clear gain passes', { after: scores(200, 150) }, 'passed'],
    ['a clear loss fails', { after: scores(200, 60) }, 'failed'],
    ['a loss within the margin does not fail', { after: scores(200, 97), margin: 0.05 }, 'passed'],
    ['a real loss smaller than the margin does not fail', { after: scores(200, 82), margin: 0.2 }, 'passed'],
    ['nothing in common is undecided', { before: new Map(), after: scores(200, 0) }, 'undecided'],
    ['two problems are too few to fail', { before: scores(2, 2), after: scores(2, 0) }, 'undecided'],
    ['two problems are too few to pass', { before: scores(2, 2), after: scores(2, 2) }, 'undecided'],
  ])('%s', (_, changes, decision) => {
    const input = { before: scores(200, 100), after: scores(200, 100), ...RUN, ...changes }
    expect(judgeGate(input).decision).toBe(decision)
  })

  test('a loss that chance explains is undecided', () => {
    const random = createRandom(3)
    const before = measure(random, Array(40).fill(0.5))
    const after = new Map([...before].map(([problem, score], i) => [problem, i < 6 ? 1 - score : score]))
    expect(judgeGate({ before, after, ...RUN }).decision).toBe('undecided')
  })

  test('each test gets its share of the error budget', () => {
    expect(judgeGate({ before: scores(9, 3), after: scores(9, 4), ...RUN }).alpha).toBeCloseTo(0.005, 12)
    expect(judgeGate({ before: scores(9, 3), after: scores(9, 4), ...RUN, tests: 0 }).alpha).toBe(0.05)
  })
})

describe('over whole runs', () => {
  test.each([10, 20, 60, 200])('a harmless checkpoint fails in at most alpha of them, with %i problems', (n) => {
    const random = createRandom(n)
    const runs = n < 100 ? 2000 : 800
    let failed = 0
    for (let run = 0; run < runs; run++) {
      // Every iteration's checkpoint is as good as the one before: the hardest case that must pass.
      const chances = Array.from({ length: n }, random)
      let before = measure(random, chances)
      for (let t = 0; t < RUN.tests; t++) {
        const after = measure(random, chances)
        if (judgeGate({ before, after, ...RUN }).decision === 'failed') {
          failed++
          break
        }
        before = after
      }
    }
    // Two standard errors of the simulation above alpha.
    expect(failed / runs).toBeLessThan(RUN.alpha + 2 * Math.sqrt((RUN.alpha * (1 - RUN.alpha)) / runs))
  })

  test('a drop of 8 points on 500 problems is caught nearly always', () => {
    const random = createRandom(8)
    const trials = 400
    let failed = 0
    for (let trial = 0; trial < trials; trial++) {
      // Problems are mostly easy or mostly hard for a model, so that the pairing tells much.
      const chances = Array.from({ length: 500 }, () => (random() < 0.5 ? 0.92 : 0.12))
      const harmed = chances.map((chance) => Math.max(0, chance - 0.08))
      const result = judgeGate({ before: measure(random, chances), after: measure(random, harmed), ...RUN })
      if (result.decision === 'failed') failed++
    }
    expect(failed / trials).toBeGreaterThan(0.95)
  })

  test('an unpaired rule of two points would send a harmless checkpoint back about every fourth time', () => {
    const random = createRandom(9)
    const trials = 2000
    let back = 0
    for (let trial = 0; trial < trials; trial++) {
      const of = (): number => [...measure(random, Array(500).fill(0.5)).values()].reduce((a, b) => a + b, 0) / 500
      if (of() - of() < -0.02) back++
    }
    expect(back / trials).toBeGreaterThan(0.2)
  })
})
