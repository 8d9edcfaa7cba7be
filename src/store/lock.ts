/** One process at a time on a run folder, by a lock that the operating system frees when its holder dies. */

import { existsSync } from 'node:fs'
import Database from 'better-sqlite3'
import { StoreError } from '../core/errors.ts'

export interface RunLock {
  release(): void
}

/**
 * Takes the run's lock: an exclusive transaction on a small database of its own, held until released or until death.
 * @throws StoreError (exit 2) when another process holds it
 */
export function acquireLock(path: string): RunLock {
  const db = new Database(path, { timeout: 200 })
  try {
    db.pragma('journal_mode = delete')
    db.exec('begin exclusive')
  } catch (error) {
    db.close()
    if (!isBusy(error)) throw error
    throw new StoreError(
      `Another process is running in this folder (${path} is locked); wait for it or stop it, then run again.`,
      {
        cause: error,
        usage: true,
      },
    )
  }
  return {
    release() {
      db.exec('rollback')
      db.close()
    },
  }
}

/** Whether some process holds the lock. */
export function isLocked(path: string): boolean {
  if (!existsSync(path)) return false
  const db = new Database(path, { timeout: 0, readonly: true })
  try {
    db.exec('begin')
    db.prepare('select count(*) from sqlite_schema').get()
    return false
  } catch (error) {
    if (isBusy(error)) return true
    throw error
  } finally {
    db.close()
  }
}

function isBusy(error: unknown): boolean {
  return error instanceof Database.SqliteError && error.code.startsWith('SQLITE_BUSY')
}
