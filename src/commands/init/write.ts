/** A new run.yaml from a preset, next to copies of the shipped files that it names. */

import { copyFileSync, existsSync, readdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseRunConfig, resolveConfigPath } from '../../config/parse.ts'
import { presetText } from '../../config/presets.ts'
import type { RunConfig } from '../../config/schema.ts'
import { situationOf } from '../../config/situation.ts'
import { adviceOn } from '../../core/budget/advice.ts'
import { ConfigError } from '../../core/errors.ts'
import { makeDirectory, makeNamedDirectory } from '../../disk/make-directory.ts'

export interface StartedRun {
  /** The new run.yaml. */
  readonly runFile: string
  /** All files written, run.yaml first. */
  readonly written: readonly string[]
  /** Problem files that it names and that are not there yet. */
  readonly missing: readonly string[]
  /** Which policy for which situation. */
  readonly advice: string
}

// Both src/ and dist/ lie one level below the package's root.
const PACKAGE_ROOT = fileURLToPath(new URL('../../../', import.meta.url))

/** A preset as `directory/run.yaml`. @throws ConfigError for an unknown preset, and as `writeRun` */
export function startRun(directory: string, preset: string, replace: boolean): StartedRun {
  return writeRun(directory, presetText(preset), `${preset}.yaml`, replace)
}

/** @throws ConfigError where run.yaml exists and `replace` is false */
export function requireFree(directory: string, replace: boolean): void {
  const runFile = join(directory, 'run.yaml')
  if (existsSync(runFile) && !replace) {
    throw new ConfigError(`${runFile} is there already. Name another directory, or replace it with --force.`)
  }
}

/**
 * Writes `directory/run.yaml`. Other files are copied where there is none of that name; nothing but run.yaml is ever replaced.
 * @param file how messages name the text
 * @throws ConfigError where run.yaml exists and `replace` is false
 */
export function writeRun(directory: string, text: string, file: string, replace: boolean): StartedRun {
  requireFree(directory, replace)
  const runFile = join(directory, 'run.yaml')
  const config = parseRunConfig({ text, file })
  makeNamedDirectory(directory, `The folder ${directory}`, 'name another one: spendwise init DIR')
  writeFileSync(runFile, text)
  const copied = namedFiles(config).filter((path) => copyShipped(path, directory))
  const data = Object.values(config.problems).flatMap((sources) =>
    sources.flatMap((source) => ('path' in source && source.path) || []),
  )
  return {
    runFile,
    written: [runFile, ...copied.map((path) => join(directory, path))],
    advice: adviceOn(situationOf(config)),
    missing: [...new Set(data)].filter((path) => !existsSync(resolveConfigPath(directory, path))),
  }
}

/** Prompts and recipes, as the config writes them. */
function namedFiles({ prompt, train }: RunConfig): string[] {
  const prompts = [prompt.sampling, prompt.training, prompt.evaluation].flatMap((path) => path ?? [])
  const command = 'command' in train ? train.command : []
  const script = 'script' in train && train.script !== undefined ? [train.script] : []
  const recipes = [...command, ...script].filter((argument) => argument.startsWith('recipes/'))
  // Its parts, and what it needs to be installed; the environment itself is made on the spot.
  const requirements = recipes.includes('recipes/train_sft.py')
    ? ['recipes/requirements.txt', 'recipes/requirements.lock.txt', ...recipeParts()]
    : []
  return [...new Set([...prompts, ...recipes.filter((path) => !path.includes('.venv')), ...requirements])]
}

function recipeParts(): string[] {
  const folder = 'recipes/sft'
  const files = readdirSync(join(PACKAGE_ROOT, folder)).filter((name) => name.endsWith('.py'))
  return files.sort().map((name) => `${folder}/${name}`)
}

function copyShipped(path: string, directory: string): boolean {
  const shipped = join(PACKAGE_ROOT, path)
  const copy = resolveConfigPath(directory, path)
  if (!existsSync(shipped) || existsSync(copy)) return false
  makeDirectory(dirname(copy))
  copyFileSync(shipped, copy)
  return true
}
