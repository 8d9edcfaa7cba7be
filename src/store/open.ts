/** Opens the run's database: creates it, brings it to the present version, refuses a newer one. */

import Database from 'better-sqlite3'
import { StoreError } from '../core/errors.ts'
import { MIGRATIONS } from './schema.ts'
import { asStoreError } from './sqlite-error.ts'

export type Db = Database.Database

const BUSY_MS = 10_000
/** Of a connection that only reads: the system keeps the pages as well, once for all of them. */
const READ_CACHE_KIB = 2_000

/**
 * Opens (or creates) the database of a run.
 * WAL lets `status` read while `run` writes; `synchronous = normal` loses nothing when the process dies, and at most the last
 * milliseconds when the machine loses power, which the plan then draws again.
 * A database of an older version is brought up to date, also where it is only to be read.
 * @throws StoreError when it is newer than this program, or not a database
 */
export function openDatabase(path: string, options: { readonly readonly?: boolean } = {}): Db {
  let db: Db | undefined
  const readonly = options.readonly ?? false
  try {
    db = new Database(path, { readonly, fileMustExist: readonly, timeout: BUSY_MS })
    if (readonly) db.pragma(`cache_size = -${READ_CACHE_KIB}`)
    else {
      db.pragma('journal_mode = wal')
      db.pragma('synchronous = normal')
    }
    db.pragma('foreign_keys = on')
    if (!isBehind(db, path)) return db
    if (!readonly) {
      migrate(db)
      return db
    }
    if (versionOf(db) === 0) throw neverBegun(path)
    db.close()
    // Whoever only looks at a run of an older spendwise brings it up to date: what is added changes nothing that is there.
    openDatabase(path).close()
    return openDatabase(path, options)
  } catch (error) {
    db?.close()
    throw asStoreError(error, path)
  }
}

function versionOf(db: Db): number {
  return Number(db.pragma('user_version', { simple: true }))
}

function isBehind(db: Db, path: string): boolean {
  const version = versionOf(db)
  if (version > MIGRATIONS.length) {
    throw new StoreError(
      `${path} was written by a newer spendwise (database version ${version}, this one knows ${MIGRATIONS.length}); update spendwise to continue with this run.`,
    )
  }
  return version < MIGRATIONS.length
}

function neverBegun(path: string): StoreError {
  return new StoreError(`${path} is empty: its run was stopped before it began; start it again with its run.yaml.`)
}

/** All in one transaction; the version is read again inside, for another process may have been quicker. */
function migrate(db: Db): void {
  db.transaction(() => {
    for (const sql of MIGRATIONS.slice(versionOf(db))) db.exec(sql)
    db.pragma(`user_version = ${MIGRATIONS.length}`)
  }).immediate()
}
