/** The problems of a run: all sources of the three splits, kept apart from each other. */

import { basename, extname, resolve } from 'node:path'
import type { DatasetKind } from '../core/datasets.ts'
import { ConfigError } from '../core/errors.ts'
import type { Problem, Split } from '../core/problem.ts'
import { plural } from '../core/words/plural.ts'
import { importers } from './datasets/importers.ts'
import type { ImportedRow, Importer, OddRow } from './importer.ts'
import { levelsOf, type SourceSpec, takeRows } from './source.ts'

export interface LoadedProblems {
  readonly problems: readonly Problem[]
  /** Ratio of prompts by source. */
  readonly weights: Readonly<Record<string, number>>
}

export interface SplitSources {
  readonly train: readonly SourceSpec[]
  readonly gate?: readonly SourceSpec[]
  readonly evaluate?: readonly SourceSpec[]
}

export interface LoadedSplits {
  readonly train: readonly Problem[]
  readonly gate: readonly Problem[]
  readonly evaluate: readonly Problem[]
  /** Ratio of prompts by source of train. */
  readonly weights: Readonly<Record<string, number>>
  /** What was held out or dropped, one sentence each, for people. */
  readonly notes: readonly string[]
}

/**
 * Loads the sources of one split.
 * @param baseDirectory the folder that relative paths start from
 * @throws ConfigError for a file, a row or a source that cannot be used
 */
export function loadProblems(
  sources: readonly SourceSpec[],
  split: Split,
  seed: number,
  baseDirectory: string,
): LoadedProblems {
  const { rows, weights } = importSplit(sources, split, seed, baseDirectory, [])
  return { problems: withOwnIds(rows).map((row) => row.problem), weights }
}

/**
 * Loads all three splits and keeps them disjoint: a row that evaluate takes is in neither gate nor train, a row that
 * gate takes is not in train, and the same goes for rows that merely ask the same question.
 * @throws ConfigError for a file, a row or a source that cannot be used, for equal ids, and when a split is left empty
 */
export function loadSplits(sources: SplitSources, seed: number, baseDirectory: string): LoadedSplits {
  const notes: string[] = []
  const load = (split: Split) => importSplit(sources[split] ?? [], split, seed, baseDirectory, notes)
  const evaluate = load('evaluate').rows
  const gate = holdOut(load('gate').rows, 'gate', evaluate, 'evaluate', notes)
  const loaded = load('train')
  const withoutEvaluate = holdOut(loaded.rows, 'train', evaluate, 'evaluate', notes)
  const train = holdOut(withoutEvaluate, 'train', gate, 'gate', notes)
  const problems = withOwnIds([...train, ...gate, ...evaluate]).map((row) => row.problem)
  const of = (split: Split) => problems.filter((problem) => problem.split === split)
  return {
    train: of('train'),
    gate: of('gate'),
    evaluate: of('evaluate'),
    weights: loaded.weights,
    notes,
  }
}

interface ImportedSplit {
  readonly rows: readonly ImportedRow[]
  readonly weights: Readonly<Record<string, number>>
}

function importSplit(
  sources: readonly SourceSpec[],
  split: Split,
  seed: number,
  baseDirectory: string,
  notes: string[],
): ImportedSplit {
  const rows: ImportedRow[] = []
  const weights: Record<string, number> = {}
  for (const spec of sources) {
    const { weight = 1 } = spec
    if (!Number.isFinite(weight) || weight <= 0) {
      throw new ConfigError(`A ${spec.dataset} source of ${split} has weight ${weight}; a weight is a number above 0.`)
    }
    const odd: OddRow[] = []
    const imported = importSource(spec, split, seed, baseDirectory, (row) => odd.push(row))
    noteOdd(spec, split, odd, notes)
    const names = [...new Set(imported.map((row) => row.problem.source))]
    for (const name of names) {
      if (name in weights) {
        throw new ConfigError(`Two sources of ${split} are called ${name}; give one of them another name.`)
      }
      weights[name] = weight / names.length
    }
    for (const row of imported) rows.push(row)
  }
  return { rows, weights }
}

/**
 * The rows of one source alone, as a train split.
 * @param kinds the datasets that are known
 * @throws ConfigError for a file, row or key that cannot be used, and for equal ids
 */
export function loadRows(
  spec: SourceSpec,
  baseDirectory: string,
  odd: (row: OddRow) => void,
  kinds: Readonly<Record<DatasetKind, Importer>> = importers,
): readonly ImportedRow[] {
  const rows = importSource(spec, 'train', 0, baseDirectory, odd, kinds)
  refuseDuplicateIds(rows)
  return rows
}

/** One sentence for each fate, with the first row as the example. */
function noteOdd(spec: SourceSpec, split: Split, odd: readonly OddRow[], notes: string[]): void {
  for (const isKept of [true, false]) {
    const rows = odd.filter(({ kept }) => kept === isKept)
    const [first] = rows
    if (first === undefined) continue
    const fate = isKept ? 'odd and kept' : 'left out'
    notes.push(
      `${rows.length} ${plural(rows.length, 'row')} of the ${spec.dataset} source of ${split} ${plural(rows.length, 'is', 'are')} ${fate}: ${first.place}  ${first.reason}${rows.length > 1 ? ', …' : '.'}`,
    )
  }
}

const EVERYWHERE: readonly (keyof SourceSpec)[] = ['dataset', 'name', 'weight']

/**
 * The rows of one source.
 * @throws ConfigError for a key that means nothing there, and for a file or row that cannot be used
 */
function importSource(
  spec: SourceSpec,
  split: Split,
  seed: number,
  baseDirectory: string,
  odd: (row: OddRow) => void,
  kinds: Readonly<Record<DatasetKind, Importer>> = importers,
): readonly ImportedRow[] {
  const importer = kinds[spec.dataset]
  for (const key of Object.keys(spec) as (keyof SourceSpec)[]) {
    if (spec[key] !== undefined && !EVERYWHERE.includes(key) && !importer.keys.includes(key)) {
      throw new ConfigError(
        `A ${spec.dataset} source of ${split} has ${key}, which is not a key of it; allowed keys: ${importer.keys.join(', ')}.`,
      )
    }
  }
  const path = spec.path === undefined ? undefined : resolve(baseDirectory, spec.path)
  const part = basename(path ?? '', extname(path ?? ''))
  const where = path ?? (spec.repo === undefined ? spec.dataset : `hub:${spec.repo}`)
  const taken = takeRows(importer.read({ spec, split, seed, path, part, odd }), spec.take, where)
  const levels = levelsOf(spec)
  if (levels === undefined) return taken
  const kept = taken.filter(({ problem }) => problem.level !== undefined && levels.includes(problem.level))
  if (kept.length > 0) return kept
  throw new ConfigError(`${where}  has no problem of level ${levels.join(', ')}; the level stands in each row.`)
}

/**
 * The rows that are not among the others, neither as the same row nor with the same question, and no kin of them: a
 * question and the instances of the template that was made from it. Notes say how many went.
 */
function holdOut(
  rows: readonly ImportedRow[],
  split: Split,
  others: readonly ImportedRow[],
  other: Split,
  notes: string[],
): readonly ImportedRow[] {
  const places = new Set(others.map((row) => row.place))
  const questions = new Set(others.map(questionKey))
  const parents = new Set(others.map(parentKey))
  const apart = rows.filter((row) => !places.has(row.place))
  const fresh = apart.filter((row) => !questions.has(questionKey(row)))
  const kept = fresh.filter((row) => !questions.has(parentKey(row) ?? '') && !parents.has(questionKey(row)))
  const held = rows.length - apart.length
  const repeated = apart.length - fresh.length
  const kin = fresh.length - kept.length
  if (held > 0)
    notes.push(
      `${held} ${plural(held, 'row')} of ${split} ${plural(held, 'is', 'are')} held out for ${other}; ${kept.length} ${plural(kept.length, 'is', 'are')} left.`,
    )
  if (repeated > 0)
    notes.push(
      `${repeated} ${plural(repeated, 'problem')} of ${split} ${plural(repeated, 'asks', 'ask')} a question of ${other} word for word and ${plural(repeated, 'was', 'were')} dropped.`,
    )
  if (kin > 0)
    notes.push(
      `${kin} ${plural(kin, 'problem')} of ${split} and questions of ${other} are a template's instances and its parent; dropped from ${split}.`,
    )
  if (rows.length > 0 && kept.length === 0) {
    throw new ConfigError(
      `Every problem of ${split} is also in ${other}; take different rows, for example with take: last-500.${kin > 0 ? ' Instances of a template count as its parent.' : ''}`,
    )
  }
  return kept
}

function questionKey({ problem }: ImportedRow): string {
  return normalized(problem.question)
}

function parentKey({ parentQuestion }: ImportedRow): string | undefined {
  return parentQuestion === undefined ? undefined : normalized(parentQuestion)
}

function normalized(text: string): string {
  return text.trim().replace(/\s+/g, ' ')
}

/**
 * Ids that two sources share (exams number their problems from 1) get their source's name in front, all of these sources' ids
 * alike; within one source an id stands once.
 * @throws ConfigError for an id that stands twice in one source, or in two of the same name
 */
function withOwnIds(rows: readonly ImportedRow[]): readonly ImportedRow[] {
  const owners = new Map<string, string>()
  const clashing = new Set<string>()
  for (const { problem } of rows) {
    const owner = owners.get(problem.id) ?? problem.source
    owners.set(problem.id, owner)
    if (owner !== problem.source) clashing.add(owner).add(problem.source)
  }
  const named = rows.map((row) =>
    clashing.has(row.problem.source)
      ? { ...row, problem: { ...row.problem, id: `${row.problem.source}/${row.problem.id}` } }
      : row,
  )
  refuseDuplicateIds(named)
  return named
}

function refuseDuplicateIds(rows: readonly ImportedRow[]): void {
  const places = new Map<string, string>()
  for (const { problem, place } of rows) {
    const first = places.get(problem.id)
    if (first !== undefined) {
      throw new ConfigError(
        `${place}  has the id ${problem.id}, as ${first} has; give each problem its own id, or their sources different names.`,
      )
    }
    places.set(problem.id, place)
  }
}
