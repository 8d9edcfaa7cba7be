/** The account: nothing is counted twice and nothing is left out. */

import fc from 'fast-check'
import { expect, test } from 'vitest'
import { fixedPrices } from '../../../src/core/budget/cost-settings.ts'
import type { Costs } from '../../../src/core/budget/costs.ts'
import { type LedgerDraws, type LedgerInput, ledgerOf } from '../../../src/core/budget/ledger.ts'
import { FINISH_REASONS, PURPOSES } from '../../../src/core/completion.ts'
import { DISPOSITIONS } from '../../../src/core/trace.ts'

const count = fc.nat(1000)
const seconds = fc.double({ min: 0, max: 1e4, noNaN: true })
const iteration = fc.integer({ min: -1, max: 3 })
const price = fc.double({ min: 0, max: 9, noNaN: true })

const draws: fc.Arbitrary<LedgerDraws> = fc.record({
  purpose: fc.constantFrom(...PURPOSES),
  iteration,
  disposition: fc.option(fc.constantFrom(...DISPOSITIONS)),
  finishReason: fc.constantFrom(...FINISH_REASONS),
  cached: fc.integer({ min: 0, max: 1 }),
  completions: count,
  promptTokens: count,
  completionTokens: count,
  latencyMs: seconds,
})
const input: fc.Arbitrary<LedgerInput> = fc.record({
  draws: fc.array(draws, { maxLength: 30 }),
  retries: fc.array(
    fc.record({ purpose: fc.constantFrom(...PURPOSES), iteration, attempts: count, durationMs: seconds }),
    { maxLength: 6 },
  ),
  beside: count,
  activity: fc.array(
    fc.record({
      iteration,
      phase: fc.constantFrom('planned', 'sampling', 'training', 'serving', 'evaluating', 'pilot', 'anything'),
      seconds,
    }),
    { maxLength: 12 },
  ),
  trained: fc.array(fc.record({ iteration, tokens: fc.nat(100_000) }), { maxLength: 4 }),
  costs: fc.oneof(
    fc.constant('measured' as const),
    fc.record({ sample: price, train: price, iteration: price }),
    fc.constant({ unit: 'flops' as const, parameters: 0.5 }),
    fc.constant({ unit: 'money' as const, gpus: 2, perGpuHour: 1800 }),
  ),
  begun: fc.nat(4),
})

test('every completion, token, attempt, second and price is in one entry: the sums are the totals', () => {
  fc.assert(
    fc.property(input, (run) => {
      const entries = ledgerOf(run)
      const sum = <T>(rows: readonly T[], of: (row: T) => number): number => rows.reduce((all, row) => all + of(row), 0)
      const paid = run.draws.filter((row) => row.cached === 0)
      expect(new Set(entries.map((entry) => entry.account)).size).toBe(entries.length)
      expect(sum(entries, (entry) => entry.completions)).toBe(sum(run.draws, (row) => row.completions))
      expect(sum(entries, (entry) => entry.cached)).toBe(
        sum(run.draws, (row) => (row.cached === 1 ? row.completions : 0)),
      )
      expect(sum(entries, (entry) => entry.tokens)).toBe(sum(paid, (row) => row.promptTokens + row.completionTokens))
      expect(sum(entries, (entry) => entry.attempts)).toBe(sum(run.retries, (row) => row.attempts) + (run.beside ?? 0))
      const all = sum(run.activity, (row) => row.seconds)
      expect(sum(entries, (entry) => entry.seconds)).toBeCloseTo(all, 5)
      const drawn = sum(paid, (row) => row.promptTokens + row.completionTokens)
      const trained = sum(run.trained ?? [], ({ tokens }) => tokens)
      const prices = fixedPrices(run.costs)
      const isFlops = typeof run.costs === 'object' && 'unit' in run.costs && run.costs.unit === 'flops'
      // Half a parameter: one FLOP a token drawn, three a token trained on. Two GPUs at 1,800 an hour: one a second.
      const cost = prices ? priced(run, prices) : isFlops ? drawn + 3 * trained : all
      expect(sum(entries, (entry) => entry.cost)).toBeCloseTo(cost, 5)
    }),
  )
})

/** c_g N + c_t n + F over the whole run: measuring is in F, and what failed or was cached costs nothing to draw. */
function priced(run: LedgerInput, costs: Costs): number {
  let cost = costs.iteration * run.begun
  for (const row of run.draws) {
    if (row.disposition === 'accepted') cost += costs.train * row.completions
    const isMeasuring = ['gate', 'evaluate', 'greedy'].includes(row.purpose)
    if (!isMeasuring && row.cached === 0 && row.finishReason !== 'failed') cost += costs.sample * row.completions
  }
  return cost
}

test('a phase whose requests took next to no time loses none of its seconds', () => {
  const entries = ledgerOf({
    draws: [
      {
        purpose: 'train',
        iteration: 0,
        disposition: 'accepted',
        finishReason: 'stop',
        cached: 0,
        completions: 1,
        promptTokens: 1,
        completionTokens: 1,
        latencyMs: Number.MIN_VALUE,
      },
    ],
    retries: [],
    activity: [{ iteration: 0, phase: 'sampling', seconds: 5e-6 }],
    costs: 'measured',
    begun: 1,
  })
  expect(entries.map((entry) => entry.seconds)).toEqual([5e-6])
})

test('the time of a phase is split by that of its requests, lost attempts included', () => {
  const row = {
    purpose: 'train',
    iteration: 0,
    finishReason: 'stop',
    cached: 0,
    completions: 1,
    promptTokens: 1,
  } as const
  const entries = ledgerOf({
    draws: [
      { ...row, disposition: 'accepted', completionTokens: 1, latencyMs: 300 },
      { ...row, disposition: 'wrong', completionTokens: 1, latencyMs: 600 },
      { ...row, purpose: 'evaluate', disposition: null, completionTokens: 1, latencyMs: 50 },
    ],
    retries: [{ purpose: 'train', iteration: 0, attempts: 2, durationMs: 100 }],
    activity: [
      { iteration: 0, phase: 'sampling', seconds: 10 },
      { iteration: 0, phase: 'evaluating', seconds: 4 },
      { iteration: 0, phase: 'training', seconds: 7 },
      { iteration: 0, phase: 'serving', seconds: 2 },
    ],
    costs: 'measured',
    begun: 1,
  })
  expect(Object.fromEntries(entries.map((entry) => [entry.account, entry.cost]))).toEqual({
    accepted: 3,
    rejected: 6,
    evaluation: 4,
    retried: 1,
    training: 7,
    overhead: 2,
  })
})
