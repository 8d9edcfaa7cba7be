/** A database outside its run folder: the folder knows where, and the database knows whose it is. */

import { copyFileSync, existsSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { beforeEach, expect, test } from 'vitest'
import { databaseFile, hasDatabase, lockFile, outsideFolder, placeDatabase } from '../../src/store/place/place.ts'
import { openStore } from '../../src/store/store.ts'
import { temporaryFolder } from './hand-made-run.ts'

let run: string
let local: string

beforeEach(() => {
  run = temporaryFolder()
  local = temporaryFolder()
})

const begin = (): string => {
  const path = placeDatabase(run, local, 'small')
  openStore(run).close()
  return path
}

test('without a place of its own it lies in the run folder', () => {
  expect([databaseFile(run), lockFile(run)]).toEqual([join(run, 'spendwise.sqlite'), join(run, 'lock.sqlite')])
  expect(outsideFolder(run)).toBeUndefined()
  expect(hasDatabase(run)).toBe(false)
})

test('database and lock lie in a folder of their own, and the run folder has neither', () => {
  const path = begin()
  expect(dirname(dirname(path))).toBe(local)
  expect([databaseFile(run), lockFile(run)]).toEqual([path, join(dirname(path), 'lock.sqlite')])
  expect(existsSync(path)).toBe(true)
  expect(hasDatabase(run)).toBe(true)
  expect(readdirSync(run)).toEqual(['database.json'])
  openStore(run, { readonly: true }).close()
})

test('a place that is there already stays, and another one is refused', () => {
  const path = begin()
  expect(placeDatabase(run, local, 'small')).toBe(path)
  expect(() => placeDatabase(run, temporaryFolder(), 'small')).toThrow(/keeps its database at .*; leave --database out/)
  expect(readdirSync(local)).toHaveLength(1)
})

test('a run that has its database in its folder keeps it there', () => {
  openStore(run).close()
  expect(() => placeDatabase(run, local, 'small')).toThrow(/has its database in itself already; .* fork the run/)
})

test('a database that is gone is asked for by its place and its machine, and never made anew', () => {
  const path = begin()
  rmSync(path)
  for (const readonly of [true, false]) {
    expect(() => openStore(run, { readonly })).toThrow(/keeps its database at .*, and it is not there; put it back/)
  }
  const place = join(run, 'database.json')
  writeFileSync(place, readFileSync(place, 'utf8').replace(/"host":"[^"]*"/, '"host":"login-7"'))
  expect(() => openStore(run)).toThrow(/run this on login-7/)
})

test('the database of another run is refused, for reading and for writing', () => {
  const path = begin()
  const own = `${path}.own`
  renameSync(path, own)
  const other = temporaryFolder()
  copyFileSync(placeAndBegin(other), path)
  for (const readonly of [true, false]) {
    expect(() => openStore(run, { readonly })).toThrow(/is the database of another run than/)
  }
  renameSync(own, path)
  openStore(run).close()
})

const PLACE = { database: '/scratch/small.sqlite', id: 7, host: 'node' }

test.each([
  '{',
  'null',
  ...[{ database: 7 }, { id: 'seven' }, { id: 1.5 }, { host: null }].map((wrong) =>
    JSON.stringify({ ...PLACE, ...wrong }),
  ),
])('a damaged place is one sentence: %s', (text) => {
  begin()
  writeFileSync(join(run, 'database.json'), text)
  expect(() => openStore(run)).toThrow(/database\.json is damaged/)
})

function placeAndBegin(directory: string): string {
  const path = placeDatabase(directory, local, 'other')
  openStore(directory).close()
  return path
}
