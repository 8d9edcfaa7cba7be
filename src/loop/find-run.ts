/** Finding a run: commands take its folder, its name under runs/, or the run.yaml it came from. */

import { existsSync, readFileSync, statSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { loadRunConfig, parseRunConfig } from '../config/parse.ts'
import type { RunConfig } from '../config/schema.ts'
import { ConfigError } from '../core/errors.ts'
import { DATABASE_FILE, openStore } from '../store/store.ts'
import { FOLDER } from './folder.ts'

export interface FoundRun {
  readonly config: RunConfig
  /** Absolute path of the run.yaml it came from (which may be gone). */
  readonly configPath: string
  /** The run folder, absolute; may not exist yet when a run.yaml was named. */
  readonly directory: string
}

export interface FindOptions {
  /** `--set` flags. */
  readonly sets?: readonly string[]
  /** `--dir`: where the run folder is, for a run.yaml. */
  readonly directory?: string | undefined
}

/**
 * @param name folder, name under runs/, or run.yaml
 * @throws ConfigError when it is none of them, or the configuration has faults
 */
export function findRun(name: string, options: FindOptions = {}): FoundRun {
  const sets = options.sets ?? []
  for (const folder of [resolve(name), resolve('runs', name)]) {
    if (isRunFolder(folder)) return fromFolder(folder, sets)
  }
  if (!existsSync(name)) {
    throw new ConfigError(
      `There is no run or run.yaml called ${name}; name a run folder, a folder under runs/, or a run.yaml (spendwise init writes one).`,
    )
  }
  const path = statSync(name).isDirectory() ? join(name, 'run.yaml') : name
  if (!existsSync(path)) {
    throw new ConfigError(
      `${name} holds neither a run nor a run.yaml; name a run folder or a run.yaml (spendwise init writes one).`,
    )
  }
  const { config } = loadRunConfig(path, sets)
  return { config, configPath: resolve(path), directory: resolve(options.directory ?? join('runs', config.name)) }
}

/** The same, for commands that read what a run has stored. */
export function findStoredRun(name: string): FoundRun {
  const found = findRun(name)
  if (!isRunFolder(found.directory)) {
    throw new ConfigError(
      `${found.config.name} has not been run yet (there is nothing at ${found.directory}); start it with: spendwise run ${name}`,
    )
  }
  return found
}

function isRunFolder(folder: string): boolean {
  return existsSync(join(folder, DATABASE_FILE))
}

/** A folder goes on with the configuration it has, wherever its run.yaml is by now. */
function fromFolder(directory: string, sets: readonly string[]): FoundRun {
  const store = openStore(directory, { readonly: true })
  try {
    const configPath = store.run.read()?.configPath ?? join(directory, FOLDER.config)
    const resolved = join(directory, FOLDER.config)
    const config = parseRunConfig({ text: readFileSync(resolved, 'utf8'), file: resolved, sets })
    return { config, configPath, directory }
  } finally {
    store.close()
  }
}
