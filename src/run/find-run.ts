/** Finding a run: commands take its folder, its name under runs/, or the run.yaml it came from. */

import { existsSync, statSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { withExtensions } from '../config/extend.ts'
import { loadRunConfig, parseRunConfig } from '../config/parse.ts'
import type { RunConfig } from '../config/schema.ts'
import { withSettings } from '../config/stored.ts'
import type { Extension } from '../core/budget/extension.ts'
import { ConfigError, StoreError } from '../core/errors.ts'
import { hasDatabase } from '../store/place/place.ts'
import type { RunRow } from '../store/runs.ts'
import { FOLDER } from './folder.ts'
import { readStore } from './read-store.ts'

export interface FoundRun {
  readonly config: RunConfig
  /** Absolute path of the run.yaml it came from (which may be gone). */
  readonly configPath: string
  /** The run folder, absolute; may not exist yet when a run.yaml was named. */
  readonly directory: string
  /** Whether it was named by its folder or by its run.yaml. */
  readonly named: 'file' | 'folder'
}

export interface FindOptions {
  /** `--set` flags. */
  readonly sets?: readonly string[]
  /** `--dir`: where the run folder is, for a run.yaml. */
  readonly directory?: string | undefined
}

/**
 * @param name folder, name under runs/, or run.yaml
 * @throws ConfigError when it is none of them, or the configuration has faults; StoreError when its database cannot be read
 */
export function findRun(name: string, options: FindOptions = {}): FoundRun {
  const sets = options.sets ?? []
  // The folder one is in is what an empty name resolves to, and an unset variable is what mostly gives one.
  if (name === '' || options.directory === '') {
    throw new ConfigError(`${name === '' ? 'RUN' : '--dir'} is empty; name a folder, or . for the one you are in.`)
  }
  for (const directory of [resolve(name), resolve('runs', name)]) {
    const row = readRow(directory)
    if (row) return fromFolder(directory, row, sets)
  }
  const path = existsSync(name) && statSync(name).isDirectory() ? join(name, 'run.yaml') : name
  if (existsSync(path)) {
    const { config } = loadRunConfig(path, withOldName(path, options, sets))
    const directory = resolve(options.directory ?? join('runs', config.name))
    return {
      config: withExtensions(config, extensionsIn(directory)),
      configPath: resolve(path),
      directory,
      named: 'file',
    }
  }
  throw new ConfigError(
    path === name
      ? `There is no run or run.yaml called ${name}; name a run folder, a folder under runs/, or a run.yaml (spendwise init writes one).`
      : `${name} holds neither a run nor a run.yaml; name a run folder or a run.yaml (spendwise init writes one).`,
  )
}

/**
 * A run.yaml without a name was called `run` by 0.1.0, and is called as its folder since: a run that it began continues where it is.
 * @returns the settings, with that name where it is so
 */
function withOldName(path: string, options: FindOptions, sets: readonly string[]): readonly string[] {
  const old = resolve('runs', 'run')
  if (options.directory !== undefined || !hasDatabase(old)) return sets
  const { config, text } = loadRunConfig(path, sets)
  const unnamed = parseRunConfig({ text, file: 'run.yaml', path: resolve(path), sets }).name
  const isNamed = unnamed !== 'run' || config.name === 'run'
  if (isNamed || holdsRun(resolve('runs', config.name))) return sets
  return readRow(old)?.configPath === resolve(path) ? [...sets, 'name=run'] : sets
}

/** How the budget of the run in a folder has grown; nothing where there is no run that can be read: whoever opens it says what is wrong. */
function extensionsIn(directory: string): readonly Extension[] {
  try {
    return holdsRun(directory) ? readStore(directory, (store) => store.run.extensions()) : []
  } catch (error) {
    if (error instanceof StoreError) return []
    throw error
  }
}

/** The same, for commands that read what a run has stored. */
export function findStoredRun(name: string): FoundRun {
  const found = findRun(name)
  if (!holdsRun(found.directory)) {
    throw new ConfigError(
      `${found.config.name} has not been run yet (there is no run at ${found.directory}); start it with: spendwise run ${name}`,
    )
  }
  return found
}

/** Whether a run has begun in this folder. */
export function holdsRun(directory: string): boolean {
  return readRow(directory) !== undefined
}

/** The run in a folder; undefined where there is none, also where a process was killed before it had written one. */
function readRow(directory: string): RunRow | undefined {
  if (!hasDatabase(directory)) return undefined
  return readStore(directory, (store) => store.run.read())
}

/** A folder continues with the configuration it has, wherever its run.yaml is by now. */
function fromFolder(directory: string, row: RunRow, sets: readonly string[]): FoundRun {
  const config = withSettings(JSON.parse(row.config) as RunConfig, join(directory, FOLDER.config), sets)
  return { config, configPath: row.configPath, directory, named: 'folder' }
}
