import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createIssueOrder } from '../../../src/core/allocate/issue-order.ts'
import type { Problem } from '../../../src/core/problem.ts'

const problemsOf = (sizes: readonly number[]): Problem[] =>
  sizes.flatMap((size, source) =>
    Array.from({ length: size }, (_, number) => ({
      id: `s${source}/${number}`,
      split: 'train' as const,
      source: `s${source}`,
      level: undefined,
      question: 'How many?',
      answer: '1',
    })),
  )
const take = (order: ReturnType<typeof createIssueOrder>, count: number) =>
  Array.from({ length: count }, (_, i) => order(i))
const pools = fc.array(fc.tuple(fc.integer({ min: 1, max: 12 }), fc.double({ min: 0.01, max: 50, noNaN: true })), {
  minLength: 1,
  maxLength: 12,
})
const weightsOf = (pool: readonly (readonly [number, number])[]) =>
  Object.fromEntries(pool.map(([, weight], source) => [`s${source}`, weight]))

test('no problem and index come twice, and a problem is asked again only after all others of its source', () => {
  fc.assert(
    fc.property(pools, fc.integer(), fc.nat(9), (pool, seed, iteration) => {
      const issues = take(
        createIssueOrder(problemsOf(pool.map(([size]) => size)), weightsOf(pool), seed, iteration),
        200,
      )
      expect(new Set(issues.map(({ problem, index }) => `${problem.id}#${index}`)).size).toBe(200)
      const asked = new Map<string, number>()
      for (const { problem, index } of issues) {
        expect(index).toBe(asked.get(problem.id) ?? 0)
        asked.set(problem.id, index + 1)
      }
      for (const [source, [size]] of pool.entries()) {
        const counts = Array.from({ length: size }, (_, number) => asked.get(`s${source}/${number}`) ?? 0)
        expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(1)
      }
    }),
  )
})

test('every prefix keeps the ratio of the weights within one', () => {
  fc.assert(
    fc.property(pools, fc.integer(), (pool, seed) => {
      const sum = pool.reduce((total, [, weight]) => total + weight, 0)
      const order = createIssueOrder(problemsOf(pool.map(([size]) => size)), weightsOf(pool), seed, 0)
      const counts = pool.map(() => 0)
      for (let issue = 0; issue < 300; issue++) {
        const source = Number(order(issue).problem.source.slice(1))
        counts[source] = (counts[source] ?? 0) + 1
        for (const [i, [, weight]] of pool.entries()) {
          expect(Math.abs((counts[i] ?? 0) - (weight / sum) * (issue + 1))).toBeLessThanOrEqual(1 + 1e-9)
        }
      }
    }),
    { numRuns: 50 },
  )
})

test('equal seeds give equal orders, wherever the reading starts', () => {
  const problems = problemsOf([30, 7])
  const weights = { s0: 3, s1: 1 }
  const resumed = createIssueOrder(problems, weights, 4, 2)
  const late = resumed(150)
  const whole = take(createIssueOrder(problems, weights, 4, 2), 200)
  expect(late).toEqual(whole[150])
  expect(take(resumed, 200)).toEqual(whole)
})

test('another iteration and another seed ask in another order', () => {
  const problems = problemsOf([40])
  const first = take(createIssueOrder(problems, {}, 1, 0), 40)
  expect(take(createIssueOrder(problems, {}, 1, 1), 40)).not.toEqual(first)
  expect(take(createIssueOrder(problems, {}, 2, 0), 40)).not.toEqual(first)
})

test('sources without a weight count alike', () => {
  const issues = take(createIssueOrder(problemsOf([5, 5]), {}, 1, 0), 10)
  expect(issues.filter(({ problem }) => problem.source === 's0')).toHaveLength(5)
})
