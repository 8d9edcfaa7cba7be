/** The gate: it lets harmless checkpoints through and catches real harm, with the error budget of a whole run. */

import { describe, expect, test } from 'vitest'
import { drawBinomial } from '../../../src/core/measure/draws.ts'
import { type GateInput, gateAlpha, judgeGate } from '../../../src/core/measure/gate.ts'
import { createRandom, type Random } from '../../../src/core/seed.ts'

const TESTS = 10
const WHOLE = 0.05
const RUN = { margin: 0.02, samples: 1, alpha: WHOLE / TESTS }

/** Right answers by problem, each problem with a difficulty of its own, as both checkpoints meet it. */
function measure(random: Random, chances: readonly number[], samples = 1): Map<string, number> {
  return new Map(chances.map((chance, i) => [`p${i}`, drawBinomial(samples, chance, random) / samples]))
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
})

describe('the error budget', () => {
  const spend = (left: readonly number[], attempts: number): number[] => {
    const spent: number[] = []
    for (const one of left) spent.push(gateAlpha({ alpha: 0.05, attempts, spent, left: one }))
    return spent
  }

  test('is divided evenly where the number of iterations is known', () => {
    for (const alpha of spend([5, 4, 3, 2, 1], 2)) expect(alpha).toBeCloseTo(0.005, 12)
  })

  test('adds up to alpha however the expected number of iterations moves, and no test is left without', () => {
    const spent = spend([12, 30, 6, 5, 2, 1], 2)
    expect(spent.reduce((sum, alpha) => sum + 2 * alpha, 0)).toBeCloseTo(0.05, 12)
    expect(Math.min(...spent)).toBeGreaterThan(0.05 / 2 / 40)
    expect(spent[0]).toBeCloseTo(0.05 / 24, 12)
  })

  test('is there again for a run that continues after its end', () => {
    expect(spend([2, 1, 4], 1)).toEqual([0.025, 0.025, 0.0125])
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
      for (let t = 0; t < TESTS; t++) {
        const after = measure(random, chances)
        if (judgeGate({ before, after, ...RUN }).decision === 'failed') {
          failed++
          break
        }
        before = after
      }
    }
    // Two standard errors of the simulation above alpha.
    expect(failed / runs).toBeLessThan(WHOLE + 2 * Math.sqrt((WHOLE * (1 - WHOLE)) / runs))
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

  test.each([10, 20, 50, 200])('a drop of 5 points passes in 1% at most, with %i problems', (n) => {
    const random = createRandom(100 + n)
    for (const [easy, samples] of [
      [0.97, 1],
      [0.1, 1],
      [0.5, 4],
    ] as const) {
      let passed = 0
      for (let trial = 0; trial < 600; trial++) {
        // Hard problems are never solved and easy ones nearly always, so that most pairs are equal.
        const chances = Array.from({ length: n }, () => (random() < easy ? 0.99 : 0.01))
        const harmed = chances.map((chance) => chance * (1 - 0.05 / (0.98 * easy + 0.01)))
        const after = measure(random, harmed, samples)
        if (judgeGate({ before: measure(random, chances, samples), after, ...RUN, samples }).decision === 'passed')
          passed++
      }
      expect(passed / 600).toBeLessThanOrEqual(0.01)
    }
  })
})
