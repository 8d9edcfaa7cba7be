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

/** The next `limit` places that fit, behind rank `from`. @returns them, and the rank to go on from; undefined at the end */
export function nextPlaces(
  order: Order,
  fits: (place: number) => boolean,
  from: number,
  limit: number,
): { readonly places: number[]; readonly next: number | undefined } {
  const places: number[] = []
  for (let rank = from; rank < order.count; rank++) {
    const place = order.at(rank)
    if (!fits(place)) continue
    if (places.length === limit) return { places, next: rank }
    places.push(place)
  }
  return { places, next: undefined }
}

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
 * One walk: a trace that fits all filters counts everywhere, one that fails a single facet counts in that one.
 */
export function countFacets(
  columns: Columns,
  selection: Selection,
  found: Found | undefined,
): { readonly total: number; readonly facets: Record<FacetName, FacetCount[]> } {
  const { wanted, problem } = selection
  const codes = FACETS.map((name) => columns.facets[name].codes)
  const counts = FACETS.map((name) => new Uint32Array(columns.facets[name].values.length))
  const filtered = wanted.flatMap((table, at) =>
    table === undefined ? [] : [{ at, table, codes: codes[at] ?? EMPTY }],
  )
  let total = 0
  for (let place = 0; place < columns.count; place++) {
    if (problem !== undefined && columns.problems[place] !== problem) continue
    if (found !== undefined && !found.has(place)) continue
    let failed = -1
    let failures = 0
    for (const filter of filtered) {
      if (filter.table[filter.codes[place] ?? 0] === 1) continue
      failed = filter.at
      if (++failures > 1) break
    }
    if (failures > 1) continue
    if (failures === 1) {
      increment(counts[failed], codes[failed], place)
      continue
    }
    total++
    for (let at = 0; at < codes.length; at++) increment(counts[at], codes[at], place)
  }
  const facets = Object.fromEntries(
    FACETS.map((name, at) => [name, listed(columns.facets[name].values, counts[at] ?? EMPTY_COUNTS)]),
  ) as Record<FacetName, FacetCount[]>
  return { total, facets }
}

const EMPTY = new Uint16Array(0)
const EMPTY_COUNTS = new Uint32Array(0)

function increment(counts: Uint32Array | undefined, codes: Uint16Array | undefined, place: number): void {
  if (counts === undefined || codes === undefined) return
  const code = codes[place] ?? 0
  counts[code] = (counts[code] ?? 0) + 1
}

function listed(values: readonly string[], counts: Uint32Array): FacetCount[] {
  return values
    .map((value, code) => ({ value, count: counts[code] ?? 0 }))
    .filter(({ count }) => count > 0)
    .sort((a, b) => b.count - a.count || a.value.localeCompare(b.value, 'en', { numeric: true }))
}
