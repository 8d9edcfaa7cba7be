/** PURE: which files of a dataset repository hold the rows of a config and a split. */

import { ConfigError } from '../core/errors.ts'
import { globPattern } from './glob.ts'

export interface FileChoice {
  readonly config?: string | undefined
  readonly split?: string | undefined
  /** A path or a pattern such as `data/train-*.parquet`; goes before what the card says. */
  readonly file?: string | undefined
}

/** What the head of a dataset's README.md says about its files: patterns by config and split. */
export type CardConfigs = readonly {
  readonly name: string
  readonly isDefault: boolean
  readonly splits: readonly { readonly name: string; readonly patterns: readonly string[] }[]
}[]

export interface ChosenFiles {
  readonly files: readonly string[]
  readonly config: string | undefined
  readonly split: string | undefined
}

/** Endings of files that hold rows; where a dataset has the same rows in several, the first is taken. */
const FORMATS = ['.parquet', '.jsonl', '.ndjson', '.json', '.csv', '.tsv'] as const
const DATA_FILE = /\.(?:parquet|jsonl|ndjson|json|csv|tsv)(?:\.gz|\.zst)?$/i
/** Files about a dataset. */
const NO_DATA = /(?:^|\/)(?:dataset_infos?|dataset_dict|state|config)\.json$|(?:^|\/)\./i

/** @throws ConfigError naming what there is to choose from, where the choice is open or names nothing */
export function chooseFiles(
  paths: readonly string[],
  card: CardConfigs,
  choice: FileChoice,
  repo: string,
): ChosenFiles {
  const data = paths.filter((path) => DATA_FILE.test(path) && !NO_DATA.test(path)).toSorted()
  if (choice.file !== undefined) return byPattern(data, choice.file, choice, repo)
  if (data.length === 0) {
    throw new ConfigError(
      `hub:${repo}  has no Parquet, JSONL, JSON or CSV file; try its converted files with revision refs/convert/parquet.`,
    )
  }
  return card.length > 0 ? byCard(data, card, choice, repo) : byNames(data, choice, repo)
}

function byPattern(data: readonly string[], file: string, { config, split }: FileChoice, repo: string): ChosenFiles {
  const pattern = globPattern(file)
  const files = data.filter((path) => pattern.test(path))
  if (files.length === 0) {
    throw new ConfigError(`hub:${repo}  has no data file ${file}; it has ${shortList(data) || 'none at all'}.`)
  }
  return { files: oneFormat(files), config, split: split ?? splitIn(files[0] ?? '') }
}

function byCard(data: readonly string[], card: CardConfigs, choice: FileChoice, repo: string): ChosenFiles {
  const names = card.map(({ name }) => name)
  const wanted = choice.config ?? (card.length === 1 ? names[0] : card.find(({ isDefault }) => isDefault)?.name)
  const config = card.find(({ name }) => name === wanted)
  if (config === undefined) throw openChoice(repo, 'config', wanted, names)
  const splits = config.splits.map(({ name }) => name)
  const wantedSplit = choice.split ?? (splits.length === 1 ? splits[0] : undefined)
  const split = config.splits.find(({ name }) => name === wantedSplit)
  if (split === undefined) throw openChoice(repo, 'split', wantedSplit, splits)
  const patterns = split.patterns.map(globPattern)
  const files = data.filter((path) => patterns.some((pattern) => pattern.test(path)))
  if (files.length > 0) return { files: oneFormat(files), config: config.name, split: split.name }
  throw new ConfigError(
    `hub:${repo}  has no file ${split.patterns.join(', ')}, which its card names for ${config.name}/${split.name}; name one with file.`,
  )
}

/** Without a card, folders and names tell: `main/train-00000-of-00001.parquet`, `data/test.jsonl`. */
function byNames(data: readonly string[], choice: FileChoice, repo: string): ChosenFiles {
  const configs = [...new Set(data.map(configIn))]
  const wanted = choice.config ?? (configs.length === 1 ? configs[0] : undefined)
  const inConfig = data.filter((path) => configIn(path) === wanted)
  if (inConfig.length === 0) throw openChoice(repo, 'config', wanted, configs.map(String))
  const splits = [...new Set(inConfig.map((path) => splitIn(path) ?? 'train'))]
  const split = choice.split === undefined ? (splits.length === 1 ? splits[0] : undefined) : canonical(choice.split)
  const files = inConfig.filter((path) => (splitIn(path) ?? 'train') === split)
  if (files.length === 0) throw openChoice(repo, 'split', choice.split, splits)
  return { files: oneFormat(files), config: wanted === NO_CONFIG ? undefined : wanted, split: choice.split ?? split }
}

const SPLITS: Readonly<Record<string, string>> = {
  train: 'train',
  training: 'train',
  test: 'test',
  testing: 'test',
  validation: 'validation',
  valid: 'validation',
  val: 'validation',
  dev: 'validation',
  eval: 'test',
  evaluation: 'test',
}
const NO_CONFIG = 'default'

function canonical(split: string): string {
  return SPLITS[split.toLowerCase()] ?? split.toLowerCase()
}

/** The last word of a path that names a split. */
function splitIn(path: string): string | undefined {
  const words = path.toLowerCase().split(/[/_.\-\s]+/)
  return words.flatMap((word) => (Object.hasOwn(SPLITS, word) ? [SPLITS[word]] : [])).at(-1)
}

/** The folders that name neither a split nor merely that there is data. */
function configIn(path: string): string {
  const folders = path.split('/').slice(0, -1)
  return (
    folders
      .filter((folder) => !/^(?:data|dataset)$/i.test(folder) && !Object.hasOwn(SPLITS, folder.toLowerCase()))
      .join('/') || NO_CONFIG
  )
}

/** Of the same rows in several formats, one. */
function oneFormat(files: readonly string[]): readonly string[] {
  const formatOf = (path: string) =>
    FORMATS.find((format) =>
      path
        .toLowerCase()
        .replace(/\.(?:gz|zst)$/, '')
        .endsWith(format),
    )
  const best = FORMATS.find((format) => files.some((path) => formatOf(path) === format))
  return files.filter((path) => formatOf(path) === best)
}

function openChoice(
  repo: string,
  what: 'config' | 'split',
  wanted: string | undefined,
  known: readonly string[],
): ConfigError {
  const has = `${what === 'config' ? 'configs' : 'splits'} ${shortList(known)}`
  const said = wanted === undefined ? `has the ${has}` : `has no ${what} ${wanted}, but the ${has}`
  return new ConfigError(`hub:${repo}  ${said}; say which with ${what}.`)
}

function shortList(names: readonly string[]): string {
  return names.length > 12 ? `${names.slice(0, 12).join(', ')}, … (${names.length} in all)` : names.join(', ')
}
