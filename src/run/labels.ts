/** Labels of a run's traces: written from anywhere, also while it samples, and read back as fixture rows for the checker. */

import type { Label, TraceLabel } from '../core/label.ts'
import type { VerdictKind } from '../core/verdict.ts'
import { openStore } from '../store/store.ts'
import { readStore } from './read-store.ts'

/** A labelled trace as a pair for `verify --pairs`, with what a person says it should give. */
export interface FixtureRow {
  /** `RUN/trace/ID`. */
  readonly id: string
  readonly gold: string
  readonly pred: string
  /** `right` wants correct, `wrong` anything else. */
  readonly label: Label
  /** What the checker said. */
  readonly verdict: VerdictKind | null
  readonly agrees: boolean
  readonly note?: string
}

/**
 * Writes labels in one go.
 * @returns the traces that are not in the run, for which nothing was written
 * @throws StoreError when the database cannot be written
 */
export function writeLabels(directory: string, labels: readonly TraceLabel[]): number[] {
  const store = openStore(directory)
  try {
    return labels.filter((label) => !store.labels.put(label)).map(({ trace }) => trace)
  } catch (error) {
    throw store.explain(error)
  } finally {
    store.close()
  }
}

/** Takes a label back. @throws StoreError when the database cannot be written */
export function removeLabel(directory: string, trace: number, blind: boolean): void {
  const store = openStore(directory)
  try {
    store.labels.remove(trace, blind)
  } catch (error) {
    throw store.explain(error)
  } finally {
    store.close()
  }
}

export function readLabels(directory: string): TraceLabel[] {
  return readStore(directory, (store) => store.labels.all())
}

/** Every trace labelled right or wrong, once; where it was judged twice, the blind label counts. */
export function fixtureRows(directory: string): FixtureRow[] {
  return readStore(directory, (store) => {
    const run = store.run.read()?.name ?? 'run'
    const seen = new Set<number>()
    return store.labels.all().flatMap(({ trace, label, note }): FixtureRow[] => {
      const found = seen.has(trace) || label === 'unclear' ? undefined : store.detail.get(trace)
      if (found === undefined) return []
      seen.add(trace)
      const isCorrect = found.verdict === 'correct'
      return [
        {
          id: `${run}/trace/${trace}`,
          gold: found.gold,
          pred: found.text,
          label,
          verdict: found.verdict,
          agrees: isCorrect === (label === 'right'),
          ...(note === undefined ? {} : { note }),
        },
      ]
    })
  })
}
