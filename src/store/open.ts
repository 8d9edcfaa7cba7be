/** Opens the run's database: creates it, brings it to the present version, refuses a newer one. */

import Database from 'better-sqlite3'
import { StoreError } from '../core/errors.ts'
import { MIGRATIONS } from './schema.ts'

export type Db = Database.Database

/**
 * Opens (or creates) the database of a run.
 * WAL lets `status` read while `run` writes; `synchronous = normal` loses nothing when the process dies, and at most the last
 * milliseconds when the machine loses power, which the plan then draws again.
 * @throws StoreError when it is newer than this program, or not a database
 */
export function openDatabase(path: string, options: { readonly readonly?: boolean } = {}): Db {
  let db: Db | undefined
  try {
    db = new Database(path, { readonly: options.readonly ?? false, fileMustExist: options.readonly ?? false })
    db.pragma('busy_timeout = 10000')
    if (!options.readonly) {
      db.pragma('journal_mode = wal')
      db.pragma('synchronous = normal')
    }
    db.pragma('foreign_keys = on')
    migrate(db, path, options.readonly ?? false)
    return db
  } catch (error) {
    db?.close()
    throw asStoreError(error, path)
  }
}

function migrate(db: Db, path: string, readonly: boolean): void {
  const version = Number(db.pragma('user_version', { simple: true }))
  if (version > MIGRATIONS.length) {
    throw new StoreError(
      `${path} was written by a newer spendwise (database version ${version}, this one knows ${MIGRATIONS.length}); update spendwise to go on with this run.`,
    )
  }
  if (version === MIGRATIONS.length) return
  if (readonly) throw new StoreError(`${path} is from an older spendwise; run the run once to bring it up to date.`)
  db.transaction(() => {
    for (const [index, sql] of MIGRATIONS.entries()) {
      if (index >= version) db.exec(sql)
    }
    db.pragma(`user_version = ${MIGRATIONS.length}`)
  }).immediate()
}

/** Turns SQLite's errors into sentences; everything else passes through. */
export function asStoreError(error: unknown, path: string): unknown {
  if (!(error instanceof Database.SqliteError)) return error
  const advice: Record<string, string> = {
    SQLITE_FULL: 'the disk is full; free some space and run again, nothing stored so far is lost',
    SQLITE_NOTADB: 'it is not a spendwise database; name another run folder with --dir',
    SQLITE_CORRUPT: 'it is damaged; restore a copy of the run folder',
    SQLITE_CANTOPEN: 'it cannot be opened; check that the folder exists and is writable',
    SQLITE_READONLY: 'it is read-only; check the permissions of the run folder',
    SQLITE_BUSY: 'another process holds it; wait for it to end',
  }
  const code = error.code.startsWith('SQLITE_IOERR') ? 'SQLITE_IOERR' : error.code.split('_').slice(0, 2).join('_')
  const what =
    code === 'SQLITE_IOERR'
      ? `writing failed (${error.message}); check the disk and run again, nothing stored so far is lost`
      : advice[code]
  return new StoreError(`${path}: ${what ?? `${error.message} (${error.code})`}.`, { cause: error })
}
