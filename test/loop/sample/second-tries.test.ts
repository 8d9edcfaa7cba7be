/** Requests that were given up get one more try, later; and n_t is split between sources to the last trace. */

import { expect, test } from 'vitest'
import { largestRemainder, quotasOf } from '../../../src/loop/sample/quotas.ts'
import { createSecondTries } from '../../../src/loop/sample/second-tries.ts'
import { problemOf, scriptRun } from '../scripted-run.ts'

const wanted = (issue: number) => ({ issue, problem: problemOf('train', issue), index: 0 })
const ALL = Number.POSITIVE_INFINITY

test('a request that failed is due after so many others, or when nothing else is to do', () => {
  const tries = createSecondTries()
  tries.out(wanted(3))
  expect(tries.failed(3, 10)).toBe(true)
  expect(tries.isSecond(3)).toBe(false)
  expect(tries.next(73, ALL)).toBeUndefined()
  expect(tries.next(74, ALL)).toEqual(wanted(3))
  expect(tries.isSecond(3)).toBe(true)
  expect(tries.next(ALL, ALL)).toBeUndefined()
})

test('it gets no third try', () => {
  const tries = createSecondTries()
  tries.out(wanted(0))
  tries.failed(0, 0)
  tries.next(ALL, ALL)
  expect(tries.failed(0, 5)).toBe(false)
  expect(tries.next(ALL, ALL)).toBeUndefined()
})

test('one that was answered is not tried again, nor one that nobody sent', () => {
  const tries = createSecondTries()
  tries.out(wanted(0))
  tries.answered(0)
  expect(tries.failed(0, 0)).toBe(false)
  expect(tries.failed(1, 0)).toBe(false)
  expect(tries.next(ALL, ALL)).toBeUndefined()
})

test('they are tried in the order in which they failed, and none that nobody misses', () => {
  const tries = createSecondTries()
  for (const issue of [5, 2, 9]) {
    tries.out(wanted(issue))
    tries.failed(issue, issue)
  }
  expect(tries.next(ALL, 5)).toEqual(wanted(2))
  expect(tries.next(ALL, 5)).toBeUndefined()
  expect(tries.next(ALL, 10)).toEqual(wanted(5))
  expect(tries.next(ALL, 10)).toEqual(wanted(9))
})

test.each<[number, number[], number[]]>([
  [10, [1, 1], [5, 5]],
  [10, [1, 1, 1], [4, 3, 3]],
  [7, [3, 1], [5, 2]],
  [1, [1, 2, 3], [0, 0, 1]],
  [5, [0, 1], [0, 5]],
  [0, [1, 2], [0, 0]],
  [100, [7, 3], [70, 30]],
])('%i by the weights %j is %j', (total, weights, shares) => {
  expect(largestRemainder(total, weights)).toEqual(shares)
})

test('quotas are of accepted traces, and none are set where the ratio is of prompts', () => {
  const { context, begin } = scriptRun({ budget: 'ratioOf: accepted', context: { weights: { even: 3 } } })
  const train = context.problems.train.map((problem, i) => ({ ...problem, source: i % 2 === 0 ? 'even' : 'odd' }))
  const row = begin(8)
  const quotas = quotasOf({ ...context, problems: { ...context.problems, train } }, row)
  // A source without a weight has 1.
  expect([...(quotas?.most ?? [])]).toEqual([
    ['even', 6],
    ['odd', 2],
  ])
  expect(['train/0', 'train/1', 'nowhere'].map((id) => quotas?.sourceOf(id))).toEqual(['even', 'odd', ''])
  const plain = scriptRun()
  expect(quotasOf(plain.context, plain.begin(8))).toBeUndefined()
})
