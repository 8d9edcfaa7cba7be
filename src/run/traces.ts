/** Reading traces of a run: all that fit, or a seeded draw of them, one at a time. */

import { createRandom, randomInteger } from '../core/seed.ts'
import { openStore } from '../store/store.ts'
import type { TraceFilter, TraceRow } from '../store/traces.ts'

export interface TraceSelection extends TraceFilter {
  /** How many to draw at random; undefined for all. */
  readonly sample: number | undefined
  readonly seed: number
}

/** In the order asked for; a drawn sample in that of the run. Nothing but the drawn sample is held in memory. */
export function* listTraces(directory: string, selection: TraceSelection): Generator<TraceRow> {
  const store = openStore(directory, { readonly: true })
  try {
    const fitting = store.traces.iterate(selection)
    yield* selection.sample === undefined ? fitting : drawTraces(fitting, selection.sample, selection.seed)
  } catch (error) {
    throw store.explain(error)
  } finally {
    store.close()
  }
}

/** A seeded draw: reservoir sampling (Vitter 1985, algorithm R), given back in the run's order. */
export function drawTraces(items: Iterable<TraceRow>, count: number, seed: number): TraceRow[] {
  const random = createRandom(seed)
  const reservoir: TraceRow[] = []
  let seen = 0
  for (const item of items) {
    seen++
    if (reservoir.length < count) reservoir.push(item)
    else {
      const place = randomInteger(random, seen)
      if (place < count) reservoir[place] = item
    }
  }
  return reservoir.sort((a, b) => a.id - b.id)
}
