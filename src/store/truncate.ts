/** Takes a run back: everything of an iteration and those after it leaves the database, in one transaction. */

import type { Db } from './open.ts'
import { openDatabase } from './open.ts'
import { asStoreError } from './sqlite-error.ts'

/**
 * A whole copy of the database in one file, without the log next to it.
 * @param copy must not exist
 * @throws StoreError when either cannot be read or written
 */
export function copyDatabase(path: string, copy: string): void {
  try {
    const db = openDatabase(path, { readonly: true })
    try {
      db.prepare('vacuum into ?').run(copy)
    } finally {
      db.close()
    }
    // Servers that run for the original are none of the copy's.
    const copied = openDatabase(copy)
    copied.exec('delete from fleet_step')
    copied.pragma('journal_mode = delete')
    copied.close()
  } catch (error) {
    throw asStoreError(error, path)
  }
}

/**
 * Deletes every row of iterations from `from` on, and every row that refers to one of them, whatever tables there are.
 * @throws StoreError when the database cannot be written
 */
export function truncateDatabase(path: string, from: number): void {
  try {
    const db = openDatabase(path)
    try {
      db.transaction(() => truncate(db, from)).immediate()
    } finally {
      db.close()
    }
  } catch (error) {
    throw asStoreError(error, path)
  }
}

interface Reference {
  readonly table: string
  readonly column: string
  readonly parent: string
  readonly parentColumn: string
}

function truncate(db: Db, from: number): void {
  // A checkpoint and what was drawn from it refer to each other in turn: the order of deletion is nobody's business before the end.
  db.pragma('defer_foreign_keys = on')
  const tables = db.prepare<[], string>("select name from sqlite_schema where type = 'table'").pluck().all()
  const own = tables.filter((table) => columnsOf(db, table).includes('iteration'))
  const references = tables
    .filter((table) => !own.includes(table))
    .flatMap((table) => referencesOf(db, table))
    .filter(({ parent }) => own.includes(parent))
  for (const { table, column, parent, parentColumn } of references) {
    db.prepare(
      `delete from "${table}" where "${column}" in (select "${parentColumn}" from "${parent}" where iteration >= ?)`,
    ).run(from)
  }
  for (const table of own) db.prepare(`delete from "${table}" where iteration >= ?`).run(from)
}

function columnsOf(db: Db, table: string): string[] {
  return db.prepare<[string], string>('select name from pragma_table_info(?)').pluck().all(table)
}

function referencesOf(db: Db, table: string): Reference[] {
  return db
    .prepare<[string], { readonly column: string; readonly parent: string; readonly parentColumn: string }>(
      'select "from" as column, "table" as parent, "to" as parentColumn from pragma_foreign_key_list(?)',
    )
    .all(table)
    .map((row) => ({ table, ...row }))
}
