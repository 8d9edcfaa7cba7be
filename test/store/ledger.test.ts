/** The ledger and the traces: every sample, token and second is found again where it belongs. */

import { describe, expect, test } from 'vitest'
import type { Store } from '../../src/store/store.ts'
import type { TraceFilter, TraceRow } from '../../src/store/traces.ts'
import { completion, createRun, verdict } from './hand-made-run.ts'

/** Six completions of two iterations and two purposes. */
function fillIn(store: Store): void {
  const rows = [
    { key: { index: 0 }, kind: 'correct', fate: 'accepted' },
    { key: { index: 1 }, kind: 'correct', fate: 'surplus' },
    { key: { index: 2 }, kind: 'incorrect', fate: 'wrong' },
    { key: { index: 3 }, kind: undefined, fate: 'failed', finishReason: 'failed', text: '', completionTokens: 0 },
    { key: { iteration: 1, problem: 'sums/1' }, kind: 'correct', fate: 'accepted' },
    { key: { purpose: 'evaluate', problem: 'test/0' }, kind: 'no-answer', fate: undefined },
  ] as const
  const ids = store.completions.insert(
    rows.map(({ kind: _, fate: __, ...changes }) => completion(changes)),
    1,
  )
  store.verdicts.insert(
    rows.flatMap(({ kind }, i) =>
      kind ? [{ completion: ids[i] ?? 0, verdict: verdict(kind, kind === 'no-answer' ? undefined : '2') }] : [],
    ),
  )
  store.completions.close(rows.flatMap(({ fate }, i) => (fate ? [{ completion: ids[i] ?? 0, disposition: fate }] : [])))
}

describe('the ledger', () => {
  test('sums completions by purpose, iteration, fate, verdict and how they ended', () => {
    const store = createRun()
    fillIn(store)
    const sums = { cached: 0, completions: 1, promptTokens: 10, completionTokens: 5, latencyMs: 12.5 }
    const train = { purpose: 'train', iteration: 0, finishReason: 'stop', ...sums }
    expect(store.ledger.completions()).toEqual([
      { ...train, purpose: 'evaluate', disposition: null, verdict: 'no-answer' },
      { ...train, disposition: 'accepted', verdict: 'correct' },
      { ...train, disposition: 'failed', verdict: null, finishReason: 'failed', completionTokens: 0 },
      { ...train, disposition: 'surplus', verdict: 'correct' },
      { ...train, disposition: 'wrong', verdict: 'incorrect' },
      { ...train, iteration: 1, disposition: 'accepted', verdict: 'correct' },
    ])
  })

  test('loses no completion and no token', () => {
    const store = createRun()
    fillIn(store)
    const rows = store.ledger.completions()
    expect(rows.reduce((sum, row) => sum + row.completions, 0)).toBe(6)
    expect(rows.reduce((sum, row) => sum + row.promptTokens + row.completionTokens, 0)).toBe(
      store.ledger.totals().tokens,
    )
  })

  test('counts every attempt, also those before the one that came back', () => {
    const store = createRun()
    const attempt = { status: 503, message: 'busy', startedAt: 0, durationMs: 100 }
    store.completions.insert(
      [
        completion({
          attempts: [
            { ...attempt, outcome: 'server-error' },
            { ...attempt, outcome: 'rate-limited', status: 429 },
            { ...attempt, outcome: 'server-error' },
            { ...attempt, outcome: 'ok', status: 200 },
          ],
        }),
      ],
      1,
    )
    expect(store.ledger.attempts()).toEqual([
      { outcome: 'ok', attempts: 1, durationMs: 100 },
      { outcome: 'rate-limited', attempts: 1, durationMs: 100 },
      { outcome: 'server-error', attempts: 2, durationMs: 200 },
    ])
    expect(store.ledger.retried()).toBe(3)
    expect(createRun().ledger.retried()).toBe(0)
  })

  test('sums the run’s own seconds over all its processes; a stretch without a last beat ends at its last one', () => {
    const store = createRun()
    expect(store.ledger.seconds()).toBe(0)
    const first = store.ledger.startActivity(0, 'sampling', 1000)
    first.beat(3000)
    first.beat(4500)
    store.ledger.startActivity(0, 'sampling', 10_000).beat(11_000)
    store.ledger.startActivity(0, 'training', 20_000)
    store.ledger.startActivity(1, 'sampling', 30_000).beat(30_250)
    expect(store.ledger.activity()).toEqual([
      { iteration: 0, phase: 'sampling', seconds: 4.5 },
      { iteration: 0, phase: 'training', seconds: 0 },
      { iteration: 1, phase: 'sampling', seconds: 0.25 },
    ])
    expect(store.ledger.seconds()).toBe(4.75)
  })
})

describe('traces', () => {
  const ALL: TraceFilter = { purpose: 'train', iterations: undefined, verdict: undefined, disposition: undefined }

  test('carry the problem, the verdict, the fate and the checkpoint', () => {
    const store = createRun()
    fillIn(store)
    const [first] = [...store.traces.iterate(ALL)]
    expect(first).toEqual({
      id: 1,
      purpose: 'train',
      iteration: 0,
      problem: 'sums/0',
      index: 0,
      split: 'train',
      source: 'sums',
      level: null,
      question: '1 + 1?',
      gold: '2',
      text: 'A: 2',
      finishReason: 'stop',
      completionTokens: 5,
      verdict: 'correct',
      rule: 'number',
      by: 'checker',
      method: null,
      extracted: '2',
      disposition: 'accepted',
      checkpoint: 'sha256:base',
      promptTokens: 10,
      seed: 7,
      latencyMs: 12.5,
      model: 'base',
    } satisfies TraceRow)
  })

  test.each<[string, Partial<TraceFilter>, string[]]>([
    ['all of training', {}, ['0/0', '0/1', '0/2', '0/3', '1/0']],
    ['one iteration', { iterations: [1] }, ['1/0']],
    ['several iterations', { iterations: [0, 1] }, ['0/0', '0/1', '0/2', '0/3', '1/0']],
    ['no iteration', { iterations: [] }, []],
    ['a verdict', { verdict: 'correct' }, ['0/0', '0/1', '1/0']],
    ['a fate', { disposition: 'accepted' }, ['0/0', '1/0']],
    ['verdict and iteration', { verdict: 'correct', iterations: [0] }, ['0/0', '0/1']],
    ['another purpose', { purpose: 'evaluate' }, ['0/0']],
    ['a purpose of which nothing is drawn', { purpose: 'gate' }, []],
  ])('are filtered by %s, in order of iteration and issue', (_, filter, expected) => {
    const store = createRun()
    fillIn(store)
    const whole = { ...ALL, ...filter }
    expect([...store.traces.iterate(whole)].map(({ iteration, index }) => `${iteration}/${index}`)).toEqual(expected)
    expect(store.traces.count(whole)).toBe(expected.length)
  })

  test('are searched for words in any case', () => {
    const store = createRun()
    fillIn(store)
    const found = (search: string): number => store.traces.count({ ...ALL, search })
    expect(found('A: 2')).toBeGreaterThan(0)
    expect(found('A: 2')).toBe(found('a: 2'))
    expect(found('B: 2')).toBe(0)
  })
})
