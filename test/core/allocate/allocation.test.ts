/** Inner allocation: whose turn it is under each rule, and that what it brings is what the rule says. */

import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type Allocation, createRule, standingOf } from '../../../src/core/allocate/allocation.ts'
import { carriedTallies, carryOn } from '../../../src/core/allocate/coverage.ts'
import { type PastTally, solveRate } from '../../../src/core/allocate/posterior.ts'
import { heapRanks } from '../../../src/core/allocate/recency-heap.ts'
import { planWave, type SourcePlaces } from '../../../src/core/allocate/wave.ts'
import { createRandom } from '../../../src/core/seed.ts'
import { largestRemainder } from '../../../src/loop/sample/quotas.ts'
import { countsOf, FLAT, play } from '../budget/play.ts'

const RATES = new Map(Array.from({ length: 40 }, (_, i): [string, number] => [`p${i}`, (i + 0.5) / 40]))
const NONE = { trials: null }
const KINDS: readonly Allocation[] = [
  { kind: 'uniform' },
  { kind: 'until-k', correct: 3, trials: 20 },
  { kind: 'difficulty', hardest: 6, trials: 40 },
  { kind: 'boundary', presamples: 3, hopelessShare: 0.1, ...NONE },
  { kind: 'heap', samples: 4 },
  { kind: 'variance', alpha: 0.001, beta: 2, presamples: 4, hopelessShare: 0, ...NONE },
]

test.each(KINDS)('$kind lands on n_t whatever it is, and the same each time', (allocation) => {
  for (const wanted of [1, 37, 900]) {
    const once = play({ allocation, rates: RATES, wanted })
    expect(once.accepted).toHaveLength(wanted)
    expect(play({ allocation, rates: RATES, wanted })).toEqual(once)
  }
})

test('until-k gives every problem k accepted before any has more, however many are in flight', () => {
  const allocation: Allocation = { kind: 'until-k', correct: 3, trials: null }
  const { accepted } = play({ allocation, rates: RATES, wanted: 3 * 40, size: 500 })
  expect(new Set(countsOf(accepted).values())).toEqual(new Set([3]))
  expect(countsOf(accepted).size).toBe(40)
})

test('a problem that has had its trials waits until the others are through', () => {
  const rates = new Map([
    ['never', 0],
    ['always', 1],
    ['often', 0.8],
  ])
  const allocation: Allocation = { kind: 'until-k', correct: 5, trials: 12 }
  const { asked } = play({ allocation, rates, wanted: 10, size: 4 })
  expect(countsOf(asked).get('never')).toBeLessThanOrEqual(12)
  const more = play({ allocation, rates, wanted: 40, size: 4 })
  expect(countsOf(more.asked).get('never')).toBeGreaterThan(12)
})

test('difficulty gives hard problems more accepted traces than easy ones', () => {
  const rates = new Map([...Array(20)].map((_, i): [string, number] => [`p${i}`, i < 10 ? 0.2 : 0.9]))
  const { accepted } = play({
    allocation: { kind: 'difficulty', hardest: 8, trials: null },
    rates,
    wanted: 80,
    carried: new Map([...rates].map(([problem, rate]) => [problem, { asked: 50, correct: 50 * rate }])),
  })
  const counts = countsOf(accepted)
  const mean = (from: number): number =>
    Array.from({ length: 10 }, (_, i) => counts.get(`p${from + i}`) ?? 0).reduce((a, b) => a + b) / 10
  // (1 - 0.2) / (1 - 0.9) in posterior means is about 7: the hard ones get 8 before any has more, the easy ones 1.
  expect(mean(0)).toBeGreaterThan(5 * mean(10))
  expect(mean(10)).toBeGreaterThan(0)
})

test('boundary spends what is left after the presamples on problems that are solved sometimes, and the share on hopeless ones', () => {
  const rates = new Map<string, number>([
    ...[...Array(10)].map((_, i): [string, number] => [`hopeless${i}`, 0]),
    ...[...Array(10)].map((_, i): [string, number] => [`mastered${i}`, 1]),
    ...[...Array(10)].map((_, i): [string, number] => [`boundary${i}`, 0.5]),
  ])
  const carried = new Map(
    [...rates].map(([problem, rate]): [string, { asked: number; correct: number }] => [
      problem,
      { asked: 4, correct: 4 * rate },
    ]),
  )
  const allocation: Allocation = { kind: 'boundary', presamples: 4, hopelessShare: 0.1, ...NONE }
  const { asked } = play({ allocation, rates, wanted: 450, carried })
  const share = (name: string): number => asked.filter((problem) => problem.startsWith(name)).length / asked.length
  expect(share('mastered')).toBe(0)
  expect(share('hopeless')).toBeCloseTo(0.1, 2)
  expect(share('boundary')).toBeCloseTo(0.9, 2)
})

test('variance samples in proportion to 1 / sqrt(p + alpha / p), and not those that were never solved', () => {
  const rates = new Map([
    ['never', 0],
    ['rare', 0.05],
    ['even', 0.5],
    ['easy', 0.95],
  ])
  const carried = new Map([...rates].map(([problem, rate]) => [problem, { asked: 1e6, correct: 1e6 * rate }]))
  const allocation: Allocation = { kind: 'variance', alpha: 0.001, beta: 2, presamples: 8, hopelessShare: 0, ...NONE }
  const { asked } = play({ allocation, rates, wanted: 2000, carried })
  const counts = countsOf(asked)
  const weight = (p: number): number => 1 / Math.sqrt(p + 0.001 / p)
  const all = weight(0.05) + weight(0.5) + weight(0.95)
  expect(counts.get('never')).toBeUndefined()
  for (const [name, p] of [...rates].slice(1)) {
    expect((counts.get(name) ?? 0) / asked.length).toBeCloseTo(weight(p) / all, 2)
  }
})

test('whatever is mastered or hopeless, somebody is asked', () => {
  for (const allocation of KINDS) {
    for (const [correct, rate] of [
      [0, 0.3],
      [9, 0.3],
    ] as const) {
      const rates = new Map([...RATES.keys()].map((problem): [string, number] => [problem, rate]))
      const carried = new Map([...rates.keys()].map((problem) => [problem, { asked: 9, correct }]))
      expect(play({ allocation, rates, wanted: 50, carried }).accepted).toHaveLength(50)
    }
  }
})

// Design rule 4: within a problem the accepted traces are the model's own correct ones, whatever the rule goes by.
test.each(KINDS)('$kind: a draw of a problem is as often right as the problem is solved', (allocation) => {
  const asked = new Map<string, number>()
  const right = new Map<string, number>()
  for (let seed = 1; seed <= 60; seed++) {
    // Up to a fixed number of draws of each problem, so that how it stopped has no part in the count.
    for (const row of play({ allocation, rates: RATES, wanted: 200, seed }).past) {
      asked.set(row.problem, (asked.get(row.problem) ?? 0) + row.asked)
      right.set(row.problem, (right.get(row.problem) ?? 0) + row.correct)
    }
  }
  // A sum of (answer - p) over a predictable order is a martingale: its variance is that of independent draws.
  const sum = (of: (problem: string) => number): number => [...asked.keys()].reduce((all, key) => all + of(key), 0)
  const rate = (problem: string): number => RATES.get(problem) ?? 0
  const drift = sum((problem) => (right.get(problem) ?? 0) - (asked.get(problem) ?? 0) * rate(problem))
  const variance = sum((problem) => (asked.get(problem) ?? 0) * rate(problem) * (1 - rate(problem)))
  expect(Math.abs(drift) / Math.sqrt(variance)).toBeLessThan(4)
})

test('the posterior of a problem that was asked until it was solved is right on average over its prior, and the plain share is not', () => {
  const random = createRandom(7)
  let [truth, posterior, plain] = [0, 0, 0]
  const runs = 20_000
  for (let run = 0; run < runs; run++) {
    const p = random()
    let [asked, correct] = [0, 0]
    while (correct < 2 && asked < 12) {
      asked++
      if (random() < p) correct++
    }
    truth += p
    posterior += solveRate({ asked, correct }, FLAT)
    plain += correct / asked
  }
  expect(Math.abs(posterior - truth) / runs).toBeLessThan(0.005)
  expect((plain - truth) / runs).toBeGreaterThan(0.03)
})

test('older counts weigh less by the memory, and none are carried with memory 0', () => {
  const past: PastTally[] = [
    { iteration: 0, problem: 'a', asked: 8, correct: 4, firstIssue: 0 },
    { iteration: 1, problem: 'a', asked: 2, correct: 2, firstIssue: 0 },
  ]
  const weighing = (rows: readonly PastTally[], memory: number) =>
    carriedTallies(carryOn(new Map(), rows, { memory }), 2, { memory })
  expect(weighing(past, 0.5).get('a')).toEqual({ asked: 3, correct: 2 })
  expect(weighing(past, 1).get('a')).toEqual({ asked: 10, correct: 6 })
  expect(weighing(past, 0).get('a')).toBeUndefined()
})

test('the heap has the least recently sampled first, the harder first among these, and moves on only a^2 of the popped', () => {
  const ties = ['a', 'b', 'c', 'd', 'e', 'f']
  const row = (problem: string, correct: number, firstIssue: number): PastTally => ({
    iteration: 0,
    problem,
    asked: 4,
    correct,
    firstIssue,
  })
  // Accuracy 14/16 of a, b, c, d: round(4 x 0.77) = 3 of them move on.
  const past = [row('a', 4, 0), row('b', 2, 4), row('c', 4, 8), row('d', 4, 12)]
  const ranked = [...heapRanks(past, ties)].sort(([, x], [, y]) => x - y).map(([problem]) => problem)
  expect(ranked).toEqual(['d', 'e', 'f', 'b', 'a', 'c'])
  // A weak model: accuracy 1/8, round(4 / 64) = 0, so everybody stays in place.
  const weak = [row('a', 1, 0), row('b', 0, 4), row('c', 1, 8), row('d', 0, 12)]
  expect([...heapRanks(weak, ties).keys()]).toEqual(ties)
})

test('sources keep their ratio of prompts in every prefix', () => {
  const sources = [7, 2, 1].map((weight): SourcePlaces => ({ weight, quota: undefined, places: placesOf(weight, 30) }))
  const wave = planWave({ allocation: { kind: 'uniform' }, posterior: FLAT, sources, size: 500, maxPerProblem: null })
  const counts = new Map<string, number>()
  for (const [at, problem] of wave.entries()) {
    const source = problem.split('/')[0] ?? ''
    counts.set(source, (counts.get(source) ?? 0) + 1)
    for (const weight of [7, 2, 1]) {
      expect(Math.abs((counts.get(String(weight)) ?? 0) - ((at + 1) * weight) / 10)).toBeLessThan(1.01)
    }
  }
})

test('with a ratio of accepted traces a source is asked for what it still lacks, at the rate at which it brings it', () => {
  const source = (name: number, ended: number, eligible: number, quota: number): SourcePlaces => ({
    weight: 1,
    quota,
    places: placesOf(name, 10).map((place) => ({
      ...place,
      state: { ...place.state, asked: ended / 10, ended: ended / 10, eligible: eligible / 10 },
    })),
  })
  const sources = [source(1, 100, 70, 70), source(2, 100, 50, 60), source(3, 100, 10, 20)]
  const wave = planWave({ allocation: { kind: 'uniform' }, posterior: FLAT, sources, size: 1000, maxPerProblem: null })
  const counts = countsOf(wave.map((problem) => problem.split('/')[0] ?? ''))
  expect(counts.get('1')).toBeUndefined()
  expect(counts.get('2')).toBe(Math.ceil(10 / (51 / 102)))
  expect(counts.get('3')).toBe(Math.ceil(10 / (11 / 102)))
})

test('a problem with its cap of accepted traces is not asked again', () => {
  const [a, b] = placesOf(1, 2)
  if (!a || !b) throw new Error('two places')
  a.state = { ...a.state, asked: 3, ended: 3, eligible: 2 }
  const sources = [{ weight: 1, quota: undefined, places: [a, b] }]
  const wave = planWave({ allocation: { kind: 'uniform' }, posterior: FLAT, sources, size: 5, maxPerProblem: 2 })
  expect(new Set(wave)).toEqual(new Set(['1/1']))
})

test('a split by largest remainder sums to its total and is within one of every quota', () => {
  fc.assert(
    fc.property(
      fc.nat(10_000),
      fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1, maxLength: 8 }),
      (n, weights) => {
        const shares = largestRemainder(n, weights)
        const sum = weights.reduce((a, b) => a + b, 0)
        expect(shares.reduce((a, b) => a + b, 0)).toBe(n)
        for (const [at, share] of shares.entries())
          expect(Math.abs(share - (n * (weights[at] ?? 0)) / sum)).toBeLessThan(1)
      },
    ),
  )
  expect(largestRemainder(256, [7, 2, 1])).toEqual([179, 51, 26])
})

test.each([
  [{ asked: 0, correct: 0 }, 'unknown'],
  [{ asked: 0.5, correct: 0 }, 'hopeless'],
  [{ asked: 3, correct: 1 }, 'boundary'],
  [{ asked: 3, correct: 3 }, 'mastered'],
] as const)('%j is %s', (tally, standing) => {
  expect(standingOf(tally)).toBe(standing)
})

function placesOf(name: number, count: number) {
  const nothing = { asked: 0, correct: 0 }
  return Array.from({ length: count }, (_, i) => ({
    problem: `${name}/${i}`,
    state: { carried: nothing, rank: i, asked: 0, ended: 0, known: nothing, eligible: 0 },
  }))
}

test('a problem without a share has no turn once the presamples are over', () => {
  const tally = (asked: number, correct: number) => ({ asked, correct })
  const state = (correct: number) => ({
    carried: tally(4, correct),
    known: tally(0, 0),
    rank: 0,
    asked: 0,
    ended: 0,
    eligible: 0,
  })
  const [open, mastered] = [state(2), state(4)]
  const allocation = { kind: 'boundary', presamples: 3, hopelessShare: 0.1, trials: null } as const
  const rule = createRule(allocation, [open, mastered], FLAT)
  expect(rule(open)).toEqual({ tier: 0, ratio: 0.5 })
  expect(rule(mastered)).toBeUndefined()
})
