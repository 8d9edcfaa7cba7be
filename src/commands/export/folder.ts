/** Exporting a run as a dataset folder: data files, manifest, card, picture, and what trainers want to be told. */

import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { basename, join, parse, resolve } from 'node:path'
import { type CardFiles, renderCard } from '../../export/card.ts'
import type { FileKind } from '../../export/dataset-file.ts'
import type { ContaminationHit } from '../../export/decontaminate.ts'
import { MANIFEST_FILE, replaceFolder } from '../../export/folder.ts'
import { licenceOf, licenceOfAll } from '../../export/licences.ts'
import { type Manifest, type ManifestSource, manifestText } from '../../export/manifest.ts'
import { plotSummary } from '../../export/plot.ts'
import { createTally, type ExportSummary } from '../../export/summary.ts'
import { axolotlSnippet, llamaFactoryInfo } from '../../export/trainers.ts'
import { type Shard, writeShards } from '../../export/write-dataset.ts'
import type { FoundRun } from '../../run/find-run.ts'
import type { Store } from '../../store/store.ts'
import { checkpointHashes, type ExportRequest, type FoundExport, markedKind, rowsOf, withExport } from './file.ts'
import { filtersInForce } from './selection.ts'

export interface FolderOptions {
  /** Folder to make; a dataset that is there already is replaced. */
  readonly out: string
  readonly kind: FileKind
  /** Most rows of a file; undefined for one file. */
  readonly shardRows: number | undefined
  /** Name of the dataset; the run's otherwise. */
  readonly name: string | undefined
  /** Identifier of its licence; otherwise that of its sources, where they agree. */
  readonly licence: string | undefined
}

export interface ExportedFolder {
  readonly path: string
  readonly rows: number
  readonly files: readonly Shard[]
  /** Where words of test sets were met. */
  readonly hits: readonly ContaminationHit[]
}

const DATA_FOLDER = 'data'

/**
 * @throws ConfigError where something else than a dataset is in its place, or a test set cannot be read; StoreError when the run
 *   cannot be read or the disk refuses
 */
export function exportFolder(found: FoundRun, request: ExportRequest, options: FolderOptions): ExportedFolder {
  return withExport(found, request, true, (open) =>
    replaceFolder(options.out, (folder) => {
      const { opened, store, selection } = open
      mkdirSync(join(folder, DATA_FOLDER))
      const tally = createTally(false, selection.similarity)
      const shards = writeShards(
        join(folder, DATA_FOLDER),
        { format: request.format, kind: markedKind(opened, options.kind), stem: 'train', shardRows: options.shardRows },
        rowsOf(opened, tally),
      )
      const summary = tally.summary(opened.fates, checkpointHashes(store))
      const hits = opened.hits()
      const files = shards.map((shard) => ({ ...shard, name: `${DATA_FOLDER}/${shard.name}` }))
      const manifest = manifestOf(found, request, options, open, { files, summary, hits })
      writeCompanions(folder, basename(resolve(options.out)), manifest, summary, hits, options.kind)
      return { path: options.out, rows: summary.rows, files, hits }
    }),
  )
}

interface Contents {
  readonly files: readonly Shard[]
  readonly summary: ExportSummary
  readonly hits: readonly ContaminationHit[]
}

function manifestOf(
  { config }: FoundRun,
  { format }: ExportRequest,
  { kind, name, licence }: FolderOptions,
  { store, selection }: FoundExport,
  { files, summary, hits }: Contents,
): Manifest {
  const sources = sourcesOf(config.problems.train, summary)
  const { duplicates: _, checkpoints, ...rest } = summary
  const prompt = store.run.prompts().training
  return {
    schema: 1,
    madeBy: `spendwise ${programVersion()}`,
    name: name ?? config.name,
    run: config.name,
    format,
    ...kind,
    rows: summary.rows,
    files,
    licence: licence ?? licenceOfAll(sources.map(({ dataset }) => licenceOf(dataset))),
    seed: { run: config.seed, draw: selection.seed },
    filters: filtersInForce(selection),
    prompt: { name: prompt.name, sha256: prompt.sha256 },
    sources,
    checkpoints: store.iterations
      .checkpoints()
      .flatMap(({ hash, iteration, kind: weights, path }) =>
        checkpoints[hash] === undefined
          ? []
          : [{ hash, iteration, kind: weights, name: basename(path), traces: checkpoints[hash] }],
      ),
    unanswered: unansweredIn(store, Object.keys(summary.iterations)),
    testSets: selection.testSets.map((set) => ({
      name: set.name,
      questions: set.questions.length,
      hits: hits.filter(({ testSet }) => testSet === set.name).length,
    })),
    summary: rest,
  }
}

function unansweredIn(store: Store, iterations: readonly string[]): Record<string, number> {
  const rows = store.ledger
    .completions()
    .filter(({ iteration, disposition }) => disposition === 'unanswered' && iterations.includes(String(iteration)))
  const sums: Record<string, number> = {}
  for (const { iteration, completions } of rows) sums[iteration] = (sums[iteration] ?? 0) + completions
  return sums
}

interface ConfiguredSource {
  readonly dataset: string
  readonly name?: string | undefined
  readonly path?: string | undefined
  readonly repo?: string | undefined
}

/** The sources that traces come from, with what read each; names of a source's parts begin with its own. */
function sourcesOf(configured: readonly ConfiguredSource[], { sources }: ExportSummary): ManifestSource[] {
  return Object.keys(sources).map((name) => {
    const source =
      configured.find((one) => namesOf(one).includes(name)) ??
      configured.find((one) => namesOf(one).some((own) => name.startsWith(`${own}/`))) ??
      (configured.length === 1 ? configured[0] : undefined)
    const dataset = source?.repo ?? source?.dataset ?? 'unknown'
    return { name, dataset, licence: licenceOf(dataset).id }
  })
}

/** What traces of a source may say they are from: its name, or what stands for one. */
function namesOf({ name, dataset, path, repo }: ConfiguredSource): string[] {
  if (name !== undefined) return [name]
  return [dataset, ...(path === undefined ? [] : [parse(path).name]), ...(repo?.split('/').slice(-1) ?? [])]
}

function writeCompanions(
  folder: string,
  name: string,
  manifest: Manifest,
  summary: ExportSummary,
  hits: readonly ContaminationHit[],
  kind: FileKind,
): void {
  const write = (file: string, text: string): string => {
    writeFileSync(join(folder, file), text)
    return file
  }
  const info = llamaFactoryInfo(manifest.name, manifest.format, kind, DATA_FOLDER)
  const snippet = axolotlSnippet(manifest.format, name)
  const files: CardFiles = {
    data: DATA_FOLDER,
    manifest: write(MANIFEST_FILE, manifestText(manifest)),
    plot: write('lengths.svg', plotSummary(summary)),
    hits: hits.length === 0 ? undefined : write('contamination.jsonl', hitLines(hits)),
    llamaFactory: info && write('dataset_info.json', `${JSON.stringify(info, null, 2)}\n`),
    axolotl: snippet === undefined ? undefined : write('axolotl.yaml', snippet),
  }
  write('README.md', renderCard(manifest, files))
}

/** One line a hit. */
export function hitLines(hits: readonly ContaminationHit[]): string {
  return hits.map((hit) => `${JSON.stringify(hit)}\n`).join('')
}

function programVersion(): string {
  const { version } = JSON.parse(readFileSync(new URL('../../../package.json', import.meta.url), 'utf8')) as {
    version: string
  }
  return version
}
