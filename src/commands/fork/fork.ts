/** A run's past, taken up again: `fork` in a folder of its own, `rollback` where it is. */

import { cpSync, existsSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { resolveConfigPath } from '../../config/parse.ts'
import { differingSections } from '../../config/resume.ts'
import type { RunConfig } from '../../config/schema.ts'
import { toYaml, withSettings } from '../../config/stored.ts'
import { ConfigError } from '../../core/errors.ts'
import { makeNamedDirectory } from '../../disk/make-directory.ts'
import { lastAccepted } from '../../run/checkpoints.ts'
import type { FoundRun } from '../../run/find-run.ts'
import { absolutePath, checkpointDirectory, FOLDER, iterationDirectory } from '../../run/folder.ts'
import { readStore } from '../../run/read-store.ts'
import { acquireLock } from '../../store/lock.ts'
import { claimDatabase, databaseFile, lockFile, outsideFolder, placeDatabase } from '../../store/place/place.ts'
import { openStore, type Store } from '../../store/store.ts'
import { copyDatabase, truncateDatabase } from '../../store/truncate.ts'

export interface ForkRequest {
  /** The first iteration that is done again; those before it are taken over. */
  readonly at: number
  readonly name: string
  /** Where the fork is written, absolute. */
  readonly directory: string
  readonly sets: readonly string[]
}

/** What a fork stands on: its problems and prompts are stored, and its base made the checkpoints. */
const FIXED_SECTIONS: ReadonlySet<string> = new Set(['problems', 'prompt', 'base'])

/**
 * Copies the run as it was before iteration `at` into a folder of its own, whole or not at all.
 * @throws ConfigError when there is no such past, its checkpoint is gone, or the folder is taken
 */
export function forkRun(found: FoundRun, { at, name, directory, sets }: ForkRequest): void {
  if (existsSync(directory)) {
    throw new ConfigError(
      `${directory} is there already; give the fork another name with --name, or a place with --dir.`,
    )
  }
  if (name === found.config.name) {
    throw new ConfigError(
      `--name ${name} is the name of the run itself, under which servers know its checkpoints; give the fork another one.`,
    )
  }
  const kept = readStore(found.directory, (store) => requirePast(store, found.directory, at - 1))
  const config = withSettings(found.config, FOLDER.config, [...sets, `name=${name}`])
  const fixed = differingSections(found.config, config).filter((section) => FIXED_SECTIONS.has(section))
  if (fixed.length > 0) {
    throw new ConfigError(
      `--set ${fixed.join(', ')}: a fork continues with the problems, prompts and base of its run; start a new run to change them.`,
    )
  }
  const outside = folderForDatabase(found, config)
  const building = join(dirname(directory), `.${basename(directory)}.fork`)
  removeWithDatabase(building)
  makeNamedDirectory(building, `The folder of the fork, ${directory},`, 'name another place with --dir')
  try {
    const database = outside === undefined ? databaseFile(building) : placeDatabase(building, outside, name)
    copyDatabase(databaseFile(found.directory), `${database}.part`)
    renameSync(`${database}.part`, database)
    claimDatabase(building)
    truncateDatabase(database, at)
    takeOver(building, config, found.configPath, at)
    for (const path of kept) cpSync(absolutePath(found.directory, path), join(building, path), { recursive: true })
    renameSync(building, directory)
  } catch (error) {
    removeWithDatabase(building)
    throw error
  }
}

/** A fork keeps its database where its run does, unless it is told otherwise; undefined: in its run folder. */
function folderForDatabase({ configPath, directory }: FoundRun, { database }: RunConfig): string | undefined {
  if (database !== undefined) return resolveConfigPath(dirname(configPath), database)
  const outside = outsideFolder(directory)
  return outside && dirname(outside)
}

function removeWithDatabase(directory: string): void {
  const outside = outsideFolder(directory)
  if (outside !== undefined) rmSync(outside, { recursive: true, force: true })
  rmSync(directory, { recursive: true, force: true })
}

function takeOver(directory: string, config: RunConfig, configPath: string, at: number): void {
  const store = openStore(directory)
  try {
    store.run.rename(config.name)
    store.run.forgetSeams(at)
    store.handOvers.startAnew(lastAccepted({ store }, at).id)
    store.run.setConfig(JSON.stringify(config), configPath)
    store.run.setState('interrupted', null)
  } finally {
    store.close()
  }
  writeFileSync(join(directory, FOLDER.config), toYaml(config))
}

/**
 * Takes the run back to the checkpoint that iteration `to` made (-1: the base). What came after is kept as a copy of the database.
 * @returns that copy
 * @throws ConfigError when there is no such past, or its checkpoint is gone; StoreError when the run is under way
 */
export function rollBackRun(directory: string, to: number): string {
  const lock = acquireLock(lockFile(directory))
  try {
    const database = databaseFile(directory)
    const newest = readStore(directory, (store) => {
      requirePast(store, directory, to)
      return store.iterations.all().at(-1)?.iteration ?? -1
    })
    const copy = freeName(outsideFolder(directory) ?? directory, newest)
    copyDatabase(database, `${copy}.part`)
    renameSync(`${copy}.part`, copy)
    // Folders first: a trainer that finds its output there says it has done its work.
    for (let iteration = to + 1; iteration <= newest; iteration++) removeFolders(directory, iteration)
    truncateDatabase(database, to + 1)
    const store = openStore(directory)
    try {
      store.run.forgetSeams(to + 1)
      store.run.setState('interrupted', null)
    } finally {
      store.close()
    }
    return copy
  } finally {
    lock.release()
  }
}

function removeFolders(directory: string, iteration: number): void {
  rmSync(iterationDirectory(directory, iteration), { recursive: true, force: true })
  const own = checkpointDirectory(directory, iteration, 0)
  if (!existsSync(dirname(own))) return
  const mine = readdirSync(dirname(own)).filter((it) => it === basename(own) || it.startsWith(`${basename(own)}-`))
  for (const one of mine) rmSync(join(dirname(own), one), { recursive: true, force: true })
}

function freeName(directory: string, newest: number): string {
  const backups = join(directory, 'backups')
  mkdirSync(backups, { recursive: true })
  for (let number = 0; ; number++) {
    const path = join(backups, `until-${newest}${number === 0 ? '' : `-${number}`}.sqlite`)
    if (!existsSync(path)) return path
  }
}

/**
 * The run after iteration `last`.
 * @returns stored paths of what it continues from, inside the run folder
 */
function requirePast(store: Store, directory: string, last: number): string[] {
  const rows = store.iterations.all()
  const ended = rows.filter((row) => row.state === 'done' || row.state === 'rejected').map((row) => row.iteration)
  if (last < -1 || (last >= 0 && !ended.includes(last))) {
    const some = ended.length === 0 ? 'none is finished yet' : `finished are 0 to ${ended.at(-1)}`
    throw new ConfigError(`There is no finished iteration ${last} in this run: ${some}.`)
  }
  const built = rows.findLast((row) => row.iteration <= last && row.state === 'done')
  const checkpoint = store.iterations
    .checkpoints()
    .find((it) => (built ? it.iteration === built.iteration && it.attempt === built.attempt : it.iteration === -1))
  if (!checkpoint || checkpoint.kind === 'name') return []
  const path = absolutePath(directory, checkpoint.path)
  if (!existsSync(path)) {
    throw new ConfigError(
      `The checkpoint of iteration ${checkpoint.iteration} is gone (${path}); keep more of them next time with keep.last and keep.best.`,
    )
  }
  return path === checkpoint.path ? [] : [checkpoint.path]
}
