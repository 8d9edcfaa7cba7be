/** Sums of ended iterations are stored once, and are at every moment what counting again would give. */

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type Completion, FINISH_REASONS, PURPOSES } from '../../src/core/completion.ts'
import { VERDICT_KINDS } from '../../src/core/verdict.ts'
import { askedBefore, talliesAt } from '../../src/run/problem-tallies.ts'
import type { Store } from '../../src/store/store.ts'
import { completion, createRun, verdict } from './hand-made-run.ts'

const ITERATIONS = [-1, 0, 1, 2]
const FATES = ['accepted', 'wrong', 'surplus', 'truncated', 'failed'] as const
const attempt = { message: '', startedAt: 0 } as const

const drawing = fc.record({
  kind: fc.constant('draw' as const),
  purpose: fc.constantFrom(...PURPOSES),
  iteration: fc.constantFrom(...ITERATIONS),
  problem: fc.constantFrom('sums/0', 'sums/1', 'test/0', 'held/0'),
  index: fc.nat(6),
  finishReason: fc.constantFrom(...FINISH_REASONS),
  tokens: fc.nat(500),
  latencyMs: fc.nat(4000).map((n) => n / 8),
  retries: fc.nat(2),
  cached: fc.boolean(),
  verdict: fc.option(fc.constantFrom(...VERDICT_KINDS)),
  fate: fc.option(fc.constantFrom(...FATES)),
})
const closing = fc.record({ kind: fc.constant('close' as const), through: fc.constantFrom(...ITERATIONS) })
const judging = fc.record({
  kind: fc.constant('judge' as const),
  row: fc.nat(40),
  verdict: fc.constantFrom(...VERDICT_KINDS),
})

const POSTERIOR = { memory: 0.5, prior: { correct: 1, wrong: 1 } } as const

function counted(store: Store): object {
  const { ledger } = store
  const byProblem = (rows: ReadonlyMap<string, unknown>) => [...rows].sort(([a], [b]) => (a < b ? -1 : 1))
  const all = Number.MAX_SAFE_INTEGER
  return {
    draws: ledger.completions(),
    ofOne: ITERATIONS.map((iteration) => ledger.completions({ iteration })),
    hints: ledger.completions({ purposes: ['hint', 'probe'] }),
    attempts: ledger.attempts(),
    retried: ledger.retried(),
    retries: ledger.retries(),
    inOrder: ledger.inOrder(all),
    before1: ledger.inOrder(1),
    totals: ledger.totals(),
    tallies: [1, 2, 3].map((iteration) => byProblem(talliesAt(store, iteration, POSTERIOR))),
    asked: [1, 3, all].map((iteration) => byProblem(askedBefore(store, iteration, POSTERIOR))),
  }
}

describe('stored sums', () => {
  test('equal the count over all completions, whatever came before and after they were stored', () => {
    fc.assert(
      fc.property(
        fc.array(fc.oneof({ arbitrary: drawing, weight: 8 }, closing, judging), { maxLength: 60 }),
        (steps) => {
          const store = createRun()
          for (const iteration of [0, 1, 2]) {
            store.iterations.plan(iteration, { kind: iteration === 2 ? 'sampled' : 'accepted', count: 3 })
          }
          let rows = 0
          for (const step of steps) {
            if (step.kind === 'close') store.sums.close(step.through)
            else if (step.kind === 'judge') {
              if (rows > 0 && store.verdicts.page(0, 1000).some(({ id }) => id === (step.row % rows) + 1)) {
                store.verdicts.replace([{ completion: (step.row % rows) + 1, verdict: verdict(step.verdict) }], 1)
              }
            } else rows = Math.max(rows, draw(store, step))
          }
          store.sums.close(1)
          store.problemSums.advance(POSTERIOR.memory)
          const stored = counted(store)
          store.sums.forget()
          expect(stored).toEqual(counted(store))
          store.close()
        },
      ),
      { numRuns: 60 },
    )
  })

  test('are forgotten when a completion of the iteration comes in later, and only then', () => {
    const store = createRun()
    const ids = store.completions.insert([completion(), completion({ key: { iteration: 1 } })], 1)
    store.completions.close(ids.map((id) => ({ completion: id, disposition: 'accepted' })))
    store.sums.close(1)
    expect(store.sums.open()).toEqual([])
    store.sums.addSummary(0, 'v1', '{"a":1}')
    store.sums.addSummary(1, 'v1', '{"a":2}')
    expect([...store.sums.summaries('v1')]).toEqual([
      [0, '{"a":1}'],
      [1, '{"a":2}'],
    ])
    expect([...store.sums.summaries('v2')]).toEqual([])
    store.completions.insert([completion({ key: { iteration: 1, purpose: 'evaluate', problem: 'test/0' } })], 1)
    expect(store.sums.open()).toEqual([1])
    expect([...store.sums.summaries('v1').keys()]).toEqual([0])
    store.completions.insert([completion({ key: { iteration: -1, purpose: 'evaluate', problem: 'test/0' } })], 1)
    expect([...store.sums.summaries('v1').keys()]).toEqual([])
    expect(store.ledger.inOrder(9).map(({ iteration, accepted }) => [iteration, accepted])).toEqual([
      [0, 1],
      [1, 1],
    ])
  })
})

function draw(store: Store, step: Drawing): number {
  const [id = 0] = store.completions.insert([completionOf(step)], 1)
  if (step.verdict !== null) store.verdicts.insert([{ completion: id, verdict: verdict(step.verdict) }])
  if (step.fate !== null) store.completions.close([{ completion: id, disposition: step.fate }])
  return id
}

interface Drawing {
  readonly purpose: Completion['key']['purpose']
  readonly iteration: number
  readonly problem: string
  readonly index: number
  readonly finishReason: Completion['finishReason']
  readonly tokens: number
  readonly latencyMs: number
  readonly retries: number
  readonly cached: boolean
  readonly verdict: (typeof VERDICT_KINDS)[number] | null
  readonly fate: (typeof FATES)[number] | null
}

function completionOf(step: Drawing): Completion {
  const { purpose, iteration, problem, index, finishReason, tokens, latencyMs, retries, cached } = step
  return completion({
    key: { purpose, iteration, problem, index },
    finishReason,
    completionTokens: tokens,
    latencyMs,
    cached,
    attempts: [
      ...Array.from({ length: retries }, (_, i) => ({
        ...attempt,
        outcome: 'timeout' as const,
        status: 0,
        durationMs: i + 0.5,
      })),
      { ...attempt, outcome: 'ok', status: 200, durationMs: latencyMs },
    ],
  })
}
