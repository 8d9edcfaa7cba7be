/** One run as the list of traces reads it: pages, counts, neighbours and search over its columns, each within milliseconds. */

import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { LABELS, type Label } from '../core/label.ts'
import type { Stratum } from '../run/strata.ts'
import { externalPosition, openTextIndex, type TextIndex, toQuery, VIEW_FILE } from '../store/browse/text-index.ts'
import { openStore, type Store } from '../store/store.ts'
import { auditStrata } from './audit.ts'
import type { Columns } from './columns.ts'
import { createRunColumns } from './run-columns.ts'
import { createSearch, type Search } from './search.ts'
import { countFacets, createOrder, createSelection, createTest, neighboursOf, sortByTokens } from './select.ts'
import type { FacetCounts, TracePage, TraceQuery } from './wire.ts'

export interface RunView {
  readonly store: Store
  readonly columns: Columns
  page(query: TraceQuery, after: string | undefined, limit: number): TracePage
  facets(query: TraceQuery): FacetCounts
  /** What an audit draws from. */
  strata(): readonly Stratum[]
  neighbours(query: TraceQuery, id: number): { readonly previous: number | null; readonly next: number | null }
  /** Takes in what other processes have written. */
  refresh(): void
  /** Loads a slice of the columns. @returns whether there is more */
  load(): boolean
  close(): void
}

/** Milliseconds that a count may spend on a search; the rest follows with the next one. */
const COUNT_BUDGET_MS = 8
/** Milliseconds that a page may spend on a search before it gives what it has. */
const PAGE_BUDGET_MS = 1_500
/** Traces that fit the filters and are looked up in the index one by one, rather than walking all that the words are in. */
const FEW = 300

/** @param directory the run folder. @throws StoreError when it holds no run */
export function openRunView(directory: string): RunView {
  const store = openStore(directory, { readonly: true })
  const state = createRunColumns(store)
  const texts = createTexts(directory)
  const sorted = rememberedOf(sortByTokens)
  const strata = rememberedOf(auditStrata)
  let search: { readonly key: string; readonly search: Search } | undefined

  const searchFor = (query: TraceQuery): Search | undefined => {
    const words = query.q === undefined ? undefined : toQuery(query.q)
    if (words === undefined) return undefined
    const index = texts.get()
    if (index === undefined) return NOTHING_FOUND
    const descending = query.sort === 'newest'
    const key = `${descending} ${state.columns.count} ${index.position().lastId} ${words}`
    if (search?.key !== key) search = { key, search: createSearch(state.columns, index, words, descending) }
    return search.search
  }
  const selectionOf = (query: TraceQuery) => {
    const number = query.problem === undefined ? undefined : (store.detail.problem(query.problem)?.number ?? -1)
    return createSelection(state.columns, query, number)
  }
  const orderOf = (query: TraceQuery) => createOrder(state.columns, query.sort, () => sorted(state.columns))

  return {
    store,
    get columns() {
      return state.columns
    },
    page(query, after, limit) {
      const { columns } = state
      const order = orderOf(query)
      const fits = createTest(columns, selectionOf(query))
      const found = searchFor(query)
      const from = after === undefined ? 0 : rankAfter(columns, order, after)
      const places = found ? pageOfSearch(columns, order, fits, found, from, limit) : pageOf(order, fits, from, limit)
      const ids = places.found.map((place) => columns.ids[place] ?? 0)
      const own = store.browse.listed(ids.filter((id) => id > 0))
      const listed = new Map(
        [...own, ...store.externalBrowse.listed(ids.filter((id) => id < 0))].map((row) => [row.id, row]),
      )
      const rows = ids.flatMap((id) => {
        const row = listed.get(id)
        return row ? [{ ...row, label: labelOf(columns, id) }] : []
      })
      return { rows, next: places.more ? String(ids.at(-1)) : null }

      function pageOfSearch(
        of: Columns,
        by: typeof order,
        test: typeof fits,
        hits: Search,
        start: number,
        most: number,
      ): PlacesPage {
        const words = toQuery(query.q ?? '') ?? ''
        const few = fewThatFit(by, test)
        const index = texts.get()
        if (few !== undefined && index !== undefined && !hits.isComplete) {
          const holding = few.filter((rank) => rank >= start && index.holds(words, of.ids[by.at(rank)] ?? 0))
          return { found: holding.slice(0, most).map((rank) => by.at(rank)), more: holding.length > most }
        }
        return walkSearch(by, test, hits, start, most, query.sort === 'oldest' || query.sort === 'newest')
      }
    },
    facets(query) {
      const found = searchFor(query)
      const until = performance.now() + COUNT_BUDGET_MS
      while (found && !found.isComplete && performance.now() < until) found.advance()
      const { total, facets } = countFacets(state.columns, selectionOf(query), found)
      return {
        total,
        of: state.columns.count,
        complete: (found?.isComplete ?? true) && state.loaded === 1,
        facets,
        index: { rows: state.loaded, text: texts.share(store) },
      }
    },
    strata: () => strata(state.columns),
    neighbours(query, id) {
      const { columns } = state
      const place = columns.placeOf(id)
      if (place < 0) return { previous: null, next: null }
      const found = searchFor(query)
      const until = performance.now() + PAGE_BUDGET_MS
      while (found && !found.isComplete && performance.now() < until) found.advance()
      const test = createTest(columns, selectionOf(query))
      const fits = found ? (at: number) => test(at) && found.has(at) : test
      const near = neighboursOf(orderOf(query), fits, place)
      const idOf = (at: number | undefined): number | null => (at === undefined ? null : (columns.ids[at] ?? null))
      return { previous: idOf(near.previous), next: idOf(near.next) }
    },
    refresh: () => state.refresh(),
    load: () => state.load(),
    close() {
      texts.close()
      store.close()
    },
  }
}

/** What is computed of all columns, until they change. */
function rememberedOf<T>(compute: (columns: Columns) => T): (columns: Columns) => T {
  let last: { readonly columns: Columns; readonly version: number; readonly result: T } | undefined
  return (columns) => {
    if (last?.columns !== columns || last.version !== columns.version) {
      last = undefined
      last = { columns, version: columns.version, result: compute(columns) }
    }
    return last.result
  }
}

interface PlacesPage {
  readonly found: readonly number[]
  readonly more: boolean
}

interface Walk {
  readonly count: number
  at(rank: number): number
  rankOf(place: number): number
}

function pageOf(order: Walk, fits: (place: number) => boolean, from: number, limit: number): PlacesPage {
  const found: number[] = []
  for (let rank = from; rank < order.count; rank++) {
    const place = order.at(rank)
    if (!fits(place)) continue
    if (found.length === limit) return { found, more: true }
    found.push(place)
  }
  return { found, more: false }
}

/** Looks further in the index only as far as the page needs, where index and list go the same way. */
function walkSearch(
  order: Walk,
  fits: (place: number) => boolean,
  search: Search,
  from: number,
  limit: number,
  sameWay: boolean,
): PlacesPage {
  const until = performance.now() + PAGE_BUDGET_MS
  while (!sameWay && !search.isComplete && performance.now() < until) search.advance()
  const found: number[] = []
  for (let rank = from; rank < order.count; rank++) {
    const place = order.at(rank)
    if (!fits(place)) continue
    while (!search.knows(place) && performance.now() < until) search.advance()
    if (!search.has(place)) continue
    if (found.length === limit) return { found, more: true }
    found.push(place)
  }
  return { found, more: false }
}

/** Ranks of all that fit, where they are few. */
function fewThatFit(order: Walk, fits: (place: number) => boolean): readonly number[] | undefined {
  const ranks: number[] = []
  for (let rank = 0; rank < order.count; rank++) {
    if (!fits(order.at(rank))) continue
    if (ranks.length === FEW) return undefined
    ranks.push(rank)
  }
  return ranks
}

function rankAfter(columns: Columns, order: Walk, after: string): number {
  const place = columns.placeOf(Number(after))
  return place < 0 ? order.count : order.rankOf(place) + 1
}

function labelOf(columns: Columns, id: number): Label | null {
  const { values, codes } = columns.facets.label
  const value = values[codes[columns.placeOf(id)] ?? 0]
  return LABELS.find((label) => label === value) ?? null
}

const NOTHING_FOUND: Search = { has: () => false, isComplete: true, knows: () => true, advance: () => undefined }

interface Texts {
  get(): TextIndex | undefined
  /** How much of the run is in it; null where there is none. */
  share(store: Store): number | null
  close(): void
}

/** The index appears when its maker has begun; until then there is nothing to search. */
function createTexts(directory: string): Texts {
  const path = join(directory, VIEW_FILE)
  let index: TextIndex | undefined
  const get = (): TextIndex | undefined => {
    if (index && !existsSync(path)) {
      index.close()
      index = undefined
    }
    if (!index && existsSync(path)) index = openTextIndex(path)
    return index
  }
  return {
    get,
    share(store) {
      const opened = get()
      if (!opened) return null
      const all = store.browse.marks().lastId - store.externalBrowse.lowest()
      return all === 0 ? 1 : Math.min(1, (opened.position().lastId - externalPosition(opened)) / all)
    },
    close: () => index?.close(),
  }
}
