/** One process at a time on a run folder, by a lock that the operating system frees when its holder dies. */

import { existsSync } from 'node:fs'
import Database from 'better-sqlite3'
import { StoreError } from '../core/errors.ts'
import { asStoreError } from './sqlite-error.ts'

export interface RunLock {
  release(): void
}

/** Whoever only looks whether the lock is held holds it shared for a moment. */
const PATIENCE_MS = 200

/**
 * Takes the run's lock: an exclusive transaction on a small database of its own, held until released or until death.
 * @throws StoreError, with exit code 2 when another process holds it
 */
export function acquireLock(path: string): RunLock {
  let db: Database.Database | undefined
  try {
    db = new Database(path, { timeout: PATIENCE_MS })
    db.exec('begin exclusive')
  } catch (error) {
    db?.close()
    if (!isBusy(error)) throw asStoreError(error, path)
    throw new StoreError(
      `Another process is running in this folder (${path} is locked); wait for it or stop it, then run again.`,
      { cause: error, usage: true },
    )
  }
  const held = db
  return { release: () => void held.close() }
}

/**
 * Whether some process holds the lock; never waits.
 * @throws StoreError when the lock file cannot be read
 */
export function isLocked(path: string): boolean {
  if (!existsSync(path)) return false
  let db: Database.Database | undefined
  try {
    db = new Database(path, { timeout: 0, readonly: true })
    db.prepare('select count(*) from sqlite_schema').get()
    return false
  } catch (error) {
    if (isBusy(error)) return true
    throw asStoreError(error, path)
  } finally {
    db?.close()
  }
}

function isBusy(error: unknown): boolean {
  return error instanceof Database.SqliteError && error.code.startsWith('SQLITE_BUSY')
}
