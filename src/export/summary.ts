/** What an export holds: counts, lengths, levels and where its traces come from. */

import { type Distribution, distributionOf } from '../core/measure/distribution.ts'
import { createDuplicateCheck } from './filter.ts'
import type { Fates, Selected, SourceTrace } from './select.ts'

export interface ExportSummary {
  /** Rows of the dataset. */
  readonly rows: number
  readonly problems: number
  /** Traces there were to choose from. */
  readonly candidates: number
  /** Of those, how many each filter left out. */
  readonly dropped: Readonly<Record<string, number>>
  readonly iterations: Readonly<Record<string, number>>
  readonly levels: Readonly<Record<string, number>>
  readonly sources: Readonly<Record<string, number>>
  /** Rules of the checker that decided. */
  readonly rules: Readonly<Record<string, number>>
  /** Versions of the checker. */
  readonly checkers: Readonly<Record<string, number>>
  /** Traces by the content hash of the checkpoint that wrote them. */
  readonly checkpoints: Readonly<Record<string, number>>
  /** Correct and incorrect ones, where both go in. */
  readonly labels: Readonly<Record<string, number>>
  /** `sampled`; `hinted`: drawn with the answer in the prompt, and trained on without it; `external`: generated elsewhere. */
  readonly origins: Readonly<Record<string, number>>
  /** Of the completions, in characters and in tokens. */
  readonly characters: Distribution
  readonly tokens: Distribution
  /** Traces that repeat an earlier one of their problem; where they were counted. */
  readonly duplicates: Readonly<Record<'exact' | 'equations' | 'near', number>> | undefined
}

export interface SummarizedTrace extends SourceTrace {
  readonly checkpoint: number
  readonly checker: string | null
  readonly isHinted: boolean
  /** Generated elsewhere, and imported. */
  readonly isExternal?: boolean
}

export interface Tally {
  add(selected: Selected<SummarizedTrace>): void
  summary(fates: Fates, checkpointHash: (checkpoint: number) => string): ExportSummary
}

/** @param withDuplicates counting them costs as much as removing them */
export function createTally(withDuplicates: boolean, similarity: number): Tally {
  const count = () => new Map<unknown, number>()
  const counts = {
    iterations: count(),
    levels: count(),
    sources: count(),
    rules: count(),
    checkers: count(),
    checkpoints: count(),
    labels: count(),
    origins: count(),
  }
  const problems = new Set<number>()
  const characters: number[] = []
  const tokens: number[] = []
  const checks = withDuplicates
    ? (['exact', 'equations', 'near'] as const).map((deduplicate) => ({
        deduplicate,
        repeats: createDuplicateCheck({ deduplicate, within: 'problem', similarity }),
        found: 0,
      }))
    : undefined
  return {
    add({ trace, role }) {
      problems.add(trace.problem)
      characters.push(trace.text.length)
      tokens.push(trace.completionTokens)
      more(counts.iterations, trace.iteration)
      more(counts.sources, trace.source)
      more(counts.checkpoints, trace.checkpoint)
      more(counts.origins, trace.isExternal ? 'external' : trace.isHinted ? 'hinted' : 'sampled')
      if (trace.level !== null) more(counts.levels, trace.level)
      if (trace.rule !== null) more(counts.rules, trace.rule)
      if (trace.checker !== null) more(counts.checkers, trace.checker)
      if (role !== 'accepted') more(counts.labels, role)
      for (const check of checks ?? []) if (check.repeats(trace)) check.found++
    },
    summary({ candidates, dropped }, checkpointHash) {
      const { checkpoints, ...rest } = counts
      return {
        rows: characters.length,
        problems: problems.size,
        candidates,
        dropped: Object.fromEntries(dropped),
        iterations: byName(rest.iterations),
        levels: byName(rest.levels),
        sources: byName(rest.sources),
        rules: byName(rest.rules),
        checkers: byName(rest.checkers),
        labels: byName(rest.labels),
        origins: byName(rest.origins),
        checkpoints: Object.fromEntries([...checkpoints].map(([id, n]) => [checkpointHash(Number(id)), n])),
        characters: distributionOf(characters),
        tokens: distributionOf(tokens),
        duplicates: checks && {
          exact: checks[0]?.found ?? 0,
          equations: checks[1]?.found ?? 0,
          near: checks[2]?.found ?? 0,
        },
      }
    },
  }
}

function more(counts: Map<unknown, number>, key: unknown): void {
  counts.set(key, (counts.get(key) ?? 0) + 1)
}

function byName(counts: ReadonlyMap<unknown, number>): Record<string, number> {
  const order = new Intl.Collator('en', { numeric: true })
  return Object.fromEntries(
    [...counts].map(([name, n]) => [String(name), n] as const).sort(([a], [b]) => order.compare(a, b)),
  )
}
