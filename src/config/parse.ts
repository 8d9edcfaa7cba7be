/** run.yaml and --set flags to a RunConfig, or to all that is wrong with them, a line each. */

import { readFileSync } from 'node:fs'
import { basename, dirname, resolve } from 'node:path'
import { ConfigError, codeOf } from '../core/errors.ts'
import { inheritedKeys, type Layer, layerOf, mergeLayers, readLayers } from './extends.ts'
import { brokenRules, type Fault } from './rules.ts'
import { RUN_SCHEMAS, type RunConfig, type RunSchemas } from './schema.ts'
import { MOST_ITERATIONS } from './sections/budget.ts'
import { describeIssue, faultLine, faultsOf } from './sentences.ts'
import { applySetting, readSetting, type Setting, settingOf } from './set.ts'
import { runFileShape, WORD_SECTIONS } from './shape.ts'
import { isMapping, type Path, valueAt } from './tree.ts'

const MOST_LINES = 10

export interface ConfigSource {
  /** YAML text of the run. */
  readonly text: string
  /** How messages name the file. */
  readonly file: string
  /** Absolute path of the file, where there is one: only a file can extend another. */
  readonly path?: string | undefined
  /** What the default of `name` is made from; otherwise the base name of the file. */
  readonly named?: string | undefined
  /** `--set` values, each `a.b=c`, in order. */
  readonly sets?: readonly string[]
}

export interface LoadedConfig {
  readonly config: RunConfig
  /** The file's text as it was read. */
  readonly text: string
  /** Absolute path of the file. */
  readonly path: string
  /** Absolute path of the directory that paths in the config are relative to. */
  readonly directory: string
}

/**
 * A run, checked and fully spelled out.
 * @param schemas of the kinds that are known
 * @throws ConfigError with one line a fault, ten at most, each `FILE:LINE  path is VALUE; what is allowed. What to write instead.`
 */
export function parseRunConfig(
  { text, file, path: own, named, sets = [] }: ConfigSource,
  schemas: RunSchemas = RUN_SCHEMAS,
): RunConfig {
  const layers = readLayers(text, file, own)
  const settings = sets.map(readSetting)
  const changed = settings.reduce((tree, setting) => applySetting(withWholeKinds(tree), setting), mergeLayers(layers))
  const tree = withName(
    withoutTraining(withAuto(withWholeKinds(changed))),
    named ?? basename(file).replace(/\.ya?ml$/i, ''),
  )

  const result = schemas.config.safeParse(tree, { error: describeIssue, reportInput: false })
  const rules = brokenRules(tree)
  if (result.success && rules.length === 0) return result.data
  const shape = runFileShape(schemas.file)
  const faults = [...(result.error?.issues ?? []).flatMap((issue) => faultsOf(issue, tree, shape)), ...rules]
  throw new ConfigError(report(faults, layers, settings, tree))
}

/** @throws ConfigError where the file cannot be read, or as parseRunConfig */
export function loadRunConfig(path: string, sets: readonly string[] = []): LoadedConfig {
  const text = readText(path)
  const absolute = resolve(path)
  const directory = dirname(absolute)
  // Every project has a run.yaml; two of them that are run in one working directory must not share a folder.
  const named = /^run\.ya?ml$/i.test(basename(path)) ? basename(directory) : undefined
  return { config: parseRunConfig({ text, file: path, path: absolute, named, sets }), text, path: absolute, directory }
}

/** What a run.yaml takes from files that it extends, by file. @throws ConfigError as loadRunConfig */
export function inheritedBy(path: string): ReturnType<typeof inheritedKeys> {
  return inheritedKeys(readLayers(readText(path), path, resolve(path)))
}

/** A path of the config as an absolute one: paths are relative to the directory of run.yaml. */
export function resolveConfigPath(directory: string, path: string): string {
  return resolve(directory, path)
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (cause) {
    const code = codeOf(cause) ?? ''
    const why =
      code === 'ENOENT' ? 'does not exist' : code === 'EISDIR' ? 'is a directory' : `cannot be read (${code || cause})`
    throw new ConfigError(`${path} ${why}. Name a run.yaml, or make one with: spendwise init`, { cause })
  }
}

/** `train: none` is short for `train: { kind: none }`. */
function withWholeKinds(tree: unknown): unknown {
  if (!isMapping(tree)) return tree
  const words = WORD_SECTIONS.filter((section) => typeof valueAt(tree, [section]) === 'string')
  return { ...tree, ...Object.fromEntries(words.map((section) => [section, { kind: tree[section] }])) }
}

/**
 * `growth: auto` of an exponential policy leaves n_t to the planner, `initial: auto` n_0 as well; `iterations: auto` are as many as
 * `budget.cost` pays for.
 */
function withAuto(tree: unknown): unknown {
  if (!isMapping(tree) || !isMapping(tree.budget)) return tree
  const { policy, ...budget } = tree.budget
  const counted = budget.iterations === 'auto' && isSet(budget.cost) ? { iterations: MOST_ITERATIONS } : {}
  if (!isMapping(policy) || policy.kind !== 'exponential' || policy.growth !== 'auto') {
    return { ...tree, budget: { ...tree.budget, ...counted } }
  }
  const { growth: _, initial, ...rest } = policy
  const solved = { ...rest, kind: 'auto', initial: initial === 'auto' ? null : initial }
  return { ...tree, budget: { ...tree.budget, policy: solved } }
}

/** With `train: none` nothing is trained here, and a price that nobody wrote is 0. */
function withoutTraining(tree: unknown): unknown {
  if (!isMapping(tree) || valueAt(tree, ['train', 'kind']) !== 'none' || !isMapping(tree.budget)) return tree
  const { costs = {} } = tree.budget
  const isUnit = !isMapping(costs) || (costs.unit !== undefined && costs.unit !== 'prices')
  return isUnit ? tree : { ...tree, budget: { ...tree.budget, costs: { train: 0, ...costs } } }
}

function isSet(value: unknown): boolean {
  return value !== undefined && value !== null
}

function withName(tree: unknown, from: string): unknown {
  if (!isMapping(tree) || Object.hasOwn(tree, 'name')) return tree
  const name = from
    .replace(/[^A-Za-z0-9._-]+/g, '-')
    .replace(/^[^A-Za-z0-9]+/, '')
    .slice(0, 100)
  return { name: name || 'run', ...tree }
}

function report(
  faults: readonly Fault[],
  layers: readonly [Layer, ...Layer[]],
  settings: readonly Setting[],
  tree: unknown,
): string {
  const [{ file }] = layers
  const lineOf = (path: Path): number => layerOf(layers, path).document.lineOf(path)
  const place = (path: Path) => settingOf(settings, path)?.flag ?? `${layerOf(layers, path).file}:${lineOf(path)}`
  const seen = new Set<string>()
  const meant = new Set(faults.flatMap((fault) => fault.meant?.join('.') ?? []))
  const lines = faults
    .filter(({ path }) => !(meant.has(path.join('.')) && valueAt(tree, path) === undefined))
    .filter(({ path }) => !seen.has(path.join('.')) && seen.add(path.join('.')))
    .map((fault) => ({ line: faultLine(fault, place(fault.path), tree), at: lineOf(fault.path) }))
    .sort((a, b) => a.at - b.at)
    .map(({ line }) => line)
  const more = lines.length - MOST_LINES
  return [
    ...lines.slice(0, MOST_LINES),
    ...(more > 0 ? [`${file}  has ${more} more fault${more > 1 ? 's' : ''}.`] : []),
  ].join('\n')
}
