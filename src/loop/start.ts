/** Starting a run: a new folder from a run.yaml, or an old one that continues. Whole or not at all. */

import { mkdirSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { resolveConfigPath } from '../config/parse.ts'
import { diffForResume, resumeRefusal } from '../config/resume.ts'
import type { RunConfig } from '../config/schema.ts'
import { toYaml, withSettings } from '../config/stored.ts'
import { extensionsInWords } from '../core/budget/extension.ts'
import { ConfigError } from '../core/errors.ts'
import type { Problem, Split } from '../core/problem.ts'
import { writeWhole } from '../disk/whole-file.ts'
import { type LoadedSplits, loadSplits } from '../problems/load.ts'
import { sourceFiles } from '../problems/source-files.ts'
import { builtInPrompt, loadPrompt } from '../prompt/load-prompt.ts'
import { FOLDER } from '../run/folder.ts'
import type { PromptRole, RunRow, StoredPrompt } from '../store/runs.ts'
import type { Store } from '../store/store.ts'
import { fetchSources } from './hub-sources.ts'

export interface StartedRun {
  readonly resumed: boolean
  readonly problems: Readonly<Record<Split, readonly Problem[]>>
  readonly weights: Readonly<Record<string, number>>
  readonly prompts: Readonly<Record<PromptRole, StoredPrompt>>
  /** Whether every checkpoint is measured with the seeds of the base. */
  readonly commonSeeds: boolean
  /** For people: what was held out, dropped, changed. */
  readonly notes: readonly string[]
}

/** What a new run takes from run.yaml's files: read before there is a folder, so that a faulty one leaves none behind. */
export interface RunFiles {
  readonly splits: LoadedSplits
  readonly prompts: Readonly<Record<PromptRole, StoredPrompt>>
  /** SHA-256 of the problem files by their paths in run.yaml. */
  readonly files: Readonly<Record<string, string>>
}

/**
 * @param configDirectory where run.yaml lies
 * @throws ConfigError for problems or prompts that cannot be used, ServerError where the Hub cannot be reached
 */
export async function readRunFiles(config: RunConfig, configDirectory: string, signal: AbortSignal): Promise<RunFiles> {
  const { problems, prompt, seed } = config
  const { sources, notes } = await fetchSources(problems, { signal })
  const splits = loadSplits(sources, seed, configDirectory)
  return {
    splits: { ...splits, notes: [...notes, ...splits.notes] },
    files: sourceFiles(problems, configDirectory),
    prompts: {
      sampling: promptOf(prompt.sampling, config, configDirectory),
      training: promptOf(prompt.training, config, configDirectory),
      evaluation: promptOf(prompt.evaluation, config, configDirectory),
    },
  }
}

/** Where a run's configuration comes from. */
export interface RunSource {
  readonly config: RunConfig
  /** Absolute path of run.yaml. */
  readonly configPath: string
  /** `file`: it was named by its run.yaml, whose problem files are looked at; a folder has all that it needs. */
  readonly named?: 'file' | 'folder'
}

/**
 * Brings the store to where the run can continue.
 * @param files of a run that is new
 * @throws ConfigError for changes that would make it another run
 */
export function startRun(store: Store, directory: string, source: RunSource, files: RunFiles | undefined): StartedRun {
  const { config } = source
  const existing = store.run.read()
  const notes = existing ? resume(store, existing, source) : create(store, source, files)
  writeResolved(directory, config)
  const row = store.run.read()
  return {
    resumed: existing !== undefined,
    problems: {
      train: store.run.problems('train'),
      gate: store.run.problems('gate'),
      evaluate: store.run.problems('evaluate'),
    },
    weights: JSON.parse(row?.weights ?? '{}') as Record<string, number>,
    prompts: store.run.prompts(),
    commonSeeds: row?.commonSeeds ?? true,
    notes,
  }
}

function resume(store: Store, existing: RunRow, { config, configPath, named }: RunSource): string[] {
  // Read again, so that a key which came with a newer spendwise has the default that has held all along.
  const written = JSON.parse(existing.config) as RunConfig
  const stored = withSettings(written, FOLDER.config)
  const { refused, changed } = diffForResume(stored, config, undefined, written)
  if (refused.length > 0) throw new ConfigError(resumeRefusal(stored.name, refused))
  if (named === 'file') requireSameFiles(existing, config, configPath)
  if (changed.length > 0 || configPath !== existing.configPath) store.run.setConfig(JSON.stringify(config), configPath)
  const notes = changed.length === 0 ? [] : [`Changed since the last start: ${changed.join(', ')}.`]
  const newest = store.iterations.all().at(-1)?.iteration
  const fresh = store.run.extensions().filter(({ after }) => after !== null && after === newest)
  return [...notes, ...extensionsInWords(fresh)]
}

/**
 * A run named by its run.yaml continues only with the problems that it began with: another run.yaml of the same name has others.
 * @throws ConfigError where a file that both have is another one now
 */
function requireSameFiles({ name, files }: RunRow, config: RunConfig, configPath: string): void {
  if (files === null) return
  const stored = JSON.parse(files) as Record<string, string>
  const present = sourceFiles(config.problems, dirname(configPath))
  const changed = Object.keys(present).find((path) => stored[path] !== undefined && stored[path] !== present[path])
  if (changed === undefined) return
  throw new ConfigError(
    `${resolve(dirname(configPath), changed)} is not the problem file that run ${name} began with; give this run another name (name: in ${configPath}, or --dir), or put the file back. To resume with the problems that the run has stored, name its folder.`,
  )
}

function create(store: Store, { config, configPath }: RunSource, files: RunFiles | undefined): string[] {
  if (files === undefined) throw new Error('A run that is new needs its files.')
  const { train, gate, evaluate, weights, notes } = files.splits
  store.run.create(
    {
      name: config.name,
      state: 'new',
      reason: null,
      config: JSON.stringify(config),
      configPath,
      weights: JSON.stringify(weights),
      createdAt: Date.now(),
      files: JSON.stringify(files.files),
      commonSeeds: true,
    },
    [...train, ...gate, ...evaluate],
    files.prompts,
  )
  return [...notes]
}

export function promptOf(path: string | undefined, config: RunConfig, directory: string): StoredPrompt {
  if (path === undefined) return { ...builtInPrompt, api: config.sample.api }
  const prompt = loadPrompt(resolveConfigPath(directory, path))
  if (prompt.api !== config.sample.api) {
    throw new ConfigError(
      `${path}  is a prompt for api: ${prompt.api}, but sample.api is ${config.sample.api}; make them agree.`,
    )
  }
  return prompt
}

/** For people: the configuration in force, every default spelled out. */
function writeResolved(directory: string, config: RunConfig): void {
  mkdirSync(directory, { recursive: true })
  const path = join(directory, FOLDER.config)
  writeWhole(path, toYaml(config))
}
