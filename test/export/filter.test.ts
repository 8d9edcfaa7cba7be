/** The export filter: options narrow, and one rule is not an option. */

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { SPLITS } from '../../src/core/problem.ts'
import { DISPOSITIONS } from '../../src/core/trace.ts'
import { createExportFilter, type Exportable, type ExportFilter } from '../../src/export/filter.ts'

const OPEN: ExportFilter = { maxPerProblem: undefined, minLength: undefined, maxLength: undefined }

function trace(changes: Partial<Exportable> = {}): Exportable {
  return { problem: 'p', split: 'train', disposition: 'accepted', text: 'A: 2', ...changes }
}

function kept(traces: readonly Exportable[], filter: Partial<ExportFilter> = {}): Exportable[] {
  return traces.filter(createExportFilter({ ...OPEN, ...filter }))
}

const anyTrace = fc.record({
  problem: fc.constantFrom('p', 'q', 'r'),
  split: fc.constantFrom<string>(...SPLITS, 'Train', ''),
  disposition: fc.constantFrom(...DISPOSITIONS, null),
  text: fc.string({ maxLength: 20 }),
})
const limit = fc.option(fc.nat(20), { nil: undefined })
const anyFilter = fc.record({ maxPerProblem: limit, minLength: limit, maxLength: limit })

test('nothing but accepted traces of the train split ever goes in, whatever the options', () => {
  fc.assert(
    fc.property(fc.array(anyTrace), anyFilter, (traces, filter) => {
      for (const { split, disposition } of kept(traces, filter)) {
        expect({ split, disposition }).toEqual({ split: 'train', disposition: 'accepted' })
      }
    }),
  )
})

test('without options every accepted trace of the train split goes in, in order', () => {
  fc.assert(
    fc.property(fc.array(anyTrace), (traces) => {
      expect(kept(traces)).toEqual(traces.filter((one) => one.split === 'train' && one.disposition === 'accepted'))
    }),
  )
})

describe('a cap per problem', () => {
  test('takes the earliest', () => {
    const traces = ['p', 'p', 'q', 'p', 'q'].map((problem, i) => trace({ problem, text: String(i) }))
    expect(kept(traces, { maxPerProblem: 2 }).map(({ text }) => text)).toEqual(['0', '1', '2', '4'])
    expect(kept(traces, { maxPerProblem: 0 })).toEqual([])
  })

  test('is not used up by traces that other options leave out', () => {
    const traces = [trace({ text: 'long answer' }), trace({ disposition: 'surplus' }), trace({ text: 'short' })]
    expect(kept(traces, { maxPerProblem: 1, maxLength: 5 }).map(({ text }) => text)).toEqual(['short'])
  })

  test('holds over the whole export', () => {
    fc.assert(
      fc.property(fc.array(anyTrace), fc.nat(5), (traces, maxPerProblem) => {
        const counts = Map.groupBy(kept(traces, { maxPerProblem }), ({ problem }) => problem)
        for (const own of counts.values()) expect(own.length).toBeLessThanOrEqual(maxPerProblem)
      }),
    )
  })
})

test.each<[Partial<ExportFilter>, string[]]>([
  [{ minLength: 2 }, ['ab', 'abc']],
  [{ maxLength: 2 }, ['', 'a', 'ab']],
  [{ minLength: 1, maxLength: 1 }, ['a']],
  [{ minLength: 0 }, ['', 'a', 'ab', 'abc']],
])('%j counts characters, both ends included', (filter, expected) => {
  expect(
    kept(
      ['', 'a', 'ab', 'abc'].map((text) => trace({ text })),
      filter,
    ).map(({ text }) => text),
  ).toEqual(expected)
})
