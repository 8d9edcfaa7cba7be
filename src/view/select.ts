/** PURE: filters over the columns: pages by key, counts of every facet, and the neighbours of one trace. */

import { type Columns, FACETS } from './columns.ts'
import type { FacetCount, FacetName, Sort, TraceQuery } from './wire.ts'

/** Traces that a search has found: a bit a place. Undefined where nothing was searched for. */
export interface Found {
  has(place: number): boolean
}

export interface Selection {
  /** By facet, 1 for each value that is wanted; undefined where the facet is not filtered. */
  readonly wanted: readonly (Uint8Array | undefined)[]
  /** Number of the only problem; undefined for all, -1 for none. */
  readonly problem: number | undefined
}

/** @param problemNumber number of the problem asked for, -1 where there is no such one, undefined where none is asked for */
export function createSelection(
  columns: Columns,
  query: Pick<TraceQuery, 'facets'>,
  problemNumber: number | undefined,
): Selection {
  const wanted = FACETS.map((name) => {
    const values = query.facets[name]
    if (values === undefined || values.length === 0) return undefined
    const table = new Uint8Array(columns.facets[name].values.length)
    for (const value of values) {
      const code = columns.facets[name].values.indexOf(value)
      if (code >= 0) table[code] = 1
    }
    return table
  })
  return { wanted, problem: problemNumber }
}

/** Whether a place fits. */
export function createTest(columns: Columns, { wanted, problem }: Selection): (place: number) => boolean {
  const tests = FACETS.flatMap((name, at) => {
    const table = wanted[at]
    return table === undefined ? [] : [{ codes: columns.facets[name].codes, table }]
  })
  const { problems } = columns
  return (place) => {
    if (problem !== undefined && problems[place] !== problem) return false
    for (const { codes, table } of tests) if (table[codes[place] ?? 0] !== 1) return false
    return true
  }
}

/** Places in an order; `after` continues behind a place. */
export interface Order {
  readonly count: number
  at(rank: number): number
  rankOf(place: number): number
}

/** Orders by length are sorted once for each version of the columns. */
export function createOrder(columns: Columns, sort: Sort, sorted: () => SortedPlaces): Order {
  const { count } = columns
  switch (sort) {
    case 'oldest':
      return { count, at: (rank) => rank, rankOf: (place) => place }
    case 'newest':
      return { count, at: (rank) => count - 1 - rank, rankOf: (place) => count - 1 - place }
    case 'longest': {
      const { places, ranks } = sorted()
      return { count, at: (rank) => places[count - 1 - rank] ?? 0, rankOf: (place) => count - 1 - (ranks[place] ?? 0) }
    }
    case 'shortest': {
      const { places, ranks } = sorted()
      return { count, at: (rank) => places[rank] ?? 0, rankOf: (place) => ranks[place] ?? 0 }
    }
  }
}

export interface SortedPlaces {
  readonly places: Int32Array
  readonly ranks: Int32Array
}

/** Places by the tokens of their completions, ties by age: a counting sort, since tokens are small whole numbers. */
export function sortByTokens({ count, tokens }: Columns): SortedPlaces {
  const places = new Int32Array(count)
  const ranks = new Int32Array(count)
  let most = 0
  for (let place = 0; place < count; place++) most = Math.max(most, Math.min(MOST_TOKENS, tokens[place] ?? 0))
  const starts = new Int32Array(most + 2)
  const keyOf = (place: number): number => Math.max(0, Math.min(MOST_TOKENS, tokens[place] ?? 0))
  for (let place = 0; place < count; place++) {
    const key = keyOf(place) + 1
    starts[key] = (starts[key] ?? 0) + 1
  }
  for (let key = 1; key < starts.length; key++) starts[key] = (starts[key] ?? 0) + (starts[key - 1] ?? 0)
  for (let place = 0; place < count; place++) {
    const key = keyOf(place)
    const rank = starts[key] ?? 0
    starts[key] = rank + 1
    places[rank] = place
    ranks[place] = rank
  }
  return { places, ranks }
}

/** Longer completions than this are sorted as if they were all equally long. */
const MOST_TOKENS = 1 << 20

/** The nearest fitting places before and behind one. */
export function neighboursOf(
  order: Order,
  fits: (place: number) => boolean,
  place: number,
): { readonly previous: number | undefined; readonly next: number | undefined } {
  const rank = order.rankOf(place)
  const walk = (step: 1 | -1): number | undefined => {
    for (let at = rank + step; at >= 0 && at < order.count; at += step) {
      const candidate = order.at(at)
      if (fits(candidate)) return candidate
    }
    return undefined
  }
  return { previous: walk(-1), next: walk(1) }
}

/**
 * Counts by value of every facet, each under the filters of the others, so that what a click would give is what it says.
 * A trace that fits all filters counts everywhere, one that fails a single facet counts in that one.
 */
export function countFacets(
  columns: Columns,
  selection: Selection,
  found: Found | undefined,
): { readonly total: number; readonly facets: Record<FacetName, FacetCount[]> } {
  const { wanted, problem } = selection
  const filtered = wanted.flatMap((table, at) => {
    const name = FACETS[at]
    return table === undefined || name === undefined ? [] : [{ at, table, codes: columns.facets[name].codes }]
  })
  // For each place the facet it fails alone, or all or none; then a facet at a time, which is what a processor does fastest.
  const { count, problems } = columns
  const fate = new Uint8Array(count)
  for (const { at, table, codes } of filtered) {
    // Without branches: whether a trace fits is as good as chance to a processor.
    const failed = new Uint8Array(256).fill(NOWHERE)
    failed[FITS] = at + 1
    for (let place = 0; place < count; place++) {
      const before = fate[place] ?? 0
      const fits = table[codes[place] ?? 0] ?? 0
      fate[place] = fits * before + (1 - fits) * (failed[before] ?? 0)
    }
  }
  if (problem !== undefined)
    for (let place = 0; place < count; place++) if (problems[place] !== problem) fate[place] = NOWHERE
  if (found !== undefined) for (let place = 0; place < count; place++) if (!found.has(place)) fate[place] = NOWHERE
  let total = 0
  for (let place = 0; place < count; place++) if (fate[place] === FITS) total++
  const facets = Object.fromEntries(
    FACETS.map((name, at) => {
      const { values, codes } = columns.facets[name]
      return [name, listed(values, countCodes(codes, fate, at + 1, values.length))]
    }),
  ) as Record<FacetName, FacetCount[]>
  return { total, facets }
}

const FITS = 0
const NOWHERE = 255

/** How often each code occurs among the places that fit, or fail this facet alone. */
function countCodes(codes: Uint16Array, fate: Uint8Array, own: number, values: number): Uint32Array {
  const counts = new Uint32Array(values)
  const weights = new Uint8Array(256)
  weights[FITS] = 1
  weights[own] = 1
  for (let place = 0; place < fate.length; place++) {
    const code = codes[place] ?? 0
    counts[code] = (counts[code] ?? 0) + (weights[fate[place] ?? 0] ?? 0)
  }
  return counts
}

function listed(values: readonly string[], counts: Uint32Array): FacetCount[] {
  return values
    .map((value, code) => ({ value, count: counts[code] ?? 0 }))
    .filter(({ count }) => count > 0)
    .sort((a, b) => b.count - a.count || a.value.localeCompare(b.value, 'en', { numeric: true }))
}
