/** The ledger of an iteration, as a report has it. */

import type { IterationStatus } from '../../src/core/status.ts'
import type { ReportLedgerRow } from '../../src/report/view.ts'

export function ledgerOf(row: IterationStatus): ReportLedgerRow[] {
  const line = (change: Partial<ReportLedgerRow> & { completions: number }): ReportLedgerRow => ({
    purpose: 'train',
    iteration: row.iteration,
    disposition: null,
    verdict: 'correct',
    finishReason: 'stop',
    cached: 0,
    promptTokens: change.completions * 34,
    completionTokens: change.completions * 28,
    latencyMs: change.completions * 240,
    ...change,
  })
  const wrong = row.sampled - row.accepted - row.surplus - row.truncated - 9
  return [
    line({ disposition: 'accepted', completions: row.accepted }),
    line({ disposition: 'surplus', completions: row.surplus }),
    line({ disposition: 'duplicate', completions: 9 }),
    line({ disposition: 'wrong', verdict: 'incorrect', completions: wrong - 5 }),
    line({ disposition: 'wrong', verdict: 'no-answer', completions: 5 }),
    line({ disposition: 'truncated', verdict: 'no-answer', finishReason: 'length', completions: row.truncated }),
    line({ purpose: 'evaluate', completions: 640 }),
    line({ purpose: 'evaluate', verdict: 'incorrect', completions: 560 }),
    line({ purpose: 'greedy', completions: 780 }),
    line({ purpose: 'greedy', verdict: 'incorrect', completions: 420 }),
    line({ purpose: 'gate', completions: 600 }),
  ]
}
