import { join } from 'node:path'
import fc from 'fast-check'
import { expect, onTestFinished, test } from 'vitest'
import { createRandom } from '../../src/core/seed.ts'
import type { VerdictKind } from '../../src/core/verdict.ts'
import { addExternal, externalPosition, openTextIndex, toQuery, VIEW_FILE } from '../../src/store/browse/text-index.ts'
import type { Store } from '../../src/store/store.ts'
import { truncateDatabase } from '../../src/store/truncate.ts'
import { problemList } from '../../src/view/problems.ts'
import { openRunView, type RunView } from '../../src/view/run-view.ts'
import { problemDetail, traceDetail } from '../../src/view/trace.ts'
import type { TraceQuery, TraceRow } from '../../src/view/wire.ts'
import { completion, createRun, PROBLEMS, temporaryFolder, verdict } from '../store/hand-made-run.ts'

const WORDS = ['apple', 'boxes', 'half', 'left', 'over', 'the']
const KINDS: readonly VerdictKind[] = ['correct', 'incorrect', 'no-answer']
const ALL: TraceQuery = { facets: {}, sort: 'oldest' }

interface Made {
  readonly folder: string
  readonly store: Store
}

/** Some hundred traces of three problems in two iterations, from a seed. */
function makeRun(count: number, seed = 1): Made {
  const folder = temporaryFolder()
  const store = createRun(folder)
  const random = createRandom(seed)
  const pick = <T>(of: readonly T[]): T => of[Math.floor(random() * of.length)] as T
  for (const iteration of [0, 1]) store.iterations.plan(iteration, { kind: 'accepted', count: 5 })
  const rows = Array.from({ length: count }, (_, at) => ({
    text: `${pick(WORDS)} ${pick(WORDS)} ${at}`,
    key: { problem: `sums/${at % 3}`, iteration: at < count / 2 ? 0 : 1, index: Math.floor(at / 3) },
    issue: at,
    completionTokens: 1 + Math.floor(random() * 20),
  }))
  const ids = store.completions.insert(rows.map(completion), 1)
  store.verdicts.insert(ids.map((id) => ({ completion: id, verdict: verdict(pick(KINDS)) })))
  const index = openTextIndex(join(folder, VIEW_FILE))
  index.add(
    ids.map((id, at) => ({ id, text: rows[at]?.text ?? '' })),
    { id: ids.at(-1) ?? 0, latency: 12.5 },
  )
  index.close()
  return { folder, store }
}

function open(folder: string): RunView {
  const view = openRunView(folder)
  onTestFinished(() => view.close())
  while (view.load());
  return view
}

/** Every page, one after the other. */
function readAll(view: RunView, query: TraceQuery, limit = 7): TraceRow[] {
  const rows: TraceRow[] = []
  for (let after: string | undefined; ; ) {
    const page = view.page(query, after, limit)
    rows.push(...page.rows)
    if (page.next === null) return rows
    after = page.next
  }
}

test('pages by key hold every trace that fits once, in every order', () => {
  const { folder } = makeRun(120)
  const view = open(folder)
  const all = readAll(view, ALL)
  expect(all).toHaveLength(120)
  expect(all.map(({ id }) => id)).toEqual(all.map(({ id }) => id).toSorted((a, b) => a - b))
  expect(readAll(view, { ...ALL, sort: 'newest' })).toEqual(all.toReversed())
  const longest = readAll(view, { ...ALL, sort: 'longest' }).map(({ tokens }) => tokens)
  expect(longest).toEqual(all.map(({ tokens }) => tokens).toSorted((a, b) => b - a))
  expect(readAll(view, { ...ALL, sort: 'shortest' }).map(({ tokens }) => tokens)).toEqual(longest.toReversed())
})

test('any filters give what fits all of them, and each count is what a click would give', () => {
  const { folder } = makeRun(150, 3)
  const view = open(folder)
  const all = readAll(view, ALL, 50)
  const some = <T>(values: readonly T[]) => fc.subarray([...values])
  const queries = fc.record({
    verdict: some(KINDS),
    iteration: some(['0', '1', '7']),
    level: some(['2', '3', 'none']),
    sort: fc.constantFrom('oldest' as const, 'longest' as const),
  })
  fc.assert(
    fc.property(queries, ({ verdict: verdicts, iteration, level, sort }) => {
      const fits = (row: TraceRow, without?: string): boolean =>
        (without === 'verdict' || verdicts.length === 0 || verdicts.includes(row.verdict ?? 'correct')) &&
        (without === 'iteration' || iteration.length === 0 || iteration.includes(String(row.iteration))) &&
        (without === 'level' || level.length === 0 || level.includes(row.level ?? 'none'))
      const query: TraceQuery = { facets: { verdict: verdicts, iteration, level }, sort }
      const wanted = all.filter((row) => fits(row))
      expect(new Set(readAll(view, query).map(({ id }) => id))).toEqual(new Set(wanted.map(({ id }) => id)))
      const counts = view.facets(query)
      expect(counts.total).toBe(wanted.length)
      for (const { value, count } of counts.facets.verdict)
        expect(count).toBe(all.filter((row) => fits(row, 'verdict') && row.verdict === value).length)
      for (const { value, count } of counts.facets.level)
        expect(count).toBe(all.filter((row) => fits(row, 'level') && (row.level ?? 'none') === value).length)
    }),
    { numRuns: 40 },
  )
})

test('a search gives what holds all words, with filters and orders, and neighbours follow the list', () => {
  const { folder, store } = makeRun(150, 5)
  const view = open(folder)
  const textOf = (id: number): string => store.detail.get(id)?.text ?? ''
  const all = readAll(view, ALL, 50)
  for (const sort of ['oldest', 'newest', 'longest'] as const) {
    const query: TraceQuery = { facets: { verdict: ['incorrect'] }, q: 'apple half', sort }
    const fits = (row: TraceRow): boolean =>
      row.verdict === 'incorrect' && /apple/.test(textOf(row.id)) && /half/.test(textOf(row.id))
    const found = readAll(view, query, 3)
    expect(new Set(found.map(({ id }) => id))).toEqual(new Set(all.filter(fits).map(({ id }) => id)))
    expect(view.facets(query).total).toBe(found.length)
    for (const [at, { id }] of found.entries())
      expect(view.neighbours(query, id)).toEqual({
        previous: found[at - 1]?.id ?? null,
        next: found[at + 1]?.id ?? null,
      })
  }
  expect(readAll(view, { ...ALL, q: '"left over"' }).every(({ id }) => textOf(id).startsWith('left over'))).toBe(true)
  expect(readAll(view, { ...ALL, q: 'zebra' })).toEqual([])
  expect(readAll(view, { ...ALL, q: 'app*' }).length).toBeGreaterThan(0)
})

test('what another process writes appears: rows, verdicts, fates, labels, and what a rollback took away', () => {
  const { folder, store } = makeRun(30)
  const view = open(folder)
  const [id = 0] = store.completions.insert(
    [completion({ key: { iteration: 1, index: 99 }, issue: 99, latencyMs: 77 })],
    1,
  )
  view.refresh()
  expect(view.facets(ALL).of).toBe(31)
  expect(view.page({ ...ALL, sort: 'newest' }, undefined, 1).rows[0]).toMatchObject({ id, verdict: null })
  store.verdicts.insert([{ completion: id, verdict: verdict('undecided') }])
  view.refresh()
  expect(readAll(view, { ...ALL, facets: { verdict: ['undecided'] } })).toHaveLength(1)
  store.completions.close([{ completion: id, disposition: 'wrong' }])
  store.labels.put({ trace: id, label: 'right', note: undefined, blind: false, at: 1 })
  view.refresh()
  expect(readAll(view, { ...ALL, facets: { disposition: ['wrong'], label: ['right'] } })).toMatchObject([
    { id, label: 'right' },
  ])
  store.verdicts.replace([{ completion: id, verdict: verdict('correct') }], 5)
  view.refresh()
  expect(readAll(view, { ...ALL, facets: { verdict: ['undecided'] } })).toEqual([])
  truncateDatabase(store.path, 1)
  view.refresh()
  expect(view.facets(ALL).of).toBe(15)
  store.completions.insert([completion({ key: { iteration: 1, index: 0 }, issue: 0, latencyMs: 3 })], 1)
  view.refresh()
  expect(readAll(view, { ...ALL, facets: { iteration: ['1'] } })).toHaveLength(1)
})

test('what was generated elsewhere is listed, searched and shown under its own label, in no iteration and in no audit', () => {
  const { folder, store } = makeRun(30)
  const view = open(folder)
  const own = readAll(view, ALL).map(({ id }) => id)
  const texts = ['a zebra in half', 'an apple', 'two zebras']
  const rows = texts.map((text, at) => ({
    ...{
      problem: 'sums/1',
      text,
      finishReason: 'stop' as const,
      tokenIds: undefined,
      hash: `h${at}`,
      place: `made.jsonl:${at + 1}`,
    },
    verdict: verdict(at === 1 ? 'incorrect' : 'correct', String(at)),
  }))
  const audited = view.strata().reduce((sum, { ids }) => sum + ids.length, 0)
  expect(store.external.put(rows.slice(0, 2))).toBe(2)
  view.refresh()
  expect(readAll(view, ALL, 7).map(({ id }) => id)).toEqual([-2, -1, ...own])
  store.external.put(rows.slice(2))
  const index = openTextIndex(join(folder, VIEW_FILE))
  addExternal(index, store.externalBrowse.texts(externalPosition(index), 10))
  index.close()
  store.external.dispose([{ id: 1, disposition: 'accepted' }])
  view.refresh()

  const all = readAll(view, ALL, 7)
  expect(all.map(({ id }) => id)).toEqual([-3, -2, -1, ...own])
  expect(readAll(view, { ...ALL, sort: 'newest' }, 7)).toEqual(all.toReversed())
  expect(all.slice(0, 3)).toMatchObject([
    { purpose: 'external', iteration: -2, problem: 'sums/1', verdict: 'correct', extracted: '2', disposition: null },
    { verdict: 'incorrect' },
    { verdict: 'correct', disposition: 'accepted' },
  ])
  const only: TraceQuery = { ...ALL, facets: { purpose: ['external'] } }
  expect(view.facets(only)).toMatchObject({ total: 3, of: 33, index: { rows: 1, text: 1 } })
  expect(view.facets(ALL).facets.purpose).toContainEqual({ value: 'external', count: 3 })
  expect(readAll(view, { ...only, q: 'half' }).map(({ id }) => id)).toEqual([-1])
  expect(readAll(view, { ...ALL, q: 'zebra*', sort: 'newest' }).map(({ id }) => id)).toEqual([-1, -3])
  expect(view.neighbours(only, -2)).toEqual({ previous: -3, next: -1 })
  expect(view.strata().reduce((sum, { ids }) => sum + ids.length, 0)).toBe(audited)
  expect(view.page({ ...ALL, facets: { iteration: ['0', '1'] } }, undefined, 50).rows.every(({ id }) => id > 0)).toBe(
    true,
  )

  expect(traceDetail(store, -1, undefined)).toMatchObject({
    ...{
      text: 'a zebra in half',
      purpose: 'external',
      checkpoint: null,
      prompt: null,
      model: 'made.jsonl:1',
      labels: [],
    },
    dispositionReason: expect.stringContaining('in no iteration and no n_t'),
  })
  expect(traceDetail(store, -9, undefined)).toBeUndefined()
  const { samples, rates } = problemDetail(store, 'sums/1') ?? { samples: [], rates: [] }
  expect(samples.slice(-3).map(({ id }) => id)).toEqual([-1, -2, -3])
  expect(rates.at(-1)).toEqual({ purpose: 'external', iteration: -2, asked: 3, correct: 2 })
})

test('a problem is shown with the solve rate that was published with it', () => {
  const folder = temporaryFolder()
  const store = createRun(
    folder,
    PROBLEMS.map((problem, at) => (at === 1 ? { ...problem, solveRate: 0.25 } : problem)),
  )
  const ids = store.completions.insert(
    [0, 1].map((at) => completion({ key: { problem: `sums/${at}` }, issue: at })),
    1,
  )
  store.verdicts.insert(ids.map((id) => ({ completion: id, verdict: verdict('correct') })))
  const { rows } = problemList(open(folder), { split: 'train', sort: 'name', q: '', offset: 0, limit: 9 })
  expect(rows.map(({ solveRate }) => solveRate)).toEqual([null, 0.25])
  expect(problemDetail(store, 'sums/1')?.solveRate).toBe(0.25)
})

test.each([
  ['boxes half', '"boxes" "half"'],
  ['"left over" the', '"left over" "the"'],
  ['x^2+1', '"x 2 1"'],
  ['app*', '"app"*'],
  ['\\frac{1}{2}', '"frac 1 2"'],
  ['AND OR NOT (', '"AND" "OR" "NOT"'],
  ["'; drop table x; --", '"drop" "table" "x"'],
  ['!!!', undefined],
])('%s is searched as %s, whatever it means to the index', (typed, query) => {
  expect(toQuery(typed)).toBe(query)
})
