/** Databases and disks that are broken on purpose. */

import { execFileSync } from 'node:child_process'
import { mkdirSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import type { TestContext } from 'vitest'
import { openDatabase } from '../../../src/store/open.ts'
import { MIGRATIONS } from '../../../src/store/schema.ts'
import { type Ended, runCommand } from '../../loop/command.ts'
import type { Workplace } from '../../loop/workplace.ts'

export function patched(bytes: Buffer, at: number, patch: Buffer): Buffer {
  return Buffer.concat([bytes.subarray(0, at), patch, bytes.subarray(at + patch.length)])
}

export function textsIn(run: string): unknown[] {
  const db = openDatabase(join(run, 'spendwise.sqlite'))
  try {
    return db.prepare('select id, problem, idx, text from completion').all()
  } finally {
    db.close()
  }
}

export function runLimited(place: Workplace, args: readonly string[], kib: number): Promise<Ended> {
  return runCommand(args, { cwd: place.folder, fileKib: kib })
}

/** A small disk of its own; the test is skipped where nobody may mount one. */
export function mountDisk(context: TestContext, place: Workplace, name: string, size: string): string {
  const folder = place.at(`disk-${name}`)
  mkdirSync(folder)
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${size}`, 'tmpfs', folder], { stdio: 'pipe' })
  } catch {
    context.skip('mounting a small disk is not allowed here (it needs root)')
  }
  context.onTestFinished(() => void execFileSync('umount', [folder]))
  return folder
}

export function remount(folder: string, options: string): void {
  execFileSync('mount', ['-o', `remount,${options}`, folder], { stdio: 'pipe' })
}

/** The rows of a database as the first version of its shape would have held them. */
export function makeFirstVersion(path: string): void {
  const old = new Database(`${path}.old`)
  old.pragma('foreign_keys = off')
  old.exec(MIGRATIONS[0] ?? '')
  old.pragma('user_version = 1')
  old.prepare('attach ? as now').run(path)
  const tables = old.prepare<[], string>("select name from sqlite_schema where type = 'table'").pluck().all()
  for (const table of tables) {
    const columns = old.prepare<[string], string>('select name from pragma_table_info(?)').pluck().all(table).join(', ')
    old.exec(`insert into main."${table}" (${columns}) select ${columns} from now."${table}"`)
  }
  old.exec("update main.run set config = json_remove(config, '$.accept.deduplicate', '$.verify', '$.keep')")
  old.close()
  for (const end of ['-wal', '-shm']) rmSync(`${path}${end}`, { force: true })
  renameSync(`${path}.old`, path)
}
