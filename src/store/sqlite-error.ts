/** SQLite's errors as sentences for people. */

import Database from 'better-sqlite3'
import { StoreError } from '../core/errors.ts'

/** By primary result code: what is the matter, and what to do about it. */
const ADVICE: Readonly<Record<string, string>> = {
  SQLITE_FULL: 'the disk is full; free some space and run again, nothing stored so far is lost',
  SQLITE_NOTADB: 'it is not a spendwise database; name another run folder with --dir',
  SQLITE_CORRUPT: 'it is damaged; restore a copy of the run folder',
  SQLITE_CANTOPEN: 'it cannot be opened; check that the folder exists and is writable',
  SQLITE_READONLY: 'it is read-only; check the permissions of the run folder',
  SQLITE_BUSY: 'another process holds it; wait for it to end',
}

/** Turns SQLite's errors into sentences; everything else passes through. */
export function asStoreError(error: unknown, path: string): unknown {
  if (isMissingFolder(error)) return new StoreError(`${path}: ${ADVICE.SQLITE_CANTOPEN}.`, { cause: error })
  if (!(error instanceof Database.SqliteError)) return error
  // Extended codes begin with their primary one: SQLITE_READONLY_DBMOVED.
  const code = error.code.split('_').slice(0, 2).join('_')
  const what =
    code === 'SQLITE_IOERR'
      ? `writing failed (${error.message}); check the disk and run again, nothing stored so far is lost`
      : (ADVICE[code] ?? `${error.message} (${error.code})`)
  return new StoreError(`${path}: ${what}.`, { cause: error })
}

/** better-sqlite3 looks for the folder itself, before SQLite does, and throws an error of another class. */
function isMissingFolder(error: unknown): boolean {
  return error instanceof TypeError && error.message.includes('directory does not exist')
}
