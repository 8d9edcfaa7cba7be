/** Opening a database: new, present, newer, older, damaged, missing. */

import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { describe, expect, test } from 'vitest'
import { StoreError } from '../../src/core/errors.ts'
import { openDatabase } from '../../src/store/open.ts'
import { DATABASE_FILE } from '../../src/store/place/place.ts'
import { MIGRATIONS } from '../../src/store/schema.ts'
import { openStore } from '../../src/store/store.ts'
import { createRun, RUN, temporaryFolder } from './hand-made-run.ts'

function failureOf(work: () => unknown): StoreError {
  try {
    work()
  } catch (error) {
    if (error instanceof StoreError) return error
    throw error
  }
  throw new Error('nothing was thrown')
}

function schemaOf(path: string): unknown[] {
  const db = new Database(path, { readonly: true })
  try {
    return db.prepare('select type, name, sql from sqlite_schema order by name').all()
  } finally {
    db.close()
  }
}

function setVersion(path: string, version: number): void {
  const db = new Database(path)
  db.pragma(`user_version = ${version}`)
  db.close()
}

describe('a new database', () => {
  test('has the present version, write-ahead log and foreign keys', () => {
    const db = openDatabase(join(temporaryFolder(), DATABASE_FILE))
    expect(db.pragma('user_version', { simple: true })).toBe(MIGRATIONS.length)
    expect(db.pragma('journal_mode', { simple: true })).toBe('wal')
    expect(db.pragma('foreign_keys', { simple: true })).toBe(1)
    db.close()
  })

  test('opened again stays as it is, with all it holds', () => {
    const folder = temporaryFolder()
    const path = join(folder, DATABASE_FILE)
    createRun(folder).close()
    const before = schemaOf(path)
    const store = openStore(folder)
    expect(store.run.read()).toEqual(RUN)
    store.close()
    expect(schemaOf(path)).toEqual(before)
  })

  test('holds every table in strict types', () => {
    const folder = temporaryFolder()
    openStore(folder).close()
    const db = new Database(join(folder, DATABASE_FILE), { readonly: true })
    const loose = db.prepare(
      `select name from pragma_table_list where schema = 'main' and strict = 0 and type = 'table'`,
    )
    expect(
      loose
        .pluck()
        .all()
        .filter((name) => !String(name).startsWith('sqlite_')),
    ).toEqual([])
    db.close()
  })

  test('that a killed process has left empty is made whole', () => {
    const folder = temporaryFolder()
    const path = join(folder, DATABASE_FILE)
    writeFileSync(path, '')
    openStore(folder).close()
    expect(schemaOf(path).length).toBeGreaterThan(10)
  })
})

describe('a database that cannot be used is refused with a sentence', () => {
  test('a newer one', () => {
    const folder = temporaryFolder()
    openStore(folder).close()
    setVersion(join(folder, DATABASE_FILE), MIGRATIONS.length + 1)
    const { message, exitCode } = failureOf(() => openStore(folder))
    expect(message).toContain(`written by a newer spendwise (database version ${MIGRATIONS.length + 1}`)
    expect(message).toContain('update spendwise')
    expect(exitCode).toBe(1)
    expect(failureOf(() => openStore(folder, { readonly: true })).message).toBe(message)
  })

  test('one whose run never began, to a reader', () => {
    const folder = temporaryFolder()
    new Database(join(folder, DATABASE_FILE)).exec('create table t (a)').close()
    expect(failureOf(() => openStore(folder, { readonly: true })).message).toContain('stopped before it began')
  })

  test('a file that is no database', () => {
    const folder = temporaryFolder()
    writeFileSync(join(folder, DATABASE_FILE), 'no database at all, but long enough to have a header\n'.repeat(40))
    expect(failureOf(() => openStore(folder)).message).toBe(
      `${join(folder, DATABASE_FILE)}: it is not a spendwise database; name another run folder with --dir.`,
    )
  })

  test('a folder in place of the file', () => {
    const folder = temporaryFolder()
    mkdirSync(join(folder, DATABASE_FILE))
    expect(failureOf(() => openStore(folder)).message).toContain('cannot be opened')
  })

  test('a folder that is not there', () => {
    const folder = join(temporaryFolder(), 'nowhere')
    expect(failureOf(() => openStore(folder)).message).toContain('check that the folder exists')
    expect(existsSync(folder)).toBe(false)
  })

  test('a run that is not there, to a reader, who makes none', () => {
    const folder = temporaryFolder()
    const { message, exitCode } = failureOf(() => openStore(folder, { readonly: true }))
    expect(message).toContain('holds no run')
    expect(exitCode).toBe(2)
    expect(existsSync(join(folder, DATABASE_FILE))).toBe(false)
  })
})

test('a reader cannot write', () => {
  const folder = temporaryFolder()
  createRun(folder)
  const reader = openStore(folder, { readonly: true })
  const failure = failureOf(() => {
    try {
      reader.run.setState('done', null)
    } catch (error) {
      throw reader.explain(error)
    }
  })
  expect(failure.message).toContain('read-only')
  reader.close()
})

test('a full disk is said as such, and what was stored is still there', () => {
  const folder = temporaryFolder()
  createRun(folder).close()
  const path = join(folder, DATABASE_FILE)
  const db = openDatabase(path)
  const pages = Number(db.pragma('page_count', { simple: true }))
  db.pragma(`max_page_count = ${pages + 2}`)
  const insert = db.prepare(
    `insert into problem (id, split, source, question, answer) values (?, 'train', 's', ?, '1')`,
  )
  const stored: number[] = []
  const failure = failureOf(() => {
    for (let i = 0; ; i++) {
      try {
        insert.run(`new/${i}`, 'long '.repeat(200))
        stored.push(i)
      } catch (error) {
        throw asThrown(error, folder)
      }
    }
  })
  expect(failure.message).toBe(
    `${path}: the disk is full; free some space and run again, nothing stored so far is lost.`,
  )
  expect(failure.cause).toBeInstanceOf(Database.SqliteError)
  db.close()
  const store = openStore(folder)
  expect(store.run.problems('train').filter(({ id }) => id.startsWith('new/'))).toHaveLength(stored.length)
  store.close()
})

function asThrown(error: unknown, folder: string): unknown {
  const store = openStore(folder, { readonly: true })
  try {
    return store.explain(error)
  } finally {
    store.close()
  }
}

test('errors that are not SQLite’s pass through', () => {
  const error = new Error('something else')
  expect(createRun().explain(error)).toBe(error)
})
