/** The test sets that an export is held against: the run's own held-out splits, or files of problems. */

import { statSync } from 'node:fs'
import { basename, resolve } from 'node:path'
import { DATASETS } from '../config/problems-section.ts'
import type { RunConfig } from '../config/schema.ts'
import { ConfigError } from '../core/errors.ts'
import type { TestSet } from '../export/decontaminate.ts'
import { optional } from '../problems/fields.ts'
import { loadProblems } from '../problems/load.ts'
import type { SourceSpec } from '../problems/source.ts'
import { readTable } from '../problems/table.ts'
import type { Store } from '../store/store.ts'

/** As run.yaml names them: a split of the run, or a source. */
export type NamedTestSet = RunConfig['export']['decontaminate'][number]

/**
 * Reads what run.yaml names; paths are relative to it.
 * @throws ConfigError for a file that cannot be read
 */
export function configuredTestSets(
  store: Store,
  named: readonly NamedTestSet[],
  directory: string,
  seed: number,
): TestSet[] {
  return named.map((one) => {
    if (typeof one === 'string') return ownSplit(store, one)
    return fromSource(one as SourceSpec, directory, seed)
  })
}

/**
 * Reads what an option names: `gate`, `evaluate`, DATASET=FILE (`gsm8k=test.jsonl`), or a FILE with a column of questions.
 * @throws ConfigError for a file that cannot be read or has no such column
 */
export function namedTestSet(store: Store, name: string): TestSet {
  if (name === 'gate' || name === 'evaluate') return ownSplit(store, name)
  const dataset = DATASETS.find((one) => name.startsWith(`${one}=`))
  if (dataset) return fromSource({ dataset, path: name.slice(dataset.length + 1) } as SourceSpec, process.cwd(), 1)
  return fromTable(name)
}

function ownSplit(store: Store, split: 'gate' | 'evaluate'): TestSet {
  return { name: split, questions: store.run.problems(split) }
}

/** The seed is for sources that generate their problems. */
function fromSource(spec: SourceSpec, directory: string, seed: number): TestSet {
  const { problems } = loadProblems([spec], 'evaluate', seed, directory)
  return {
    name: spec.name ?? (spec.path === undefined ? spec.dataset : `${spec.dataset}=${basename(spec.path)}`),
    questions: problems,
  }
}

const QUESTION_COLUMNS = ['question', 'problem', 'Question', 'Problem', 'prompt', 'instruction'] as const

function fromTable(file: string): TestSet {
  const path = resolve(file)
  if (!isFile(path)) {
    throw new ConfigError(
      `--decontaminate ${file}: there is no such file; give a file of problems, DATASET=PATH like math=MATH/test, gate or evaluate.`,
    )
  }
  const rows = readTable(path)
  const column = QUESTION_COLUMNS.find((one) => rows.some((row) => one in row.value))
  if (column === undefined) {
    throw new ConfigError(
      `--decontaminate ${file}: no column is called ${QUESTION_COLUMNS.slice(0, 2).join(' or ')} (there are ${Object.keys(rows[0]?.value ?? {}).join(', ')}); say what it is, like svamp=${file}.`,
    )
  }
  const questions = rows.flatMap((row) => {
    const question = optional(row, column)
    return question === undefined ? [] : [{ id: optional(row, 'id') ?? `${basename(file)}:${row.number}`, question }]
  })
  return { name: basename(file), questions }
}

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() ?? false
}
