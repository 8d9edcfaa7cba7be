/**
 * The full text of a run's completions, in `view.sqlite` next to its database: made in the background, deleted at any time
 * without loss. Rows are added as the run grows; a run that was rolled back starts its index over.
 */

import Database from 'better-sqlite3'

const VERSION = 2
const BUSY_MS = 5_000
export const VIEW_FILE = 'view.sqlite'

export interface TextIndex {
  /** Row up to which texts are in. */
  position(): { readonly lastId: number; readonly latency: number }
  add(
    rows: readonly { readonly id: number; readonly text: string }[],
    last: { readonly id: number; readonly latency: number },
  ): void
  clear(): void
  /** Rows that hold all the words, in steps of `limit` after one, ascending or descending. */
  find(query: string, from: number, limit: number, descending: boolean): number[]
  /** Whether one row holds all the words. */
  holds(query: string, id: number): boolean
  /** Bytes that were kept under a name, as for the columns of a large run. */
  kept(name: string): Buffer | undefined
  keep(name: string, bytes: Buffer): void
  close(): void
}

/**
 * Opens (or creates) an index. One that cannot be read, or is of another version, is made again.
 * @throws where the file cannot be written at all
 */
export function openTextIndex(path: string): TextIndex {
  const db = new Database(path, { timeout: BUSY_MS })
  db.pragma('journal_mode = wal')
  // What is lost with the machine's power is indexed again.
  db.pragma('synchronous = off')
  db.pragma('cache_size = -4000')
  db.transaction(() => {
    if (Number(db.pragma('user_version', { simple: true })) === VERSION) return
    db.exec(`
      drop table if exists completion_text;
      drop table if exists position;
      drop table if exists kept;
      create virtual table completion_text using fts5 (text, content = '', contentless_delete = 1, tokenize = 'unicode61');
      create table position (id integer primary key check (id = 1), last_id integer not null, latency real not null) strict;
      insert into position values (1, 0, 0);
      create table kept (name text primary key, bytes blob not null) strict;`)
    db.pragma(`user_version = ${VERSION}`)
  }).immediate()
  const position = db.prepare<[], { readonly lastId: number; readonly latency: number }>(
    'select last_id as lastId, latency from position',
  )
  const move = db.prepare('update position set last_id = :id, latency = :latency')
  const insert = db.prepare('insert or replace into completion_text (rowid, text) values (?, ?)')
  // Numbers are bound as reals, and the index takes bounds that are integers: any other it walks to from the beginning.
  const ascending = db
    .prepare<[string, number, number], number>(
      'select rowid from completion_text where completion_text match ? and rowid > cast(? as integer) order by rowid limit ?',
    )
    .pluck()
  const descending = db
    .prepare<[string, number, number], number>(
      'select rowid from completion_text where completion_text match ? and rowid < cast(? as integer) order by rowid desc limit ?',
    )
    .pluck()
  const holds = db
    .prepare<[string, number], number>(
      'select 1 from completion_text where completion_text match ? and rowid = cast(? as integer)',
    )
    .pluck()
  const kept = db.prepare<[string], Buffer>('select bytes from kept where name = ?').pluck()
  const keep = db.prepare('insert or replace into kept (name, bytes) values (?, ?)')
  return {
    position: () => position.get() ?? { lastId: 0, latency: 0 },
    add: db.transaction((rows, last) => {
      for (const { id, text } of rows) insert.run(id, text.slice(0, MOST_INDEXED))
      move.run(last)
    }),
    clear: db.transaction(() => {
      db.exec(`delete from kept; insert into completion_text (completion_text) values ('delete-all');`)
      move.run({ id: 0, latency: 0 })
    }),
    find: (query, from, limit, isDescending) => (isDescending ? descending : ascending).all(query, from, limit),
    holds: (query, id) => holds.get(query, id) === 1,
    kept: (name) => kept.get(name),
    keep: (name, bytes) => void keep.run(name, bytes),
    close: () => void db.close(),
  }
}

/** Up to where those that were generated elsewhere are in, which begin at -1 and go down; 0 where none is. */
export function externalPosition(index: TextIndex): number {
  return Number(index.kept(EXTERNAL)?.toString('utf8') ?? 0)
}

/** Adds texts of those that were generated elsewhere, by descending id. */
export function addExternal(index: TextIndex, rows: readonly { readonly id: number; readonly text: string }[]): void {
  const { lastId, latency } = index.position()
  index.add(rows, { id: lastId, latency })
  index.keep(EXTERNAL, Buffer.from(String(rows.at(-1)?.id ?? 0)))
}

const EXTERNAL = 'external'

/** Characters of one text that are searched. */
const MOST_INDEXED = 200_000

/**
 * What people type as a query of the index: words are all wanted, `"…"` are words in this order, `word*` is a beginning.
 * Signs between words are left out, as the index leaves them out.
 * @returns undefined where there is no word in it
 */
export function toQuery(typed: string): string | undefined {
  const terms: string[] = []
  for (const match of typed
    .toWellFormed()
    .slice(0, 400)
    .matchAll(/"([^"]*)"|(\S+)/g)) {
    const isPrefix = match[2]?.endsWith('*') ?? false
    const words = (match[1] ?? match[2] ?? '').match(/[\p{L}\p{N}\p{M}\p{Co}]+/gu)
    if (words) terms.push(`"${words.join(' ')}"${isPrefix ? '*' : ''}`)
  }
  return terms.length === 0 ? undefined : terms.slice(0, 20).join(' ')
}
