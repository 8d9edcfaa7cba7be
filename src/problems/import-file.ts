/** `problems import`: one published dataset in, one file of rows {id, question, answer, …} out, with a report of odd rows. */

import { DATASET_KINDS, type DatasetKind } from '../core/datasets.ts'
import { ConfigError } from '../core/errors.ts'
import { writeRows } from './files/write-rows.ts'
import type { OddRow } from './importer.ts'
import { loadRows } from './load.ts'
import type { SourceSpec } from './source.ts'

export interface ImportOptions extends Pick<SourceSpec, 'fields' | 'where' | 'dedupe' | 'strict' | 'golds'> {
  /** A dataset by its name, in any case: gsm8k, math, math500, svamp, asdiv, jsonl, csv, parquet, deepscaler, …; or hub. */
  readonly dataset: string
  /** Of `hub` what to call it: `hub:openai/gsm8k`. */
  readonly path: string
  readonly out: string
  readonly name?: string
  readonly take?: string
  readonly level?: readonly string[]
  /** Of a dataset on the Hub: where its fetched files lie, and what they are. */
  readonly hub?: SourceSpec
}

export interface ImportReport {
  readonly dataset: DatasetKind
  readonly path: string
  readonly out: string
  readonly rows: number
  readonly odd: readonly OddRow[]
  /** Of a dataset on the Hub. */
  readonly commit?: string
}

const ALIASES: Readonly<Record<string, DatasetKind>> = {
  'math-500': 'math',
  math500: 'math',
  json: 'jsonl',
  tsv: 'csv',
}

/** Kinds that have a file to import. */
export const IMPORTABLE = DATASET_KINDS.filter((kind) => kind !== 'steps' && kind !== 'symbolic' && kind !== 'hub')

/** @throws ConfigError for a dataset, file or row that cannot be used; nothing is written then */
export function importFile(options: ImportOptions): ImportReport {
  const { dataset: wanted, out, hub, ...source } = options
  const dataset = hub?.dataset ?? datasetOf(wanted)
  const odd: OddRow[] = []
  const spec: SourceSpec = hub === undefined ? { ...source, dataset } : { ...source, path: undefined, ...hub }
  const rows = loadRows(spec, process.cwd(), (row) => odd.push(row))
  writeRows(out, (write) => {
    for (const { problem, more } of rows) {
      const { id, question, answer, level: difficulty } = problem
      write({ id, question, answer, level: difficulty, ...more })
    }
  })
  const commit = hub?.revision
  return { dataset, path: source.path, out, rows: rows.length, odd, ...(commit === undefined ? {} : { commit }) }
}

function datasetOf(text: string): DatasetKind {
  const wanted = text.toLowerCase()
  const known = IMPORTABLE.find((kind) => kind === wanted) ?? ALIASES[wanted]
  if (known !== undefined) return known
  if (wanted === 'symbolic' || wanted === 'steps') {
    throw new ConfigError(
      `${text} problems are generated, not imported: use problems generate, or dataset: ${wanted} in run.yaml.`,
    )
  }
  throw new ConfigError(`There is no dataset ${text}; it is one of ${IMPORTABLE.join(', ')}, or hub:OWNER/NAME.`)
}
