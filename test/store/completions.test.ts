/** Completions: every key once, every verdict once, every fate once. */

import { describe, expect, test } from 'vitest'
import type { Store } from '../../src/store/store.ts'
import { completion, createRun, verdict } from './hand-made-run.ts'

describe('a completion', () => {
  test('comes back as it was stored, in issue order', () => {
    const store = createRun()
    const texts = ['plain', 'with "quotes" and\nlines', 'nul \0 inside', '数学 ∑ 😀', '', 'x'.repeat(100_000)]
    const ids = store.completions.insert(
      texts.map((text, i) => completion({ text, issue: texts.length - i, key: { index: i } })),
      1,
    )
    expect(new Set(ids).size).toBe(texts.length)
    const rows = store.completions.drawn('train', 0)
    expect(rows.map(({ text }) => text)).toEqual(texts.toReversed())
    expect(rows.at(-1)).toEqual({
      thinking: 0,
      id: ids[0],
      problem: 'sums/0',
      index: 0,
      issue: texts.length,
      text: 'plain',
      finishReason: 'stop',
      completionTokens: 5,
      verdict: undefined,
      extracted: undefined,
      gold: '2',
      question: '1 + 1?',
    })
  })

  test('drawn again under its key keeps its first text, its row and its attempts', () => {
    const store = createRun()
    const [first] = store.completions.insert([completion({ text: 'first' })], 1)
    const [second, fresh] = store.completions.insert(
      [completion({ text: 'second' }), completion({ key: { index: 1 } })],
      1,
    )
    expect(second).toBe(first)
    expect(fresh).not.toBe(first)
    expect(store.completions.drawn('train', 0).map(({ text }) => text)).toEqual(['first', 'A: 2'])
    expect(store.ledger.attempts()).toEqual([{ outcome: 'ok', attempts: 2, durationMs: 25 }])
  })

  test('that was a failed request gives its place, not its attempts, to the next try', () => {
    const store = createRun()
    const attempt = { outcome: 'server-error', status: 500, message: 'no', startedAt: 1, durationMs: 2 } as const
    const failed = completion({ text: '', finishReason: 'failed', attempts: [attempt, attempt] })
    const [first] = store.completions.insert([failed], 1)
    const [second] = store.completions.insert([completion({ text: 'at last' })], 1)
    const [third] = store.completions.insert([failed], 1)
    expect([second, third]).toEqual([first, first])
    expect(store.completions.drawn('train', 0)).toMatchObject([{ text: 'at last', finishReason: 'stop' }])
    expect(store.ledger.attempts()).toMatchObject([
      { outcome: 'ok', attempts: 1 },
      { outcome: 'server-error', attempts: 2 },
    ])
  })

  test('is another one for another purpose, iteration, problem or index', () => {
    const store = createRun()
    const keys = [
      {},
      { purpose: 'evaluate', problem: 'test/0' },
      { iteration: 1 },
      { problem: 'sums/1' },
      { index: 1 },
    ] as const
    const ids = store.completions.insert(
      keys.map((key) => completion({ key })),
      1,
    )
    expect(new Set(ids).size).toBe(keys.length)
  })

  test('of an unknown problem or checkpoint stops its whole batch', () => {
    const store = createRun()
    const good = completion()
    expect(() => store.completions.insert([good, completion({ key: { problem: 'gone', index: 1 } })], 1)).toThrow(
      'problem gone is not in this run',
    )
    expect(() => store.completions.insert([good], 99)).toThrow(/FOREIGN KEY/)
    expect(store.completions.drawn('train', 0)).toEqual([])
    expect(store.ledger.attempts()).toEqual([])
  })
})

test('a verdict is given once; the first one stays', () => {
  const store = createRun()
  const [id = 0] = store.completions.insert([completion()], 1)
  store.verdicts.insert([{ completion: id, verdict: verdict('correct') }])
  store.verdicts.insert([{ completion: id, verdict: verdict('timeout', undefined) }])
  expect(store.completions.drawn('train', 0).map((row) => row.verdict)).toEqual(['correct'])
})

describe('closing an iteration', () => {
  test('gives every completion its fate once, together with the next state', () => {
    const store = createRun()
    store.iterations.plan(0, { kind: 'accepted', count: 1 })
    const [a = 0, b = 0] = store.completions.insert([completion(), completion({ key: { index: 1 } })], 1)
    const fates = [
      { completion: a, disposition: 'accepted' },
      { completion: b, disposition: 'surplus' },
    ] as const
    expect(store.completions.isClosed('train', 0)).toBe(false)
    store.completions.close(fates)
    store.completions.close([{ completion: a, disposition: 'wrong' }])
    expect(store.completions.isClosed('train', 0)).toBe(true)
    expect(store.completions.accepted(0)).toBe(1)
    const all = { purpose: 'train', iterations: undefined, verdict: undefined, disposition: undefined } as const
    expect([...store.traces.iterate(all)].map(({ disposition }) => disposition)).toEqual(['accepted', 'surplus'])
  })

  test('leaves no trace where one of them cannot be written', () => {
    const store = createRun()
    const [id = 0] = store.completions.insert([completion()], 1)
    expect(() =>
      store.completions.close([
        { completion: id, disposition: 'accepted' },
        { completion: id + 99, disposition: 'wrong' },
      ]),
    ).toThrow('FOREIGN KEY')
    expect(store.ledger.completions().map(({ disposition }) => disposition)).toEqual([null])
  })
})

describe('more completions than are read at once', () => {
  const COUNT = 2_500
  const filled = (): Store => {
    const store = createRun()
    const drawn = Array.from({ length: COUNT }, (_, i) =>
      completion({ issue: COUNT - 1 - i, key: { index: i }, finishReason: i % 5 === 0 ? 'failed' : 'stop' }),
    )
    store.completions.insert(drawn, 1)
    return store
  }

  test('come in issue order, each once', () => {
    const { completions } = filled()
    expect([...completions.eachDrawn('train', 0)]).toEqual(completions.drawn('train', 0))
    expect([...completions.eachDrawn('train', 0)].map((row) => row.issue)).toEqual(
      Array.from({ length: COUNT }, (_, i) => i),
    )
    expect([...completions.eachDrawn('gate', 0)]).toEqual([])
  })

  test('wait for the verifier until they have a verdict, those that failed never', () => {
    const { completions, verdicts } = filled()
    const waiting: number[] = []
    for (const rows of completions.eachUnverified('train', 0)) {
      waiting.push(...rows.map(({ index }) => index))
      verdicts.insert(rows.map(({ id }) => ({ completion: id, verdict: verdict('correct') })))
    }
    expect(waiting).toHaveLength((COUNT * 4) / 5)
    expect(waiting.every((index) => index % 5 !== 0)).toBe(true)
    expect([...completions.eachUnverified('train', 0)]).toEqual([])
  })

  test('are given their fates in issue order, all or none', () => {
    const store = filled()
    const { completions } = store
    const asked: number[] = []
    const fateOf = ({ issue }: { readonly issue: number }) => {
      asked.push(issue)
      return issue < 10 ? 'accepted' : 'surplus'
    }
    const refuse = (): void => {
      throw new Error('not so')
    }
    expect(() => completions.closeEach('train', 0, fateOf, refuse)).toThrow('not so')
    expect(completions.isClosed('train', 0)).toBe(false)
    asked.length = 0
    completions.closeEach('train', 0, fateOf, () => undefined)
    expect(asked).toEqual(Array.from({ length: COUNT }, (_, i) => i))
    expect(completions.accepted(0)).toBe(10)
  })
})

describe('scores', () => {
  test('are the share of correct samples that ended by themselves, by problem, over a range of samples', () => {
    const store = createRun()
    const rows = [
      { problem: 'test/0', index: 0, kind: 'correct', finishReason: 'stop' },
      { problem: 'test/0', index: 1, kind: 'incorrect', finishReason: 'stop' },
      { problem: 'test/0', index: 2, kind: 'correct', finishReason: 'length' },
      { problem: 'test/0', index: 3, kind: undefined, finishReason: 'failed' },
      { problem: 'test/1', index: 0, kind: 'correct', finishReason: 'stop' },
      { problem: 'test/1', index: 1, kind: 'timeout', finishReason: 'stop' },
    ] as const
    const ids = store.completions.insert(
      rows.map(({ problem, index, finishReason }) =>
        completion({ key: { purpose: 'evaluate', problem, index }, finishReason }),
      ),
      1,
    )
    store.verdicts.insert(
      rows.flatMap(({ kind }, i) => (kind ? [{ completion: ids[i] ?? 0, verdict: verdict(kind) }] : [])),
    )
    const { scores } = store.completions
    expect([...scores('evaluate', 0)]).toEqual([
      ['test/0', 0.25],
      ['test/1', 0.5],
    ])
    expect([...scores('evaluate', 0, 0, 1)]).toEqual([
      ['test/0', 1],
      ['test/1', 1],
    ])
    expect([...scores('evaluate', 0, 2, 4)]).toEqual([['test/0', 0]])
    expect([...scores('evaluate', 1)]).toEqual([])
    expect([...scores('greedy', 0)]).toEqual([])
  })
})

test('tokens are of everything, training samples of training only, without failed requests', () => {
  const store = createRun()
  expect([store.ledger.totals().tokens, store.ledger.totals().priced]).toEqual([0, 0])
  store.completions.insert(
    [
      completion(),
      completion({ key: { index: 1 }, finishReason: 'length', completionTokens: 100 }),
      completion({ key: { index: 2 }, finishReason: 'failed', promptTokens: 0, completionTokens: 0 }),
      completion({ key: { purpose: 'evaluate', problem: 'test/0' } }),
    ],
    1,
  )
  expect(store.ledger.totals().tokens).toBe(15 + 110 + 0 + 15)
  expect(store.ledger.totals().priced).toBe(2)
})

test('acceptance rates reach as far as the last accepted completion: what was drawn beyond does not count', () => {
  const store = createRun()
  const fatesOf = (iteration: number, fates: readonly ('accepted' | 'wrong' | 'surplus')[]): void => {
    const ids = store.completions.insert(
      fates.map((_, issue) => completion({ issue, key: { iteration, index: issue } })),
      1,
    )
    const rows = fates.map((disposition, i) => ({ completion: ids[i] ?? 0, disposition }))
    store.completions.close(rows)
  }
  fatesOf(0, ['wrong', 'accepted', 'wrong', 'wrong', 'accepted', 'wrong', 'surplus', 'wrong'])
  fatesOf(1, ['accepted', 'accepted'])
  store.completions.insert([completion({ key: { iteration: 2 } })], 1)
  expect(store.ledger.acceptanceRates(9)).toEqual([0.4, 1])
  expect(store.ledger.acceptanceRates(1)).toEqual([0.4])
  expect(store.ledger.acceptanceRates(0)).toEqual([])
})
