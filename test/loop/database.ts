/** Questions to a run's database, each on a connection of its own, so that a run may continue in between. */

import { join } from 'node:path'
import { type Db, openDatabase } from '../../src/store/open.ts'
import { DATABASE_FILE } from '../../src/store/place/place.ts'

export interface RunReader {
  /** The one number that a query gives. */
  count(sql: string): number
  rows(sql: string): Record<string, unknown>[]
}

export function readRun(directory: string): RunReader {
  const ask = <T>(question: (db: Db) => T): T => {
    const db = openDatabase(join(directory, DATABASE_FILE), { readonly: true })
    try {
      return question(db)
    } finally {
      db.close()
    }
  }
  return {
    count: (sql) => ask((db) => Number(db.prepare(sql).pluck().get())),
    rows: (sql) => ask((db) => db.prepare<[], Record<string, unknown>>(sql).all()),
  }
}
