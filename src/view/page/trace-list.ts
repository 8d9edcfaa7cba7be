/** The rows of a list as far as they have been read, kept while one looks at a single trace and comes back. */

import { signal } from '@preact/signals'
import type { TracePage, TraceQuery, TraceRow } from '../wire.ts'
import { askOf } from './address.ts'
import { ask } from './fetch.ts'

export interface TraceList {
  readonly key: string
  readonly rows: readonly TraceRow[]
  readonly next: string | null
  readonly isLoading: boolean
  readonly error: string | undefined
}

const EMPTY: TraceList = { key: '', rows: [], next: null, isLoading: false, error: undefined }
const PAGE = 100

/** The one list in sight. */
export const list = signal<TraceList>(EMPTY)
export const chosen = signal(-1)
export const scrolledTo = { offset: 0 }
let control: AbortController | undefined

/** Shows a list; one that is shown already stays as it is. */
export function showList(run: string, query: TraceQuery): void {
  const key = `/api/runs/${encodeURIComponent(run)}/traces?${askOf(query)}`
  if (list.peek().key === key) return
  chosen.value = -1
  scrolledTo.offset = 0
  list.value = { ...EMPTY, key, isLoading: true }
  void read(key, null)
}

/** Reads it again from its beginning. */
export function readAgain(): void {
  const { key } = list.peek()
  if (key !== '') void read(key, null)
}

export function readMore(): void {
  const { key, next, isLoading } = list.peek()
  if (next === null || isLoading) return
  list.value = { ...list.peek(), isLoading: true }
  void read(key, next)
}

async function read(key: string, after: string | null): Promise<void> {
  control?.abort()
  control = new AbortController()
  const address = `${key}&limit=${PAGE}${after === null ? '' : `&after=${after}`}`
  try {
    const page = await ask<TracePage>(address, control.signal)
    if (list.peek().key !== key) return
    const rows = after === null ? page.rows : [...list.peek().rows, ...page.rows]
    list.value = { key, rows, next: page.next, isLoading: false, error: undefined }
  } catch (error) {
    if (!(error instanceof Error) || error.name === 'AbortError' || list.peek().key !== key) return
    list.value = { ...list.peek(), isLoading: false, error: error.message }
  }
}
