/** What an export holds, counted: each trace once in every table that has a word for it. */

import { describe, expect, test } from 'vitest'
import { createFates } from '../../src/export/select.ts'
import { createTally, type SummarizedTrace } from '../../src/export/summary.ts'
import { ACCEPTED } from './traces.ts'

function trace(changes: Partial<SummarizedTrace> = {}): SummarizedTrace {
  const where = { id: 1, iteration: 0, level: null, source: 'sums', checkpoint: 1 }
  return { ...ACCEPTED, ...where, rule: null, checker: null, isHinted: false, ...changes }
}

function tally(
  traces: readonly Partial<SummarizedTrace>[],
  role: 'accepted' | 'correct' | 'incorrect' = 'accepted',
  withDuplicates = false,
) {
  const counted = createTally(withDuplicates, 0.8)
  for (const one of traces) counted.add({ trace: trace(one), role, partner: undefined })
  return counted.summary(createFates(), (checkpoint) => `sha256:${checkpoint}`)
}

test('of no trace is all zeros and empty tables', () => {
  const summary = tally([])
  expect(summary).toMatchObject({ rows: 0, problems: 0, candidates: 0, dropped: {}, iterations: {}, checkpoints: {} })
  expect(summary.characters).toMatchObject({ least: 0, most: 0 })
  expect(summary.duplicates).toBeUndefined()
})

test('rows are traces, problems are counted once, and lengths are of texts and of tokens', () => {
  const summary = tally([
    { problem: 1, text: 'a', completionTokens: 30 },
    { problem: 2, text: 'abc', completionTokens: 10 },
    { problem: 1, text: 'ab', completionTokens: 20 },
  ])
  expect([summary.rows, summary.problems]).toEqual([3, 2])
  expect(summary.characters).toMatchObject({ least: 1, median: 2, most: 3 })
  expect(summary.tokens).toMatchObject({ least: 10, median: 20, most: 30 })
})

test.each([
  ['iterations', { iteration: 3 }, { iteration: 4 }, { 3: 2, 4: 1 }],
  ['sources', { source: 'a' }, { source: 'b' }, { a: 2, b: 1 }],
  ['levels', { level: 'a' }, { level: 'b' }, { a: 2, b: 1 }],
  ['rules', { rule: 'a' }, { rule: 'b' }, { a: 2, b: 1 }],
  ['checkers', { checker: 'a' }, { checker: 'b' }, { a: 2, b: 1 }],
  ['checkpoints', { checkpoint: 7 }, { checkpoint: 9 }, { 'sha256:7': 2, 'sha256:9': 1 }],
] as const)('%s are counted', (table, one, other, expected) => {
  expect(tally([one, other, one])[table]).toEqual(expected)
})

test('what a trace has no level, rule or checker for is in no table of them', () => {
  const { rows, levels, rules, checkers } = tally([{}, { level: 'a', rule: 'b', checker: 'c' }])
  expect([rows, levels, rules, checkers]).toEqual([2, { a: 1 }, { b: 1 }, { c: 1 }])
})

test('names are in their order, numbers in them by size', () => {
  const summary = tally([
    { level: 'level 10' },
    { level: 'level 9' },
    { level: 'level 1' },
    { iteration: 12, source: 'b' },
  ])
  expect(Object.keys(summary.levels)).toEqual(['level 1', 'level 9', 'level 10'])
  expect(Object.keys(summary.sources)).toEqual(['b', 'sums'])
})

test('origins: what was imported is external even with a hint, else hinted or sampled', () => {
  const { origins } = tally([
    {},
    { isHinted: true },
    { isHinted: true, isExternal: true },
    { isExternal: true },
    { isExternal: false },
    { isExternal: true },
  ])
  expect(origins).toEqual({ external: 3, hinted: 1, sampled: 2 })
})

test('findings are counted where both go in, and not of accepted traces', () => {
  expect(tally([{}, {}], 'correct').labels).toEqual({ correct: 2 })
  expect(tally([{}], 'incorrect').labels).toEqual({ incorrect: 1 })
  expect(tally([{}]).labels).toEqual({})
})

test('what was left out is told as it was counted', () => {
  const fates = createFates()
  fates.candidates = 9
  fates.dropped.set('length', 4)
  expect(createTally(false, 0.8).summary(fates, String)).toMatchObject({ candidates: 9, dropped: { length: 4 } })
})

describe('repetitions', () => {
  const long = Array.from({ length: 60 }, (_, i) => `word${i}`).join(' ')
  const texts = ['1 + 1 = 2', 'so 1 + 1 = 2', '1 + 1 = 2', long, `${long} more`]

  test('are counted of each kind, within a problem', () => {
    const ofOne = texts.map((text) => ({ text }))
    expect(tally(ofOne, 'accepted', true).duplicates).toEqual({ exact: 1, equations: 2, near: 2 })
    const ofMany = texts.map((text, problem) => ({ text, problem }))
    expect(tally(ofMany, 'accepted', true).duplicates).toEqual({ exact: 0, equations: 0, near: 0 })
  })

  test('are not counted where nobody asked', () => {
    expect(tally(texts.map((text) => ({ text }))).duplicates).toBeUndefined()
    expect(tally([], 'accepted', true).duplicates).toEqual({ exact: 0, equations: 0, near: 0 })
  })
})
