/** Completions that runs share: a file of its own next to the runs, bounded in size, that may be deleted at any time. */

import Database from 'better-sqlite3'
import { messageOf } from '../core/errors.ts'

/** What is kept of a completion: everything that does not depend on the run. */
export interface CachedCompletion {
  readonly text: string
  readonly finishReason: 'stop' | 'length'
  readonly promptTokens: number
  readonly completionTokens: number
  readonly model: string
  readonly promptTokenIds?: readonly number[]
  readonly completionTokenIds?: readonly number[]
  readonly thinking?: number
  readonly altered?: boolean
}

export interface CompletionCache {
  find(key: string): CachedCompletion | undefined
  /** Written with the next batch; what is not written yet when the process dies is asked again. */
  add(key: string, completion: CachedCompletion): void
  close(): void
}

export interface CacheOptions {
  readonly maxBytes: number
  /** Told once when the cache cannot be used any more; from then on it knows nothing and keeps nothing. */
  readonly onTrouble: (message: string) => void
}

const VERSION = 1
const BATCH = 256
const FLUSH_MS = 500
const BUSY_MS = 5_000
/** After a clean-up so much is free, so that the next is not due at once. */
const KEPT_SHARE = 0.9
/** Bytes of a row next to its body: key, time, index. */
const ROW_BYTES = 128

/**
 * Opens (or creates) a cache. Several processes may use it at once.
 *
 * The least recently used completions go when it would grow beyond its bound. Trouble with the file never stops a run: what a
 * cache cannot give is drawn.
 */
export function openCache(path: string, { maxBytes, onTrouble }: CacheOptions): CompletionCache {
  let opened: Opened | undefined
  let added = new Map<string, CachedCompletion>()
  let used = new Set<string>()
  let timer: NodeJS.Timeout | undefined

  const guarded = <T>(work: (cache: Opened) => T): T | undefined => {
    if (!opened) return undefined
    try {
      return work(opened)
    } catch (error) {
      opened = undefined
      onTrouble(`${path} is not used any more (${messageOf(error)}); it may be deleted.`)
      return undefined
    }
  }
  try {
    opened = openTables(path)
  } catch (error) {
    onTrouble(`${path} cannot be used as a cache (${messageOf(error)}); it may be deleted.`)
  }
  const flush = (): void => {
    clearTimeout(timer)
    timer = undefined
    const [rows, touched] = [added, used]
    added = new Map()
    used = new Set()
    guarded((cache) => cache.write(rows, touched, maxBytes))
  }
  const flushSoon = (): void => {
    if (added.size + used.size >= BATCH) flush()
    else timer ??= setTimeout(flush, FLUSH_MS).unref()
  }
  return {
    find(key) {
      const found = added.get(key) ?? guarded((cache) => cache.find(key))
      if (found) {
        used.add(key)
        flushSoon()
      }
      return found
    },
    add(key, completion) {
      if (!opened) return
      added.set(key, completion)
      flushSoon()
    },
    close() {
      flush()
      guarded((cache) => cache.close())
      opened = undefined
    },
  }
}

interface Opened {
  find(key: string): CachedCompletion | undefined
  write(rows: ReadonlyMap<string, CachedCompletion>, used: ReadonlySet<string>, maxBytes: number): void
  close(): void
}

function openTables(path: string): Opened {
  const db = new Database(path, { timeout: BUSY_MS })
  db.pragma('auto_vacuum = incremental')
  db.pragma('journal_mode = wal')
  // What is lost with the machine's power is drawn again.
  db.pragma('synchronous = off')
  db.transaction(() => {
    if (Number(db.pragma('user_version', { simple: true })) === VERSION) return
    db.exec(`
      drop table if exists completion;
      create table completion (key text primary key, used_at integer not null, bytes integer not null, body text not null) strict;
      create index completion_used on completion (used_at);`)
    db.pragma(`user_version = ${VERSION}`)
  }).immediate()
  const find = db.prepare<[string], string>('select body from completion where key = ?').pluck()
  const insert = db.prepare(
    'insert into completion (key, used_at, bytes, body) values (:key, :now, :bytes, :body) on conflict (key) do nothing',
  )
  const touch = db.prepare('update completion set used_at = :now where key = :key')
  const size = db.prepare<[], number>('select coalesce(sum(bytes), 0) from completion').pluck()
  const oldest = db.prepare<[], { readonly key: string; readonly bytes: number }>(
    'select key, bytes from completion order by used_at',
  )
  const remove = db.prepare('delete from completion where key = ?')
  const shrink = (maxBytes: number): void => {
    let excess = (size.get() ?? 0) - KEPT_SHARE * maxBytes
    const leaving: string[] = []
    for (const row of oldest.iterate()) {
      if (excess <= 0) break
      leaving.push(row.key)
      excess -= row.bytes
    }
    for (const key of leaving) remove.run(key)
  }
  // Summed once: what other processes add is seen at the next opening, and by their own counts.
  let bytes = size.get() ?? 0
  return {
    find(key) {
      const body = find.get(key)
      return body === undefined ? undefined : (JSON.parse(body) as CachedCompletion)
    },
    write(rows, used, maxBytes) {
      db.transaction(() => {
        const now = Date.now()
        for (const [key, completion] of rows) {
          const body = JSON.stringify(completion)
          const length = Buffer.byteLength(body) + ROW_BYTES
          if (insert.run({ key, now, bytes: length, body }).changes > 0) bytes += length
        }
        for (const key of used) touch.run({ key, now })
        if (bytes <= maxBytes) return
        shrink(maxBytes)
        bytes = size.get() ?? 0
      }).immediate()
      db.pragma('incremental_vacuum')
    },
    close: () => void db.close(),
  }
}
