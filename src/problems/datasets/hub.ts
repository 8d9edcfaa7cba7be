/** A dataset on the Hugging Face Hub, once its files have been fetched: read as what its columns show it to be. */

import type { Reading } from '../../core/datasets.ts'
import { ConfigError } from '../../core/errors.ts'
import type { JsonRow } from '../files/json-lines.ts'
import type { RowsWanted } from '../files/parquet.ts'
import { readTable } from '../files/table.ts'
import type { ImportedRow, Importer, ImportRequest } from '../importer.ts'
import type { SourceSpec } from '../source.ts'
import { gsm8kImporter } from './gsm8k.ts'
import { mathImporter } from './math.ts'
import { type PublishedSet, publishedAt, unwrapped, withPublished } from './published.ts'
import { ROW_KEYS, rowProblems, rowsWanted } from './rows.ts'
import { svampImporter } from './svamp.ts'

const HUB_KEYS = [
  'repo',
  'config',
  'split',
  'file',
  'revision',
  'files',
  'take',
  'level',
  'fields',
  ...ROW_KEYS,
] as const

/** Ids are NAME/SPLIT/000123, or the rows' own; NAME is the second part of OWNER/NAME. */
export const hubImporter: Importer = {
  keys: [...HUB_KEYS, 'as'],
  read: (request): readonly ImportedRow[] => {
    const { spec } = request
    const set = spec.as === undefined && spec.fields === undefined ? publishedAt(spec.repo) : undefined
    const rows = joined(filesOf(spec), rowsWanted(set === undefined ? spec : withPublished(spec, set)), set?.read)
    const name = spec.name ?? spec.repo?.split('/').at(-1) ?? 'hub'
    const part = spec.split ?? request.part
    const full: ImportRequest = { ...request, spec: { ...spec, name }, part, rows }
    if (set !== undefined) return publishedRows(rows, name, `${name}/${part}`, full, set)
    const reading = spec.as ?? readingOf(rows[0], spec)
    if (reading === 'rows') return rowProblems(rows, name, `${name}/${part}`, full)
    const given = (['fields', ...ROW_KEYS] as const).find((key) => spec[key] !== undefined)
    if (given !== undefined)
      throw new ConfigError(`hub:${spec.repo}  is read as ${reading}, whose rows are known; leave out ${given}.`)
    return READERS[reading].read(full)
  },
}

const READERS = { gsm8k: gsm8kImporter, math: mathImporter, svamp: svampImporter } satisfies Record<
  Exclude<Reading, 'rows'>,
  Importer
>

/** A published set by its name: its file, or its place on the Hub. Ids begin with the name. */
export function publishedImporter(set: PublishedSet): Importer {
  return {
    keys: ['path', ...HUB_KEYS],
    read: (request): readonly ImportedRow[] => {
      const { spec, path } = request
      const wanted = rowsWanted(withPublished(spec, set))
      const files = path === undefined ? filesOf({ ...spec, repo: spec.repo ?? set.repo }) : [path]
      const name = spec.name ?? spec.dataset
      return publishedRows(joined(files, wanted, set.read), name, name, request, set)
    },
  }
}

function publishedRows(
  rows: readonly JsonRow[],
  name: string,
  idPrefix: string,
  request: ImportRequest,
  set: PublishedSet,
): readonly ImportedRow[] {
  const spec = withPublished({ ...request.spec, name }, set)
  const found = rowProblems(rows, name, idPrefix, { ...request, spec })
  return found.map((row) => ({
    ...row,
    problem: { ...row.problem, question: unwrapped(row.problem.question, set) },
  }))
}

function filesOf({ repo, files }: SourceSpec): readonly string[] {
  if (files !== undefined) return files
  throw new ConfigError(`hub:${repo}  has not been fetched yet; spendwise doctor, run or problems import fetch it.`)
}

/** The rows of all files, numbered through. */
function joined(
  files: readonly string[],
  wanted: RowsWanted | undefined,
  read: NonNullable<PublishedSet['read']> = (file) => readTable(file, wanted),
): readonly JsonRow[] {
  const rows: JsonRow[] = []
  for (const file of files) for (const row of read(file)) rows.push({ ...row, number: rows.length })
  return rows
}

/** By the columns that published datasets have. */
function readingOf(first: JsonRow | undefined, { fields }: SourceSpec): Reading {
  const row = first?.value ?? {}
  if (fields !== undefined) return 'rows'
  if ('Body' in row && 'Question' in row && 'Answer' in row && 'ID' in row) return 'svamp'
  if ('problem' in row && 'solution' in row) return 'math'
  return 'question' in row && typeof row.answer === 'string' && /\n####[^\n]*$/.test(row.answer.trimEnd())
    ? 'gsm8k'
    : 'rows'
}
