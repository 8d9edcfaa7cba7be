/** The export filter: options narrow, and one rule is not an option. */

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Label } from '../../src/core/label.ts'
import { SPLITS } from '../../src/core/problem.ts'
import { DISPOSITIONS } from '../../src/core/trace.ts'
import { VERDICT_KINDS } from '../../src/core/verdict.ts'
import {
  createDuplicateCheck,
  createExportFilter,
  type Exportable,
  type ExportFilter,
  mayTrain,
  NO_FILTER,
  ROLES,
} from '../../src/export/filter.ts'
import { ACCEPTED } from './traces.ts'

const TOOLS = { solveRate: (problem: number) => problem / 10, isContaminated: () => false, labelOf: () => undefined }

function trace(changes: Partial<Exportable> = {}): Exportable {
  return { ...ACCEPTED, ...changes }
}

/** As an export does: what may train at all, then the filters. */
function kept(traces: readonly Exportable[], filter: Partial<ExportFilter> = {}): Exportable[] {
  const drop = createExportFilter({ ...NO_FILTER, ...filter }, TOOLS)
  return traces.filter((one) => mayTrain(one, 'accepted') && drop(one) === undefined)
}

const texts = (traces: readonly Exportable[]): string[] => traces.map(({ text }) => text)

const anyTrace = fc.record({
  problem: fc.constantFrom(1, 2, 3),
  split: fc.constantFrom<string>(...SPLITS, 'Train', ''),
  disposition: fc.constantFrom(...DISPOSITIONS, null),
  finishReason: fc.constantFrom('stop', 'length'),
  verdict: fc.constantFrom(...VERDICT_KINDS, null),
  rule: fc.constantFrom('number', 'text', null),
  text: fc.string({ maxLength: 20 }),
  completionTokens: fc.nat(20),
})

test('nothing but traces of the train split may ever train, as whatever', () => {
  fc.assert(
    fc.property(anyTrace, fc.constantFrom(...ROLES), (one, role) => {
      if (!mayTrain(one, role)) return
      expect(one.split).toBe('train')
      if (role === 'incorrect') expect(one).toMatchObject({ verdict: 'incorrect', finishReason: 'stop' })
      else expect(one.disposition).toBe('accepted')
      if (role === 'correct') expect(one.verdict).toBe('correct')
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
    const traces = [1, 1, 2, 1, 2].map((problem, i) => trace({ problem, text: String(i) }))
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

describe('repetitions', () => {
  const sum = (a: number, b: number): string => `First ${a} + ${b} = ${a + b} apples.`

  test('exact ones are dropped within their problem, or within the dataset', () => {
    const traces = [1, 1, 2].map((problem) => trace({ problem, text: 'same' }))
    expect(kept(traces, { deduplicate: 'exact' }).map(({ problem }) => problem)).toEqual([1, 2])
    expect(kept(traces, { deduplicate: 'exact', within: 'dataset' }).map(({ problem }) => problem)).toEqual([1])
  })

  test('equal equations are repetitions whatever stands around them; other equations are none', () => {
    const traces = [sum(1, 2), `So we see: ${sum(1, 2)}`, sum(2, 1), 'no equation', 'no equation at all'].map((text) =>
      trace({ text }),
    )
    expect(texts(kept(traces, { deduplicate: 'equations' }))).toEqual([
      sum(1, 2),
      sum(2, 1),
      'no equation',
      'no equation at all',
    ])
  })

  test('near ones are those that share most of their runs of words', () => {
    const long = Array.from({ length: 40 }, (_, i) => `word${i}`).join(' ')
    const traces = [long, `${long} more`, long.toUpperCase(), long.replaceAll('word', 'other'), ''].map((text) =>
      trace({ text }),
    )
    expect(texts(kept(traces, { deduplicate: 'near' }))).toEqual([long, long.replaceAll('word', 'other'), ''])
  })

  test('do not use up the cap', () => {
    const traces = ['a', 'a', 'b'].map((text) => trace({ text }))
    expect(texts(kept(traces, { deduplicate: 'exact', maxPerProblem: 2 }))).toEqual(['a', 'b'])
  })
})

test.each<[Partial<ExportFilter>, number[]]>([
  [{ maxSolveRate: 0.2 }, [1, 2]],
  [{ minSolveRate: 0.2 }, [2, 3]],
  [{ minSolveRate: 0.2, maxSolveRate: 0.2 }, [2]],
  [{ rules: ['text'] }, [2]],
  [{ rules: ['text', 'number'] }, [1, 2, 3]],
  [{ minTokens: 2, maxTokens: 2 }, [2]],
])('%j keeps the problems %j', (filter, expected) => {
  const traces = [1, 2, 3].map((n) => trace({ problem: n, completionTokens: n, rule: n === 2 ? 'text' : 'number' }))
  expect(kept(traces, filter).map(({ problem }) => problem)).toEqual(expected)
})

test('the filter that left a trace out is named, the first that did', () => {
  const drop = createExportFilter({ ...NO_FILTER, maxLength: 1, maxSolveRate: 0, maxPerProblem: 1 }, TOOLS)
  const contaminated = createExportFilter(NO_FILTER, { ...TOOLS, isContaminated: () => true })
  expect(drop(trace())).toBe('length')
  expect(drop(trace({ text: 'a' }))).toBe('solve-rate')
  expect([1, 2].map(() => drop(trace({ text: 'a', problem: 0 })))).toEqual([undefined, 'over-cap'])
  expect(contaminated(trace())).toBe('contaminated')
})

test('an accepted trace trains as accepted whatever its verdict, and as correct only where it is', () => {
  const roles = (one: Exportable) => ROLES.filter((role) => mayTrain(one, role))
  expect(roles(trace())).toEqual(['accepted', 'correct'])
  expect(roles(trace({ verdict: null }))).toEqual(['accepted'])
  expect(roles(trace({ verdict: 'undecided' }))).toEqual(['accepted'])
  expect(roles(trace({ finishReason: 'length' }))).toEqual(['accepted', 'correct'])
  expect(roles(trace({ disposition: 'surplus' }))).toEqual([])
  expect(roles(trace({ disposition: null }))).toEqual([])
})

test('an incorrect trace trains as such where it ended by itself, accepted or not', () => {
  const wrong = trace({ disposition: 'wrong', verdict: 'incorrect' })
  const roles = (one: Exportable) => ROLES.filter((role) => mayTrain(one, role))
  expect(roles(wrong)).toEqual(['incorrect'])
  expect(roles({ ...wrong, disposition: 'accepted' })).toEqual(['accepted', 'incorrect'])
  expect(roles({ ...wrong, finishReason: 'length' })).toEqual([])
  for (const split of ['gate', 'evaluate', '']) expect(roles({ ...wrong, split })).toEqual([])
  for (const verdict of VERDICT_KINDS) {
    expect(roles({ ...wrong, verdict })).toEqual(verdict === 'incorrect' ? ['incorrect'] : [])
  }
})

describe('labels of people', () => {
  const labelled = (label: Label | undefined, excludeLabelled: ExportFilter['excludeLabelled']) =>
    createExportFilter({ ...NO_FILTER, excludeLabelled }, { ...TOOLS, labelOf: () => label })(trace())

  test('keep out what is labelled so, and nothing else', () => {
    expect(labelled('wrong', ['wrong'])).toBe('labelled')
    expect(labelled('right', ['wrong'])).toBeUndefined()
    expect(labelled(undefined, ['wrong'])).toBeUndefined()
    expect(labelled('wrong', [])).toBeUndefined()
  })

  test('are asked for only where they are to keep out something', () => {
    expect(labelled('wrong', undefined)).toBeUndefined()
  })
})

test('a rule that is not known is one of none that were asked for', () => {
  const of = (rule: string | null, rules: readonly string[] | undefined) =>
    createExportFilter({ ...NO_FILTER, rules }, TOOLS)(trace({ rule }))
  expect(of(null, ['number'])).toBe('rule')
  expect(of('text', ['number'])).toBe('rule')
  expect(of('number', ['number', 'text'])).toBeUndefined()
  expect(of('number', [])).toBe('rule')
  expect(of(null, undefined)).toBeUndefined()
})

test('a problem whose rate nobody knows is left out where a bound was set', () => {
  const of = (bounds: Partial<ExportFilter>) =>
    createExportFilter({ ...NO_FILTER, ...bounds }, { ...TOOLS, solveRate: () => undefined })(trace())
  expect(of({ minSolveRate: 0 })).toBe('solve-rate')
  expect(of({ maxSolveRate: 1 })).toBe('solve-rate')
  expect(of({})).toBeUndefined()
})

test('of several filters the first one in their order is named', () => {
  const every = { ...NO_FILTER, excludeLabelled: ['wrong'] as const, rules: ['text'], maxLength: 1, maxTokens: 1 }
  const one = trace({ text: 'too long', completionTokens: 9, rule: 'number' })
  const label = { ...TOOLS, isContaminated: () => true, labelOf: () => 'wrong' as const }
  expect(createExportFilter({ ...every, maxSolveRate: 0 }, label)(one)).toBe('labelled')
  expect(createExportFilter(every, TOOLS)(one)).toBe('rule')
  expect(createExportFilter({ ...every, rules: undefined }, TOOLS)(one)).toBe('length')
  expect(createExportFilter({ ...NO_FILTER, maxTokens: 1 }, TOOLS)(one)).toBe('length')
  expect(createExportFilter({ ...NO_FILTER, maxSolveRate: 0 }, label)(one)).toBe('solve-rate')
})

describe('a check for duplicates', () => {
  const check = (deduplicate: ExportFilter['deduplicate'], within: ExportFilter['within'] = 'problem') => {
    const isDuplicate = createDuplicateCheck({ deduplicate, within, similarity: 0.8 })
    return (texts: readonly [number, string][]) => texts.map(([problem, text]) => isDuplicate(trace({ problem, text })))
  }
  const long = Array.from({ length: 30 }, (_, i) => `word${i}`).join(' ')

  test('of none finds none', () => {
    expect(
      check('none')([
        [1, 'a'],
        [1, 'a'],
      ]),
    ).toEqual([false, false])
  })

  test.each(['exact', 'equations', 'near'] as const)(
    'of %s ones keeps problems apart, unless it is of the dataset',
    (kind) => {
      const texts: [number, string][] = [
        [1, long],
        [2, long],
        [1, long],
      ]
      expect(check(kind)(texts)).toEqual([false, false, true])
      expect(check(kind, 'dataset')(texts)).toEqual([false, true, true])
    },
  )

  test('of exact ones takes texts of equal equations for two, and of equations for one', () => {
    const texts: [number, string][] = [
      [1, 'So 1 + 1 = 2.'],
      [1, 'Then 1 + 1 = 2.'],
    ]
    expect(check('exact')(texts)).toEqual([false, false])
    expect(check('equations')(texts)).toEqual([false, true])
  })

  test('of near ones is as strict as its share says', () => {
    const half = long.split(' ').with(10, 'other').with(20, 'other').join(' ')
    const at = (similarity: number) => {
      const isDuplicate = createDuplicateCheck({ deduplicate: 'near', within: 'problem', similarity })
      return [long, half].map((text) => isDuplicate(trace({ text })))
    }
    // 22 of 34 runs are common.
    expect(at(0.4)).toEqual([false, true])
    expect(at(0.9)).toEqual([false, false])
  })
})
