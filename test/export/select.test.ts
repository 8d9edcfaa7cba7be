/** The traces of an export: which go in as what, which are paired, which are drawn, and what is told of the rest. */

import { describe, expect, test } from 'vitest'
import { createRandom } from '../../src/core/seed.ts'
import { NO_FILTER } from '../../src/export/filter.ts'
import { createFates, type SelectionOptions, type SourceTrace, selectTraces } from '../../src/export/select.ts'
import { ACCEPTED } from './traces.ts'

const TOOLS = { solveRate: () => undefined, isContaminated: () => false, labelOf: () => undefined }
const PLAIN: SelectionOptions = { ...NO_FILTER, kind: 'accepted', balance: 'none', rows: undefined }

let lastId = 0
function trace(changes: Partial<SourceTrace> = {}): SourceTrace {
  lastId++
  return { ...ACCEPTED, id: lastId, iteration: 0, level: null, source: 'sums', text: `A: ${lastId}`, ...changes }
}
const wrong = (changes: Partial<SourceTrace> = {}): SourceTrace =>
  trace({ disposition: 'wrong', verdict: 'incorrect', ...changes })

function select(traces: readonly SourceTrace[], options: Partial<SelectionOptions> = {}, seed = 1) {
  const fates = createFates()
  let passes = 0
  const source = () => {
    passes++
    return traces
  }
  const selected = [...selectTraces(source, { ...PLAIN, ...options }, TOOLS, createRandom(seed), fates)]
  return { selected, passes, candidates: fates.candidates, dropped: Object.fromEntries(fates.dropped) }
}

describe('what goes in', () => {
  const accepted = trace()
  const unread = trace({ verdict: null })
  const incorrect = wrong()
  const cut = wrong({ finishReason: 'length' })
  const surplus = trace({ disposition: 'surplus' })
  const held = trace({ split: 'gate' })
  const all = [incorrect, accepted, cut, unread, surplus, held]

  test('of accepted traces is every one of them, whatever its verdict', () => {
    const { selected, candidates, dropped, passes } = select(all)
    expect(selected).toEqual([accepted, unread].map((one) => ({ trace: one, role: 'accepted', partner: undefined })))
    expect([candidates, dropped, passes]).toEqual([2, {}, 1])
  })

  test('of labelled ones are the correct and the incorrect, in the order of the run', () => {
    const { selected, candidates } = select(all, { kind: 'labelled' })
    expect(selected).toEqual([
      { trace: incorrect, role: 'incorrect', partner: undefined },
      { trace: accepted, role: 'correct', partner: undefined },
    ])
    expect(candidates).toBe(2)
  })

  test('of pairs are correct ones, with an incorrect one next to each', () => {
    const { selected, candidates, dropped } = select(all, { kind: 'pairs' })
    expect(selected).toEqual([{ trace: accepted, role: 'correct', partner: incorrect.id }])
    expect([candidates, dropped]).toEqual([1, {}])
  })

  test('is nothing of an empty run', () => {
    for (const kind of ['accepted', 'pairs', 'labelled'] as const) {
      for (const rows of [undefined, 3]) {
        const { selected, candidates, dropped } = select([], { kind, rows, balance: 'level' })
        expect([selected, candidates, dropped]).toEqual([[], 0, {}])
      }
    }
  })
})

describe('filters', () => {
  test('are counted by the one that left a trace out', () => {
    const traces = [
      trace({ text: 'long text' }),
      trace({ text: 'long text too' }),
      trace({ text: 'a' }),
      trace({ text: 'a' }),
    ]
    const { selected, candidates, dropped } = select(traces, { maxLength: 5, deduplicate: 'exact' })
    expect(selected.map(({ trace: one }) => one.id)).toEqual([traces[2]?.id])
    expect([candidates, dropped]).toEqual([4, { length: 2, duplicate: 1 }])
  })

  test('take the incorrect for no duplicates of the correct, and cap each of them', () => {
    const traces = [trace, wrong, trace, wrong].map((make) => make({ text: 'same' }))
    const ids = traces.map(({ id }) => id)
    const of = (options: Partial<SelectionOptions>) =>
      select(traces, { kind: 'labelled', ...options }).selected.map(({ trace: { id } }) => id)
    expect(of({ deduplicate: 'exact' })).toEqual(ids.slice(0, 2))
    expect(of({ maxPerProblem: 1 })).toEqual(ids.slice(0, 2))
    expect(of({ maxPerProblem: 2 })).toEqual(ids)
  })
})

describe('pairs', () => {
  test('are of one problem', () => {
    const [a, b] = [trace({ problem: 1 }), trace({ problem: 2 })]
    const other = wrong({ problem: 2 })
    const { selected, dropped } = select([a, b, other], { kind: 'pairs' })
    expect(selected).toEqual([{ trace: b, role: 'correct', partner: other.id }])
    expect(dropped).toEqual({ unpaired: 1 })
  })

  test('are of one iteration where there is a trace of it, else of the first that is left', () => {
    const [early, late] = [wrong({ iteration: 0 }), wrong({ iteration: 2 })]
    const [one, two] = [trace({ iteration: 2 }), trace({ iteration: 2 })]
    const partners = (list: readonly SourceTrace[]) =>
      select(list, { kind: 'pairs' }).selected.map(({ trace: { id }, partner }) => [id, partner])
    expect(partners([early, late, one, two])).toEqual([
      [one.id, late.id],
      [two.id, early.id],
    ])
    expect(partners([late, early, trace({ iteration: 1 })]).at(0)?.[1]).toBe(late.id)
  })

  test('use each incorrect trace once, and count the correct ones that are left alone', () => {
    const correct = [trace(), trace(), trace()]
    const incorrect = [wrong(), wrong()]
    const { selected, candidates, dropped } = select([...correct, ...incorrect], { kind: 'pairs' })
    expect(selected.map(({ partner }) => partner)).toEqual(incorrect.map(({ id }) => id))
    expect([candidates, dropped]).toEqual([3, { unpaired: 1 }])
  })

  test('have partners that pass the same filters, as many as there are whatever the cap', () => {
    const traces = [trace({ text: 'ab' }), trace({ text: 'cd' }), trace({ text: 'ef' })]
    const partners = ['a wrong one that is long', 'no', 'no', 'na', 'ne'].map((text) => wrong({ text }))
    const of = (options: Partial<SelectionOptions>) =>
      select([...traces, ...partners], { kind: 'pairs', ...options }).selected.map(({ partner }) => partner)
    const [, no, again, na, ne] = partners.map(({ id }) => id)
    expect(of({ maxLength: 5 })).toEqual([no, again, na])
    expect(of({ maxLength: 5, deduplicate: 'exact' })).toEqual([no, na, ne])
    expect(of({ maxLength: 5, maxPerProblem: 2 })).toEqual([no, again])
  })

  test('that a filter leaves out keep their partner for another', () => {
    const partner = wrong()
    const traces = [trace({ text: 'a text that is too long' }), trace({ text: 'ok' }), partner]
    const { selected, dropped } = select(traces, { kind: 'pairs', maxLength: 6 })
    expect(selected.map(({ trace: { text }, partner: id }) => [text, id])).toEqual([['ok', partner.id]])
    expect(dropped).toEqual({ length: 1 })
  })
})

describe('a draw', () => {
  const levels = ['easy', 'easy', 'easy', 'easy', 'hard', 'hard', null]
  const traces = levels.map((level, i) => trace({ level, problem: i % 2, iteration: i % 3, source: i < 6 ? 's' : 't' }))
  const count = (list: readonly { readonly trace: SourceTrace }[], key: 'level' | 'problem' | 'source' | 'iteration') =>
    [...Map.groupBy(list, ({ trace: one }) => one[key]).values()].map(({ length }) => length).sort()

  test('of so many rows takes them from all, in the order of the run, and counts the rest', () => {
    const { selected, dropped, candidates } = select(traces, { rows: 3 })
    expect(selected).toHaveLength(3)
    const ids = selected.map(({ trace: { id } }) => id)
    expect(ids).toEqual(ids.toSorted((a, b) => a - b))
    expect([candidates, dropped]).toEqual([7, { 'not-drawn': 4 }])
    expect(selected.every(({ role, partner }) => role === 'accepted' && partner === undefined)).toBe(true)
  })

  test('is the same for one seed and another for others', () => {
    const ids = (seed: number) => select(traces, { rows: 3 }, seed).selected.map(({ trace: { id } }) => id)
    expect(ids(4)).toEqual(ids(4))
    expect(new Set([1, 2, 3, 4, 5, 6].map((seed) => ids(seed).join())).size).toBeGreaterThan(2)
  })

  test('of more rows than there are takes all, and none is left to count', () => {
    const { selected, dropped } = select(traces, { rows: 100 })
    expect(selected.map(({ trace: one }) => one)).toEqual(traces)
    expect(dropped).toEqual({})
  })

  test('without a number takes of each group as many as the smallest has; traces without a level are a group', () => {
    expect(count(select(traces, { balance: 'level' }).selected, 'level')).toEqual([1, 1, 1])
    expect(count(select(traces, { balance: 'source' }).selected, 'source')).toEqual([1, 1])
    expect(count(select(traces, { balance: 'problem' }).selected, 'problem')).toEqual([3, 3])
    expect(count(select(traces, { balance: 'iteration' }).selected, 'iteration')).toEqual([2, 2, 2])
    expect(select(traces, { balance: 'level' }).dropped).toEqual({ 'not-drawn': 4 })
  })

  test('balances a number of rows over the groups', () => {
    expect(count(select(traces, { balance: 'level', rows: 5 }).selected, 'level')).toEqual([1, 2, 2])
  })

  test('keeps the pairs and the roles of what it takes', () => {
    const correct = [0, 1, 2, 3].map((problem) => trace({ problem }))
    const partners = new Map(correct.map(({ id, problem }) => [id, wrong({ problem, text: `B: ${problem}` })]))
    const all = [...correct, ...partners.values()]
    const { selected, dropped } = select(all, { kind: 'pairs', rows: 2 })
    expect(selected).toHaveLength(2)
    for (const { trace: one, role, partner } of selected) {
      expect([role, partner]).toEqual(['correct', partners.get(one.id)?.id])
    }
    expect(dropped).toEqual({ 'not-drawn': 2 })
    const labelled = select(all, { kind: 'labelled', balance: 'problem' }).selected
    expect(labelled).toHaveLength(8)
    for (const { trace: one, role } of labelled) expect(role).toBe(one.verdict)
  })

  test('is of what the filters let pass', () => {
    const long = [trace({ text: 'a text that is too long' }), ...traces]
    const { selected, dropped } = select(long, { rows: 100, maxLength: 9 })
    expect(selected.map(({ trace: one }) => one)).toEqual(traces)
    expect(dropped).toEqual({ length: 1 })
  })
})
