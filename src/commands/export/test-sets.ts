/** The test sets that an export is held against: the run's own held-out splits, or files of problems. */

import { statSync } from 'node:fs'
import { basename, dirname, resolve } from 'node:path'
import { DATASET_KINDS } from '../../core/datasets.ts'
import { ConfigError } from '../../core/errors.ts'
import type { TestSet } from '../../export/decontaminate.ts'
import { fetchSource } from '../../loop/hub-sources.ts'
import { optional } from '../../problems/datasets/fields.ts'
import { hubPlace } from '../../problems/datasets/published.ts'
import { readTable } from '../../problems/files/table.ts'
import { loadProblems } from '../../problems/load.ts'
import type { SourceSpec } from '../../problems/source.ts'
import type { FoundRun } from '../../run/find-run.ts'
import type { Store } from '../../store/store.ts'

/** Where a test set comes from. */
export type TestSetPlace =
  | { readonly kind: 'split'; readonly split: 'gate' | 'evaluate' }
  | { readonly kind: 'source'; readonly spec: SourceSpec; readonly directory: string; readonly seed: number }
  | { readonly kind: 'table'; readonly file: string }

/**
 * The test sets of options, or of run.yaml where there are none; what lies on the Hub is fetched.
 * @param names `gate`, `evaluate`, DATASET=FILE (`gsm8k=test.jsonl`), or a FILE with a column of questions
 * @throws ConfigError and ServerError where a dataset cannot be fetched
 */
export async function testSetPlaces(
  { config, configPath }: FoundRun,
  names: readonly string[] | undefined,
): Promise<TestSetPlace[]> {
  if (names) return names.map(namedPlace)
  const places: TestSetPlace[] = []
  for (const one of config.export.decontaminate) {
    if (typeof one === 'string') {
      places.push({ kind: 'split', split: one })
      continue
    }
    const source = one as SourceSpec
    const place = hubPlace(source)
    const spec = place === undefined ? source : (await fetchSource(place)).source
    places.push({ kind: 'source', spec, directory: dirname(configPath), seed: config.seed })
  }
  return places
}

function namedPlace(name: string): TestSetPlace {
  if (name === 'gate' || name === 'evaluate') return { kind: 'split', split: name }
  const dataset = DATASET_KINDS.find((one) => name.startsWith(`${one}=`))
  if (!dataset) return { kind: 'table', file: name }
  const spec = { dataset, path: name.slice(dataset.length + 1) }
  return { kind: 'source', spec, directory: process.cwd(), seed: 1 }
}

/** @throws ConfigError for a file that cannot be read or has no column of questions */
export function readTestSet(store: Store, place: TestSetPlace): TestSet {
  switch (place.kind) {
    case 'split':
      return { name: place.split, questions: store.run.problems(place.split) }
    case 'source': {
      const { spec, directory, seed } = place
      const { problems } = loadProblems([spec], 'evaluate', seed, directory)
      const where = spec.repo ?? (spec.path === undefined ? spec.dataset : `${spec.dataset}=${basename(spec.path)}`)
      return { name: spec.name ?? where, questions: problems }
    }
    case 'table':
      return fromTable(place.file)
  }
}

const QUESTION_COLUMNS = ['question', 'problem', 'prompt', 'instruction'] as const

function fromTable(file: string): TestSet {
  const path = resolve(file)
  if (!statSync(path, { throwIfNoEntry: false })?.isFile()) {
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
