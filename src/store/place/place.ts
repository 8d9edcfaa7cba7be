/**
 * Where a run's database and its lock lie: in the run folder, or on another disk, where the folder's own has no working locks. The folder
 * then holds the place in a file, and the database holds the run's id, so that neither is taken for another's.
 */

import { randomInt } from 'node:crypto'
import { existsSync, linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { dirname, join } from 'node:path'
import { ConfigError, codeOf, StoreError } from '../../core/errors.ts'
import { type Db, openDatabase } from '../open.ts'

export const DATABASE_FILE = 'spendwise.sqlite'
export const LOCK_FILE = 'lock.sqlite'
/** In the run folder of a database that lies elsewhere. */
const PLACE_FILE = 'database.json'

interface Place {
  /** Absolute path of the database, in a folder of its own. */
  readonly database: string
  /** The run's id, which the database has in its header. */
  readonly id: number
  /** On whose disk: other machines may see none, or another. */
  readonly host: string
}

/** @throws StoreError where the file with the place cannot be read as one */
export function databaseFile(directory: string): string {
  return placeOf(directory)?.database ?? join(directory, DATABASE_FILE)
}

/** The lock lies next to the database: where that may not be, locks do not work. @throws as databaseFile */
export function lockFile(directory: string): string {
  return join(dirname(databaseFile(directory)), LOCK_FILE)
}

/** Whether a run has a database, which may be on another machine. */
export function hasDatabase(directory: string): boolean {
  return existsSync(join(directory, PLACE_FILE)) || existsSync(join(directory, DATABASE_FILE))
}

/** The folder outside the run folder that holds nothing but this run's database; undefined where it is inside. */
export function outsideFolder(directory: string): string | undefined {
  const place = placeOf(directory)
  return place && dirname(place.database)
}

/**
 * Keeps the database of a new run below another folder; one that is kept there already stays.
 * @param directory run folder, which must exist
 * @param folder absolute
 * @returns the path of the database
 * @throws ConfigError where the run has its database in another place; StoreError where the folder cannot be made
 */
export function placeDatabase(directory: string, folder: string, name: string): string {
  const before = placeOf(directory)
  if (before !== undefined) return requireBelow(before, directory, folder)
  if (existsSync(join(directory, DATABASE_FILE))) {
    throw new ConfigError(
      `${directory} has its database in itself already; leave --database out, or fork the run with --database to continue with one in ${folder}.`,
    )
  }
  const id = randomInt(1, 2 ** 31 - 1)
  const place = { database: join(folder, `${name}-${id.toString(36)}`, DATABASE_FILE), id, host: hostname() }
  try {
    mkdirSync(dirname(place.database), { recursive: true })
  } catch (error) {
    throw new StoreError(
      `${folder} cannot hold the database (${codeOf(error)}); name another folder with --database.`,
      {
        cause: error,
      },
    )
  }
  // Before its place is known: where a place is known and no database is there, it is lost, and never begun anew.
  mark(place)
  const file = join(directory, PLACE_FILE)
  writeFileSync(`${file}.${id}`, `${JSON.stringify(place)}\n`)
  try {
    // Whoever comes second takes the first one's: of two that start at once, one has the lock there.
    linkSync(`${file}.${id}`, file)
    return place.database
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw error
    rmSync(dirname(place.database), { recursive: true, force: true })
    return databaseFile(directory)
  } finally {
    rmSync(`${file}.${id}`, { force: true })
  }
}

/** What lies at the run's place becomes its own: a copy of another run's database. */
export function claimDatabase(directory: string): void {
  const place = placeOf(directory)
  if (place !== undefined) mark(place)
}

function mark({ database, id }: Place): void {
  const db = openDatabase(database)
  db.pragma(`application_id = ${id}`)
  db.close()
}

/**
 * Opens the database of a run folder.
 * @throws StoreError where there is none, it cannot be opened, or it is another run's
 */
export function openPlaced(directory: string, options: { readonly readonly?: boolean }): Db {
  const place = placeOf(directory)
  const path = databaseFile(directory)
  if (place !== undefined && !existsSync(path)) throw notHere(place, directory)
  if (options.readonly && !existsSync(path)) {
    throw new StoreError(
      `${directory} holds no run (there is no ${DATABASE_FILE} in it); name a folder that \`spendwise run\` made.`,
      { usage: true },
    )
  }
  const db = openDatabase(path, options)
  if (place !== undefined) requireOwn(db, place, directory)
  return db
}

function requireOwn(db: Db, place: Place, directory: string): void {
  if (Number(db.pragma('application_id', { simple: true })) === place.id) return
  db.close()
  throw new StoreError(
    `${place.database} is the database of another run than ${directory}; put the right one back, or correct its place in ${join(directory, PLACE_FILE)}.`,
    { usage: true },
  )
}

function requireBelow(place: Place, directory: string, folder: string): string {
  if (dirname(dirname(place.database)) === folder) return place.database
  throw new ConfigError(
    `${directory} keeps its database at ${place.database}; leave --database out, or fork the run with --database to continue with one in ${folder}.`,
  )
}

function notHere({ database, host }: Place, directory: string): StoreError {
  const where = host === hostname() ? 'put it back' : `run this on ${host}, on whose disk it was made`
  return new StoreError(
    `${directory} keeps its database at ${database}, and it is not there; ${where}, or correct its place in ${join(directory, PLACE_FILE)}.`,
    { usage: true },
  )
}

function placeOf(directory: string): Place | undefined {
  const file = join(directory, PLACE_FILE)
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch (error) {
    // ENOTDIR: a run.yaml is asked whether it is a run folder.
    if (codeOf(error) === 'ENOENT' || codeOf(error) === 'ENOTDIR') return undefined
    throw error
  }
  const place = parsed(text)
  if (place !== undefined) return place
  throw new StoreError(`${file} is damaged, which says where the run's database is; restore it.`)
}

function parsed(text: string): Place | undefined {
  try {
    const { database, id, host } = JSON.parse(text) as Partial<Record<keyof Place, unknown>>
    const isPlace = typeof database === 'string' && Number.isInteger(id) && typeof host === 'string'
    return isPlace ? { database, id: Number(id), host } : undefined
  } catch {
    return undefined
  }
}
