/** Keeps the columns of one run level with its database: loaded in slices, then only what has changed since. */

import type { Marks } from '../store/browse/rows.ts'
import type { Store } from '../store/store.ts'
import { type Columns, createColumns, NONE } from './columns.ts'

export interface RunColumns {
  readonly columns: Columns
  /** Share of the rows that are loaded, in [0, 1]. */
  readonly loaded: number
  /** Loads a slice. @returns whether there is more to load */
  load(): boolean
  /** Takes in what other processes have written since the last time. */
  refresh(): void
}

const SLICE = 4_000
/** Rows of one refresh; a run that grows faster than this is loaded in slices. */
const MOST_REFRESHED = 20_000

/** @param store open for reading, for as long as the columns are used */
export function createRunColumns(store: Store): RunColumns {
  const { browse, externalBrowse, labels } = store
  let columns = createColumns(browse.problems())
  let marks: Marks = { lastId: 0, dispositions: 0, lastHistory: 0, lastLatency: 0 }
  let version = -1
  let labelStamp = ''
  let lastId = 0
  let lastLatency = 0
  let target = browse.marks().lastId
  /** Of those that were generated elsewhere: the lowest id, and up to which they are loaded. They come first, their ids being below 0. */
  let lowest = externalBrowse.lowest()
  let externals = lowest - 1
  let hasMore = true

  const load = (): boolean => {
    hasMore = loadSlice()
    return hasMore
  }
  const loadSlice = (): boolean => {
    if (externals < -1) {
      const external = externalBrowse.after(externals, SLICE)
      columns.put(external)
      externals = external.at(-1)?.id ?? -1
      return true
    }
    const rows = browse.after(lastId, SLICE)
    const last = rows.at(-1)
    if (last) {
      columns.put(rows)
      lastId = last.id
      lastLatency = last.latencyMs
    }
    target = Math.max(target, lastId)
    return rows.length === SLICE
  }
  const startOver = (): void => {
    columns = createColumns(browse.problems())
    lastId = 0
    lastLatency = 0
    labelStamp = ''
    lowest = externalBrowse.lowest()
    externals = lowest - 1
  }
  const readLabels = (): void => {
    const stamp = labels.stamp()
    if (stamp === labelStamp) return
    labelStamp = stamp
    // Blind ones come first, and count.
    const byTrace = new Map<number, string>()
    for (const { trace, label } of labels.all()) if (!byTrace.has(trace)) byTrace.set(trace, label)
    columns.setLabels(byTrace)
  }
  const refresh = (): void => {
    const now = browse.version()
    if (now === version && !hasMore) return
    version = now
    const next = browse.marks()
    target = next.lastId
    // Rows that were taken back, or drawn again under their old ids: a rollback.
    if (next.lastId < lastId || (lastId > 0 && browse.latencyOf(lastId) !== lastLatency)) startOver()
    // What was imported since belongs before the first row.
    if (externalBrowse.lowest() !== lowest) startOver()
    for (let rows = 0; rows < MOST_REFRESHED && load(); rows += SLICE);
    const open = columns.open()
    if (open.length > 0) {
      const asked = open.slice(0, MOST_REFRESHED)
      columns.put(externalBrowse.narrow(asked.filter((id) => id < 0)))
      columns.put(browse.narrow(asked.filter((id) => id > 0)))
    }
    if (next.dispositions !== marks.dispositions) readDispositions(columns, store, lastId)
    if (next.lastHistory !== marks.lastHistory) columns.put(browse.narrow(browse.replacedSince(marks.lastHistory)))
    marks = next
    readLabels()
  }
  return {
    get columns() {
      return columns
    },
    get loaded() {
      return target === 0 ? 1 : Math.min(1, lastId / target)
    },
    load() {
      const more = load()
      if (!more) {
        marks = browse.marks()
        readLabels()
      }
      return more
    },
    refresh,
  }
}

/** Fates are written when an iteration's sampling closes: those of the rows that have none yet. */
function readDispositions(columns: Columns, { browse }: Store, lastId: number): void {
  const { disposition } = columns.facets
  const none = disposition.values.indexOf(NONE)
  let first = -1
  for (let place = 0; place < columns.count && first < 0; place++) {
    const purpose = columns.facets.purpose.values[columns.facets.purpose.codes[place] ?? 0]
    if (disposition.codes[place] === none && (purpose === 'train' || purpose === 'hint'))
      first = columns.ids[place] ?? 0
  }
  if (first < 0) return
  for (const row of browse.dispositions(first - 1, lastId)) columns.setDisposition(row.id, row.disposition)
}
