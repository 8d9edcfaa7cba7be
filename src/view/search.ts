/** A search of the full text as it goes: bits are set in the order of the walk, so that the first page waits for no count. */

import type { TextIndex } from '../store/browse/text-index.ts'
import type { Columns } from './columns.ts'
import type { Found } from './select.ts'

export interface Search extends Found {
  /** Whether all that fits has been found. */
  readonly isComplete: boolean
  /** How far it has got: every place below is known, when it walks upwards; every place above, downwards. */
  knows(place: number): boolean
  /** Looks further, a step. */
  advance(): void
}

const STEP = 4_000

/** @param descending the direction in which a page will be read */
export function createSearch(columns: Columns, index: TextIndex, query: string, descending: boolean): Search {
  const bits = new Uint8Array((columns.count >> 3) + 1)
  let frontier = descending ? Number.MAX_SAFE_INTEGER : Number.MIN_SAFE_INTEGER
  let isComplete = false
  return {
    has: (place) => ((bits[place >> 3] ?? 0) & (1 << (place & 7))) !== 0,
    get isComplete() {
      return isComplete
    },
    knows(place) {
      if (isComplete) return true
      const id = columns.ids[place] ?? 0
      return descending ? id >= frontier : id <= frontier
    },
    advance() {
      if (isComplete) return
      const ids = index.find(query, frontier, STEP, descending)
      for (const id of ids) {
        const place = columns.placeOf(id)
        if (place >= 0) bits[place >> 3] = (bits[place >> 3] ?? 0) | (1 << (place & 7))
      }
      isComplete = ids.length < STEP
      frontier = ids.at(-1) ?? frontier
    },
  }
}
