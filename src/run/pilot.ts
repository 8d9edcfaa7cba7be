/** What the samples of a pilot, or of an iteration, show. */

import type { RunConfig } from '../config/schema.ts'
import { createAcceptance, NO_LIMIT } from '../core/accept/accept.ts'
import type { PilotProblem, PilotSummary } from '../core/budget/forecast.ts'
import type { DrawnRow } from '../store/completions.ts'
import type { Store } from '../store/store.ts'

export interface StoredPilot {
  readonly summary: PilotSummary
  readonly problems: readonly PilotProblem[]
  /** Training problems that there are. */
  readonly pool: number
}

/** The pilot that a run's store holds, judged by the acceptance rules but for the cap. */
export function readPilot(store: Store): StoredPilot | undefined {
  return readSamples(store, 'pilot', 0)
}

/** What the samples of a pilot, or of an iteration, show; undefined where there are none. */
export function readSamples(store: Store, purpose: 'pilot' | 'train', iteration: number): StoredPilot | undefined {
  const run = store.run.read()
  const rows = store.completions.drawn(purpose, iteration).filter((row) => row.finishReason !== 'failed')
  if (!run || rows.length === 0) return undefined
  const { accept, seed } = JSON.parse(run.config) as RunConfig
  const judge = createAcceptance({ ...accept, maxPerProblem: null }, NO_LIMIT, { seed, purpose, iteration })
  const judged = rows.map((row) => ({ row, disposition: judge(row) }))
  const isFit = ({ disposition }: (typeof judged)[number]): boolean =>
    disposition === 'accepted' || disposition === 'duplicate'
  const problems = [...Map.groupBy(judged, ({ row }) => row.problem).values()].map((own) => ({
    asked: own.length,
    correct: own.filter(isFit).length,
    distinct: own.filter(({ disposition }) => disposition === 'accepted').length,
  }))
  const tokensOf = (of: (one: (typeof judged)[number]) => boolean): number | null =>
    meanOf(judged.filter(of).map(({ row }) => row.completionTokens))
  const isCut = ({ row }: { readonly row: DrawnRow }): boolean => row.finishReason === 'length'
  // What came from the cache took no time, which says nothing of the server.
  const drawn = store.ledger.completions({ iteration, purposes: [purpose] }).filter(({ cached }) => cached === 0)
  const sum = (of: (row: (typeof drawn)[number]) => number): number => drawn.reduce((all, row) => all + of(row), 0)
  return {
    summary: {
      samples: rows.length,
      problems: problems.length,
      acceptanceRate: judged.filter(isFit).length / rows.length,
      tokens: {
        accepted: tokensOf(isFit),
        refused: tokensOf((one) => !isFit(one) && !isCut(one)),
        truncated: tokensOf(isCut),
      },
      secondsPerSample: drawn.length === 0 ? null : sum((row) => row.latencyMs) / 1000 / sum((row) => row.completions),
    },
    problems,
    pool: store.run.problems('train').length,
  }
}

function meanOf(values: readonly number[]): number | null {
  return values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0) / values.length
}
