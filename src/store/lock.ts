/** One process at a time on a run folder, by a lock that the operating system frees when its holder dies. */

import { existsSync, rmSync, statfsSync } from 'node:fs'
import { dirname, join } from 'node:path'
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
    if (refusesLocks(dirname(path))) throw noLocks(path, error)
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

/** File systems by the number that the system calls them by (Linux, statfs(2)), where locks are a matter of how they are mounted. */
const FILE_SYSTEMS: Readonly<Record<number, string>> = {
  26985: 'NFS',
  198183888: 'Lustre',
  1196443219: 'GPFS',
  428016422: 'BeeGFS',
  12805120: 'Ceph',
  4283649346: 'SMB',
  4266872130: 'SMB',
  1702057286: 'FUSE',
  16914839: '9p',
}

/** SQLite takes a system that has no locks for one whose lock another holds; but nobody holds one on a file that was just made. */
export function refusesLocks(folder: string): boolean {
  const path = join(folder, `.lock-trial-${process.pid}.sqlite`)
  let db: Database.Database | undefined
  try {
    db = new Database(path, { timeout: 0 })
    db.exec('begin exclusive')
    return false
  } catch (error) {
    return isBusy(error)
  } finally {
    db?.close()
    rmSync(path, { force: true })
  }
}

/** ` (NFS)`, where it is one whose locks are a matter of how it is mounted; else nothing. */
export function fileSystemOf(folder: string): string {
  const name = FILE_SYSTEMS[statfsSync(folder).type]
  return name === undefined ? '' : ` (${name})`
}

function noLocks(path: string, cause: unknown): StoreError {
  return new StoreError(
    `The file system${fileSystemOf(dirname(path))} of ${dirname(path)} refuses file locks, without which two runs could write to one database; keep the run's database on a local disk with --database DIR (database: in run.yaml), mount it with locks, or put the whole run folder on another disk with --dir.`,
    { cause, usage: true },
  )
}
